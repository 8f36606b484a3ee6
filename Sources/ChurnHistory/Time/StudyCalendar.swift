import Foundation

/// The calendar of a study: which calendar day an instant falls on in the study's time zone, and when a day begins.
///
/// Instants are microseconds since 1970-01-01 00:00 UTC. The zone's changes of offset from 1970 to 2100 are read once;
/// from then on nothing depends on the machine's zone, locale or clock.
public struct StudyCalendar: Sendable {
    public let timeZoneName: String
    /// Segment i begins at `starts[i]` (seconds, UTC) and has `offsets[i]` seconds east of Greenwich.
    private let starts: [Int]
    private let offsets: [Int]
    /// The day that is running when segment i begins. Where clocks go back over midnight, no instant behind the first of the
    /// two midnights belongs to the day before, whatever the clock shows: days begin once.
    private let runningDays: [Int]

    public static let microsecondsPerSecond: Int64 = 1_000_000
    private static let secondsPerDay = 86_400
    /// 1970-01-01 and 2100-01-01.
    private static let scanned = 0...4_102_444_800

    /// - Parameter timeZoneName: an IANA name such as `Europe/Berlin`.
    /// - Returns: `nil` when there is no such zone.
    public init?(timeZoneName: String) {
        guard let zone = TimeZone(identifier: timeZoneName) else { return nil }
        self.timeZoneName = timeZoneName
        var starts = [Int.min / 4]
        func offset(_ second: Int) -> Int { zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))) }
        var offsets = [offset(Self.scanned.lowerBound)]
        // Steps of a week: no zone changes twice within one. Bisection finds the second of each change.
        let step = 7 * Self.secondsPerDay
        for right in stride(from: Self.scanned.lowerBound + step, through: Self.scanned.upperBound, by: step) {
            let new = offset(right)
            guard new != offsets[offsets.count - 1] else { continue }
            var before = right - step
            var after = right
            while after - before > 1 {
                let middle = (before + after) / 2
                if offset(middle) == new { after = middle } else { before = middle }
            }
            starts.append(after)
            offsets.append(new)
        }
        self.starts = starts
        self.offsets = offsets
        var runningDays = [Int.min]
        for segment in starts.indices.dropFirst() {
            let last = Self.floorDivide(starts[segment] - 1 + offsets[segment - 1], Self.secondsPerDay)
            runningDays.append(max(last, runningDays[segment - 1]))
        }
        self.runningDays = runningDays
    }

    /// Tells calendars apart that have one name: the rules of zones change with the machine's time-zone data.
    var fingerprint: String {
        let numbers = starts + offsets + runningDays
        return numbers.withUnsafeBytes { bytes in
            let hash = RowHash(bytes.bindMemory(to: UInt8.self))
            return String(hash.low, radix: 16) + String(hash.high, radix: 16)
        }
    }

    /// The calendar day of an instant: the last one that has begun, `start(of: day) <= instant`.
    ///
    /// That is the day that a clock shows, but where clocks go back over midnight, as in St. John's until 2011 from 00:01 to
    /// 23:01: the day that has begun there goes on.
    public func day(of instant: Int64) -> CalendarDay {
        let second = Self.floorDivide(Int(instant), Int(Self.microsecondsPerSecond))
        let segment = segment(atUTC: second)
        let shown = Self.floorDivide(second + offsets[segment], Self.secondsPerDay)
        return CalendarDay(number: max(shown, runningDays[segment]))
    }

    /// The first instant of a calendar day: local midnight, the first of two, or the first moment after it where midnight is
    /// skipped.
    public func start(of day: CalendarDay) -> Int64 {
        let local = day.number * Self.secondsPerDay
        let second =
            switch resolve(localSecond: local) {
            case .unique(let second), .repeated(let second): second
            case .skipped(let firstAfter): firstAfter
            }
        return Int64(second) * Self.microsecondsPerSecond
    }

    /// What a wall-clock reading means.
    public enum Resolution: Equatable, Sendable {
        /// Seconds since 1970 UTC.
        case unique(Int)
        /// Two instants have this reading (clocks were set back); the first of them.
        case repeated(Int)
        /// No instant has this reading (clocks were set forward); the first instant after the gap.
        case skipped(Int)
    }

    /// - Parameter localSecond: the wall-clock reading as seconds since 1970-01-01 00:00 on that clock.
    public func resolve(localSecond: Int) -> Resolution {
        // No zone is more than a day away from UTC, so only segments near the reading can hold it.
        var found: Int?
        var index = segment(atUTC: localSecond - Self.secondsPerDay)
        while index < starts.count, starts[index] <= localSecond + Self.secondsPerDay {
            let utc = localSecond - offsets[index]
            let end = index + 1 < starts.count ? starts[index + 1] : Int.max
            if utc >= starts[index], utc < end {
                if let found { return .repeated(found) }
                found = utc
            } else if found == nil, utc < starts[index] {
                return .skipped(starts[index])
            }
            index += 1
        }
        return .unique(found ?? localSecond - offsets[offsets.count - 1])
    }

    /// How far the zone is from UTC at an instant, the instants around it for which that holds, both in microseconds, and the
    /// day that is running when they begin.
    func offsetSpan(at instant: Int64) -> (instants: Range<Int64>, microseconds: Int64, runningDay: Int64) {
        let index = segment(atUTC: Self.floorDivide(Int(instant), Int(Self.microsecondsPerSecond)))
        let first = index == 0 ? Int64.min : Int64(starts[index]) * Self.microsecondsPerSecond
        let end = index + 1 < starts.count ? Int64(starts[index + 1]) * Self.microsecondsPerSecond : Int64.max
        return (first..<end, Int64(offsets[index]) * Self.microsecondsPerSecond, Int64(runningDays[index]))
    }

    /// The readings of the local clock around one of them that mean one instant each, all with the same offset.
    ///
    /// - Returns: `nil` for a reading that means no instant or two, and for one within a day of a change of offset.
    func span(aroundLocalSecond second: Int) -> (localSeconds: Range<Int>, offset: Int)? {
        let index = segment(atUTC: second)
        let margin = Self.secondsPerDay
        let first = starts[index] + margin
        let end = (index + 1 < starts.count ? starts[index + 1] : Int.max / 4) - margin
        guard first <= second, second < end else { return nil }
        return (first..<end, offsets[index])
    }

    /// An instant as `2024-12-31 14:05:00` on the study's clock.
    public func wallClock(_ instant: Int64) -> String {
        let second = Self.floorDivide(Int(instant), Int(Self.microsecondsPerSecond))
        let local = second + offsets[segment(atUTC: second)]
        let day = Self.floorDivide(local, Self.secondsPerDay)
        let ofDay = local - day * Self.secondsPerDay
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(CalendarDay(number: day)) \(two(ofDay / 3600)):\(two(ofDay / 60 % 60)):\(two(ofDay % 60))"
    }

    /// The seconds since midnight that a clock in the zone shows at an instant: 0 to 86,399.
    public func secondOfDay(_ instant: Int64) -> Int {
        let second = Self.floorDivide(Int(instant), Int(Self.microsecondsPerSecond))
        let local = second + offsets[segment(atUTC: second)]
        return local - Self.floorDivide(local, Self.secondsPerDay) * Self.secondsPerDay
    }

    /// The change of the zone's clock that is nearest to an instant.
    /// - Returns: how far the instant lies behind it in microseconds, negative before it, and by how many seconds clocks went
    ///   forward; `nil` in a zone that never changes its clocks.
    public func nearestClockChange(to instant: Int64) -> (distance: Int64, seconds: Int)? {
        let current = segment(atUTC: Self.floorDivide(Int(instant), Int(Self.microsecondsPerSecond)))
        return [current, current + 1].filter { $0 > 0 && $0 < starts.count }
            .map { (instant - Int64(starts[$0]) * Self.microsecondsPerSecond, offsets[$0] - offsets[$0 - 1]) }
            .min { $0.0.magnitude < $1.0.magnitude }
    }

    /// The number of the last segment that begins at or before a second.
    private func segment(atUTC second: Int) -> Int {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= second { low = middle } else { high = middle }
        }
        return low
    }

    private static func floorDivide(_ value: Int, _ divisor: Int) -> Int {
        value >= 0 ? value / divisor : (value - divisor + 1) / divisor
    }
}

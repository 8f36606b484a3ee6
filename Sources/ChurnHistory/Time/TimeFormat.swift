/// How a column writes its times, compiled once into a list of steps that read bytes.
///
/// A pattern uses the letters of Unicode TR35 that fix the width of a field: `yyyy` or `yy`, `MM`, `dd`, `HH`, `mm`,
/// `ss`, `SSS` (any number of digits of a second), `XXX` (an offset such as `+01:00` or `Z`); `M`, `d` and `H` take one
/// or two digits. Text in single quotes and anything that is no letter stand for themselves. `iso8601` takes
/// `2024-12-31`, `2024-12-31T14:05`, with seconds and their fraction, with a blank in place of `T`, with or without an
/// offset. `epochSeconds` and `epochMilliseconds` count from 1970-01-01 00:00 UTC; `excelDays` are the serial days of a
/// spreadsheet with the 1900 system, on the local clock, to the millisecond.
public struct TimeFormat: Sendable, Equatable {
    public let pattern: String
    private let steps: [Step]

    private enum Step: Sendable, Equatable {
        case year, shortYear
        case month(ClosedRange<Int>)
        case day(ClosedRange<Int>)
        case hour(ClosedRange<Int>)
        case minute, second, fraction, offset
        case literal(UInt8)
        case isoTime
        /// A count of units since 1970, by the number of units in a second.
        case sinceEpoch(unitsPerSecond: Int)
        case spreadsheetDay
    }

    /// ISO 8601's calendar dates and times.
    public static let iso8601 = TimeFormat(
        pattern: "iso8601",
        steps: [.year, .literal(UInt8(ascii: "-")), .month(2...2), .literal(UInt8(ascii: "-")), .day(2...2), .isoTime]
    )

    /// Formats that are names, not patterns.
    private static let named = [
        iso8601,
        TimeFormat(pattern: "epochSeconds", steps: [.sinceEpoch(unitsPerSecond: 1)]),
        TimeFormat(pattern: "epochMilliseconds", steps: [.sinceEpoch(unitsPerSecond: 1000)]),
        TimeFormat(pattern: "excelDays", steps: [.spreadsheetDay]),
    ]

    /// Whether a cell is a count of seconds or milliseconds since 1970.
    var countsFromEpoch: Bool { steps.contains { if case .sinceEpoch = $0 { true } else { false } } }

    private init(pattern: String, steps: [Step]) {
        self.pattern = pattern
        self.steps = steps
    }

    /// - Returns: `nil` when the pattern has no full date, or a letter that is not known.
    public init?(_ pattern: String) {
        if let format = Self.named.first(where: { $0.pattern == pattern }) {
            self = format
            return
        }
        var steps: [Step] = []
        var rest = Substring(pattern)
        while let letter = rest.first {
            if letter == "'" {
                guard let end = rest.dropFirst().firstIndex(of: "'") else { return nil }
                steps.append(contentsOf: rest[rest.index(after: rest.startIndex)..<end].utf8.map(Step.literal))
                rest = rest[rest.index(after: end)...]
                continue
            }
            let run = rest.prefix { $0 == letter }
            switch (letter, run.count) {
            case ("y", 4): steps.append(.year)
            case ("y", 2): steps.append(.shortYear)
            case ("M", 2): steps.append(.month(2...2))
            case ("M", 1): steps.append(.month(1...2))
            case ("d", 2): steps.append(.day(2...2))
            case ("d", 1): steps.append(.day(1...2))
            case ("H", 2): steps.append(.hour(2...2))
            case ("H", 1): steps.append(.hour(1...2))
            case ("m", 2): steps.append(.minute)
            case ("s", 2): steps.append(.second)
            case ("S", 1...): steps.append(.fraction)
            case ("X", 1...): steps.append(.offset)
            case ("T", _), ("Z", _): steps.append(contentsOf: run.utf8.map(Step.literal))
            default:
                guard !(letter.isASCII && letter.isLetter) else { return nil }
                steps.append(contentsOf: run.utf8.map(Step.literal))
            }
            rest = rest.dropFirst(run.count)
        }
        let hasYear = steps.contains(.year) || steps.contains(.shortYear)
        let hasMonth = steps.contains { if case .month = $0 { true } else { false } }
        let hasDay = steps.contains { if case .day = $0 { true } else { false } }
        guard hasYear, hasMonth, hasDay else { return nil }
        self.init(pattern: pattern, steps: steps)
    }

    /// What a cell holds.
    public enum Outcome: Equatable, Sendable {
        /// Microseconds since 1970 UTC.
        case instant(Int64)
        /// The first of the two instants at which clocks that were set back showed this.
        case repeatedHour(Int64)
        /// Does not follow the format, or is no day of the calendar.
        case malformed
        /// A wall-clock reading that does not exist because clocks were set forward.
        case skippedHour
        /// Before 1970-01-02 or after 2100: a placeholder, not a time.
        case outOfRange
    }

    /// Reads a whole cell. Readings without an offset are on `calendar`'s clock; where clocks were set back, the first of
    /// the two instants is meant.
    public func parse(_ bytes: UnsafeBufferPointer<UInt8>, calendar: StudyCalendar) -> Outcome {
        var reader = DigitReader(bytes: bytes)
        var year = 0
        var month = 0
        var dayOfMonth = 0
        var secondOfDay = 0
        var microsecond = 0
        var offset: Int?
        for step in steps {
            switch step {
            case .year:
                guard let value = reader.number(4...4) else { return .malformed }
                year = value
            case .shortYear:
                guard let value = reader.number(2...2) else { return .malformed }
                // POSIX's pivot: 69-99 are of the last century.
                year = value < 69 ? 2000 + value : 1900 + value
            case .month(let width):
                guard let value = reader.number(width) else { return .malformed }
                month = value
            case .day(let width):
                guard let value = reader.number(width) else { return .malformed }
                dayOfMonth = value
            case .hour(let width):
                guard let value = reader.number(width), value < 24 else { return .malformed }
                secondOfDay += value * 3600
            case .minute:
                guard let value = reader.number(2...2), value < 60 else { return .malformed }
                secondOfDay += value * 60
            case .second:
                guard let value = reader.number(2...2), value < 60 else { return .malformed }
                secondOfDay += value
            case .fraction:
                guard let value = reader.fraction() else { return .malformed }
                microsecond = value
            case .offset:
                guard let value = reader.offset() else { return .malformed }
                offset = value
            case .literal(let byte):
                guard reader.take(byte) else { return .malformed }
            case .isoTime:
                guard let time = reader.isoTime() else { return .malformed }
                secondOfDay = time.secondOfDay
                microsecond = time.microsecond
                offset = time.offset
            case .sinceEpoch(let unitsPerSecond):
                guard let count = reader.decimal(), reader.isAtEnd else { return .malformed }
                return Self.instant(count, unitsPerSecond: unitsPerSecond)
            case .spreadsheetDay:
                guard let days = reader.decimal(), reader.isAtEnd else { return .malformed }
                guard let local = Self.localTime(spreadsheetDay: days) else { return .outOfRange }
                return Self.resolve(localSecond: local.second, microsecond: local.microsecond, calendar)
            }
        }
        guard reader.isAtEnd, let day = CalendarDay(year: year, month: month, day: dayOfMonth) else {
            return .malformed
        }
        guard day.number >= 1, year <= 2100 else { return .outOfRange }
        let local = day.number * 86_400 + secondOfDay
        if let offset {
            return .instant(Int64(local - offset) * StudyCalendar.microsecondsPerSecond + Int64(microsecond))
        }
        return Self.resolve(localSecond: local, microsecond: microsecond, calendar)
    }

    private static func resolve(localSecond: Int, microsecond: Int, _ calendar: StudyCalendar) -> Outcome {
        func instant(_ second: Int) -> Int64 {
            Int64(second) * StudyCalendar.microsecondsPerSecond + Int64(microsecond)
        }
        switch calendar.resolve(localSecond: localSecond) {
        case .unique(let second): return .instant(instant(second))
        case .repeated(let second): return .repeatedHour(instant(second))
        case .skipped: return .skippedHour
        }
    }

    /// 1970-01-02 and 2101-01-01, in seconds since 1970.
    private static let believed = 86_400.0..<4_133_980_800.0

    private static func instant(_ count: Double, unitsPerSecond: Int) -> Outcome {
        let seconds = count / Double(unitsPerSecond)
        // Seconds that are taken for milliseconds would be days of January 1970: nothing before March 1973 is believed.
        guard believed.contains(seconds), seconds >= 1e8 else { return .outOfRange }
        return .instant(Int64((seconds * Double(StudyCalendar.microsecondsPerSecond)).rounded()))
    }

    /// The wall clock of a serial day: day 1 is 1900-01-01 and 1900 has a 29 February, so that from March 1900 on the
    /// days count from 1899-12-30 (ECMA-376, part 1, 18.17.4.1).
    private static func localTime(spreadsheetDay days: Double) -> (second: Int, microsecond: Int)? {
        let seconds = (days - 25_569) * 86_400
        guard believed.contains(seconds) else { return nil }
        let milliseconds = Int((seconds * 1000).rounded())
        return (milliseconds / 1000, milliseconds % 1000 * 1000)
    }
}

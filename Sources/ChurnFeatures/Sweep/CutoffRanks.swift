import ChurnHistory

/// Tells of an event, by its calendar day, how many cutoffs have a boundary at or before it.
///
/// The rank of an event at a boundary is the number of the first cutoff (ascending) whose boundary lies behind the
/// event: the event lies before the boundary of that cutoff and of all later ones. So an event is inside of
/// `start <= t < end` exactly at the cutoffs `rank(end)..<rank(start)`. Since boundaries are the first instants of days,
/// one look into a table by days answers for all of them.
final class CutoffRanks: @unchecked Sendable {
    /// Boundaries by number; number 0 is the cutoff.
    let boundaries: [Boundary]
    let cutoffCount: Int
    /// The day of each cutoff, as days since 1970-01-01.
    let cutoffDays: [Int]
    private let numbers: [Boundary: Int]
    private let firstDay: Int
    private let lastDay: Int
    /// Ranks by day and boundary: day d has those at `(d - firstDay) * boundaries.count`.
    private let table: UnsafeMutablePointer<UInt16>

    /// - Parameters:
    ///   - boundaries: those that features ask for; the cutoff itself is always there.
    ///   - cutoffs: ascending, fewer than 65,536.
    init(boundaries asked: Set<Boundary>, cutoffs: [Cutoff]) {
        precondition(cutoffs.count < Int(UInt16.max), "there are too many cutoffs")
        let boundaries = [.cutoff] + asked.subtracting([.cutoff])
        var numbers: [Boundary: Int] = [:]
        for (number, boundary) in boundaries.enumerated() { numbers[boundary] = number }
        self.boundaries = boundaries
        self.numbers = numbers
        cutoffCount = cutoffs.count
        cutoffDays = cutoffs.map(\.day.number)
        let days = boundaries.map { boundary in cutoffs.map { boundary.day(of: $0.day)?.number } }
        let known = days.joined().compactMap(\.self)
        // The day before the first boundary stands for all earlier ones, the last boundary's day for all later ones.
        firstDay = (known.min() ?? 0) - 1
        lastDay = known.max() ?? 0
        let width = boundaries.count
        let count = (lastDay - firstDay + 1) * width
        table = .allocate(capacity: count)
        table.initialize(repeating: 0, count: count)
        for (number, days) in days.enumerated() {
            var rank = 0
            for day in firstDay...lastDay {
                while rank < days.count, days[rank].map({ $0 <= day }) ?? false { rank += 1 }
                // A boundary before everything lies behind no event.
                table[(day - firstDay) * width + number] = UInt16(days.first == .some(nil) ? days.count : rank)
            }
        }
    }

    deinit { table.deallocate() }

    /// The number of a boundary that was asked for.
    func number(_ boundary: Boundary) -> Int {
        guard let number = numbers[boundary] else { preconditionFailure("the boundary was not asked for") }
        return number
    }

    /// The ranks of an event on a day, by boundary.
    @inline(__always)
    func ranks(onDay day: Int32) -> UnsafePointer<UInt16> {
        UnsafePointer(table + (min(max(Int(day), firstDay), lastDay) &- firstDay) &* boundaries.count)
    }

    /// Finds the days and ranks of ascending events, as far as the last cutoff reaches.
    /// - Parameters:
    ///   - times: microseconds since 1970 UTC.
    ///   - days: takes each event's day.
    ///   - result: takes for each event where its ranks stand, by boundary.
    /// - Returns: how many of the events lie before the last cutoff.
    @inline(__always)
    func find(
        times: UnsafePointer<Int64>,
        count: Int,
        counter: inout DayCounter,
        days: UnsafeMutablePointer<Int32>,
        into result: UnsafeMutablePointer<UnsafePointer<UInt16>>
    ) -> Int {
        for event in 0..<count {
            let day = counter.day(of: times[event])
            days[event] = day
            let ranks = ranks(onDay: day)
            if Int(ranks[0]) == cutoffCount { return event }
            result[event] = ranks
        }
        return count
    }
}

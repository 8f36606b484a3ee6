/// Tells the calendar days of instants, quickly where they lie near each other.
@frozen
public struct DayCounter: Sendable {
    private let calendar: StudyCalendar
    /// The instants, in microseconds, for which `offset` holds: from `first` until before `end`.
    @usableFromInline var first = Int64(0)
    @usableFromInline var end = Int64(0)
    @usableFromInline var offset = Int64(0)
    /// The day that is running when they begin.
    @usableFromInline var runningDay = Int64.min

    @usableFromInline static let microsecondsPerDay: Int64 = 86_400_000_000

    public init(_ calendar: StudyCalendar) { self.calendar = calendar }

    /// Days from 1970-01-01 to the day of an instant.
    /// - Parameter instant: microseconds since 1970 UTC.
    @inlinable @inline(__always)
    public mutating func day(of instant: Int64) -> Int32 {
        if instant < first || instant >= end { findSpan(around: instant) }
        let local = instant &+ offset
        let day = local / Self.microsecondsPerDay
        let shown = local < 0 && local % Self.microsecondsPerDay != 0 ? day &- 1 : day
        return Int32(truncatingIfNeeded: max(shown, runningDay))
    }

    @usableFromInline
    mutating func findSpan(around instant: Int64) {
        let found = calendar.offsetSpan(at: instant)
        (first, end) = (found.instants.lowerBound, found.instants.upperBound)
        offset = found.microseconds
        runningDay = found.runningDay
    }
}

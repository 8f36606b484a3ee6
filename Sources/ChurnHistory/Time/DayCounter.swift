/// Tells the calendar days of instants, quickly where they lie near each other.
public struct DayCounter: Sendable {
    private let calendar: StudyCalendar
    /// The instants, in microseconds, for which `offset` holds.
    private var span = Int64(0)..<Int64(0)
    private var offset = Int64(0)
    /// The day that is running when they begin.
    private var runningDay = Int64.min

    private static let microsecondsPerDay = 86_400 * StudyCalendar.microsecondsPerSecond

    public init(_ calendar: StudyCalendar) { self.calendar = calendar }

    /// Days from 1970-01-01 to the day of an instant.
    /// - Parameter instant: microseconds since 1970 UTC.
    @inline(__always)
    public mutating func day(of instant: Int64) -> Int32 {
        if !span.contains(instant) {
            let found = calendar.offsetSpan(at: instant)
            span = found.instants
            offset = found.microseconds
            runningDay = found.runningDay
        }
        let local = instant &+ offset
        let day = local / Self.microsecondsPerDay
        let shown = local < 0 && local % Self.microsecondsPerDay != 0 ? day &- 1 : day
        return Int32(truncatingIfNeeded: max(shown, runningDay))
    }
}

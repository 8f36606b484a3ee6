import ChurnHistory

/// One week in which an active customer could be lost: what drove its hazard, and what came of it.
public struct DriverRow: Sendable, Equatable {
    /// The Monday with which the week begins.
    public let week: CalendarDay
    public let drivers: HazardDrivers
    /// Whether the customer was lost: began to decline or, in a contractual world, decided to give notice.
    public let declined: Bool
}

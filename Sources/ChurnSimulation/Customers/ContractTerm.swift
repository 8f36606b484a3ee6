import ChurnHistory

/// One term of a contract: `start <= day < plannedEnd`.
public struct ContractTerm: Sendable, Equatable {
    public let start: CalendarDay
    /// The first day that the term does not cover.
    public let plannedEnd: CalendarDay
    /// The last day on which a notice for `plannedEnd` may arrive.
    public let deadline: CalendarDay
    public let months: Int
}

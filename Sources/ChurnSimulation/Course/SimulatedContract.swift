import ChurnHistory

/// One term of a customer's contract, as the books have it at the end of the history.
public struct SimulatedContract: Sendable, Equatable {
    /// Number of the customer, from 1.
    public let customer: Int
    public let term: ContractTerm
    /// 0 for the first term, 1 for the first renewal, …
    public let renewal: Int
    public let noticeMonths: Int
    /// EUR a year in cents, at the prices of the term's first day.
    public let yearlyValueCents: Int
    /// The day from which the term no longer covers the customer, equal to the planned end; `nil` while the term runs and
    /// nobody has given notice.
    public let end: CalendarDay?
    /// The day from which that end is known: the one on which the notice arrived or, where the contract was renewed, the
    /// end itself.
    public let endKnown: CalendarDay?
}

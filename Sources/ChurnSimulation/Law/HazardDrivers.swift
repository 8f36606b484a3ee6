/// What the hazard of one customer depends on at the beginning of one week.
public struct HazardDrivers: Sendable, Equatable {
    public var industry: Industry
    public var paymentMethod: PaymentMethod
    /// ln(employees / 30).
    public var logSize: Double
    /// Years as a customer, at most 10.
    public var tenureYears: Double
    /// Standard normal over customers; hidden.
    public var loyalty: Double
    public var isGroupMember: Bool
    /// Whether the customer's group is in a crisis.
    public var isGroupInCrisis: Bool
    /// What happened in the four weeks before.
    public var recent: RecentSignals
    /// Percent of the price rises at work, divided by 10.
    public var priceRise: Double
    /// Campaigns at work that treated the customer.
    public var campaigns: Int
    /// Months of the first term of the contract: 12, 24 or 36; 0 without a contract.
    public var contractMonths: Int
    /// Whether this is one of the last eight weeks in which notice can be given for the term's end.
    public var isDeadlineNear: Bool
    public var isAfterDrift: Bool
}

import ChurnHistory

/// One business customer: what an export shows of it, and the traits behind its behaviour that no file shows.
public struct SimulatedCustomer: Sendable, Equatable {
    /// 1 for the first customer.
    public let number: Int
    /// Day of the first order, always a working day; may lie before the history's first day.
    public let since: CalendarDay
    public let industry: Industry
    public let country: Country
    public let legalForm: LegalForm
    public let foundedYear: Int
    /// Number of the group of companies it belongs to, from 1.
    public let group: Int?
    /// What the books say of it, by `validFrom`, ascending; the first entry is from `since`.
    public let entries: [Firmographics]
    /// In contractual worlds only.
    public let contract: ContractTerms?

    /// Standard normal over customers, observed by nobody; the higher, the longer a customer stays.
    public let loyalty: Double
    /// Mean days between two purchases while active, 7 to 90, before any rate that was asked for.
    public let meanGapDays: Double
    /// How many contacts of each kind the customer has against the average customer; mean 1.
    public let complaintLeaning: Double
    public let ticketLeaning: Double
    public let emailLeaning: Double
    public let visitLeaning: Double
    /// Median value of one purchase, in cents.
    public let typicalOrderCents: Double

    /// What the books say on `day`; before the first entry, what that says.
    public func entry(on day: CalendarDay) -> Firmographics {
        entries.last { $0.validFrom <= day } ?? entries[0]
    }

    /// Years as a customer on `day`, 0 before.
    public func tenureYears(on day: CalendarDay) -> Double {
        Double(max(0, day - since)) / 365.25
    }
}

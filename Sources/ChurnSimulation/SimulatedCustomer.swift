import ChurnHistory

/// One business customer: what an export shows of it, and the traits behind its behaviour that no file shows.
public struct SimulatedCustomer: Sendable, Equatable {
    /// 1 for the first customer.
    public let number: Int
    /// Day of the first order, always a working day; may lie before the history's first day.
    public let since: CalendarDay
    public let industry: Industry
    /// At least 1.
    public let employees: Int
    public let country: Country
    public let paymentMethod: PaymentMethod

    /// Standard normal over customers, observed by nobody; the higher, the longer a customer stays.
    public let loyalty: Double
    /// Mean days between two purchases while active, 7 to 90.
    public let meanGapDays: Double
    /// Mean tickets a day while active.
    public let ticketsPerDay: Double
    /// Mean visits a day while active.
    public let visitsPerDay: Double
    /// Median value of one purchase, in cents.
    public let typicalOrderCents: Double

    /// `C000017` for customer 17; longer from a million on.
    public var identifier: String {
        let digits = String(number)
        return "C" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    /// Years as a customer on `day`, 0 before.
    public func tenureYears(on day: CalendarDay) -> Double {
        Double(max(0, day - since)) / 365.25
    }
}

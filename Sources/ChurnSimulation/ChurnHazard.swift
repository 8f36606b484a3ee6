import ChurnHistory
import ChurnNumerics

/// The law by which simulated customers are lost: two weekly hazards, both logistic.
///
/// At the beginning of each week (Monday, midnight) an active customer starts to decline with probability
///
///     sigmoid(intercept + industry + payment + sizeSlope · ln(employees / 30)
///             + tenureSlope · min(years as customer, 10) + loyaltySlope · loyalty)
///
/// and one that has declined for `k` weeks leaves with probability
///
///     sigmoid(leavingIntercept + leavingSlope · min(k, 52))
///
/// `loyalty` is standard normal and in no file: no model can know it but by behaviour.
public struct ChurnHazard: Sendable, Equatable {
    public let intercept = -4.75
    public let sizeSlope = -0.20
    public let tenureSlope = -0.10
    public let loyaltySlope = -0.60
    public let leavingIntercept = -2.4
    public let leavingSlope = 0.12

    /// Above this many years, tenure changes nothing more.
    public let longestTenureYears = 10.0
    /// Above this many weeks, a decline changes nothing more.
    public static let longestDeclineWeeks = 52

    public init() {}

    /// Log-odds against manufacturing.
    public func coefficient(of industry: Industry) -> Double {
        switch industry {
        case .construction: 0.40
        case .healthcare: -0.35
        case .logistics: 0.10
        case .manufacturing: 0
        case .retail: 0.30
        case .services: 0.15
        }
    }

    /// Log-odds against paying on invoice.
    public func coefficient(of paymentMethod: PaymentMethod) -> Double {
        switch paymentMethod {
        case .creditCard: 0.20
        case .directDebit: -0.40
        case .invoice: 0
        case .prepayment: 0.60
        }
    }

    /// The part of the decline's log-odds that does not change with time.
    func baseline(of customer: SimulatedCustomer) -> Double {
        intercept + coefficient(of: customer.industry) + coefficient(of: customer.paymentMethod)
            + sizeSlope * PortableMath.log(Double(customer.employees) / 30) + loyaltySlope * customer.loyalty
    }

    /// Probability that an active customer with this baseline and tenure at the start of a week declines in it.
    func declineProbability(baseline: Double, tenureYears: Double) -> Double {
        StableFunctions.sigmoid(baseline + tenureSlope * min(tenureYears, longestTenureYears))
    }

    /// Probability that `customer`, if active until then, starts to decline in the week that begins on `monday`.
    public func declineProbability(of customer: SimulatedCustomer, weekFrom monday: CalendarDay) -> Double {
        declineProbability(baseline: baseline(of: customer), tenureYears: customer.tenureYears(on: monday))
    }

    /// Probability that a customer leaves after `weeks` weeks of decline.
    public func leavingProbability(weeksInDecline weeks: Int) -> Double {
        StableFunctions.sigmoid(
            leavingIntercept + leavingSlope * Double(min(weeks, ChurnHazard.longestDeclineWeeks))
        )
    }
}

import ChurnNumerics

/// The law by which simulated customers are lost: logistic, week by week.
///
/// At the beginning of each week (Monday, midnight) an active customer is lost with probability
/// `sigmoid(logOdds(drivers))`: it starts to decline or, in a contractual world, gives notice. The log-odds are the sum
/// of the intercept and of one coefficient times each driver; `docs/simulation.md` has the whole formula.
///
/// A customer without a contract that has declined for `k` weeks leaves in a week with probability
/// `sigmoid(leavingIntercept + leavingSlope · min(k, 52))`.
public struct ChurnHazard: Sendable, Equatable {
    public let world: WorldKind
    public internal(set) var intercept: Double

    public let size = -0.20
    public let tenure = -0.10
    public let loyalty = -0.60
    public let groupMember = -0.20
    public let groupCrisis = 1.00
    public let recentComplaint = 0.90
    public let recentTicket = 0.35
    public let recentVisit = -0.50
    /// 0 in contractual worlds.
    public let recentReturn: Double
    /// For each 10 percent.
    public let priceRise = 0.50
    public let campaign = -0.60
    /// Against contracts whose first term has 12 months.
    public let term24 = -0.25
    public let term36 = -0.45
    public let deadlineNear = 2.20
    /// Added to the intercept from the day of the drift on.
    public let drift = 0.30
    /// Added to the coefficient of direct debit from then on.
    public let driftDirectDebit = 0.50
    /// Added to the coefficient of tenure from then on.
    public let driftTenure = 0.08

    public let leavingIntercept = -2.4
    public let leavingSlope = 0.12

    /// Above this many years, tenure changes nothing more.
    public static let longestTenureYears = 10.0
    /// Above this many weeks, a decline changes nothing more.
    public static let longestDeclineWeeks = 52
    /// For how many weeks something counts as recent.
    static let recentWeeks = 4
    /// The deadline of a notice is near in weeks whose Friday is fewer days before it: the last eight weeks at risk.
    static let deadlineNearDays = 56

    public init(world: WorldKind) {
        self.world = world
        switch world {
        case .noncontractual:
            intercept = -4.60
            recentReturn = 0.40
        case .contractual:
            intercept = -5.20
            recentReturn = 0
        }
    }

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

    /// Log-odds of being lost in a week.
    public func logOdds(_ drivers: HazardDrivers) -> Double {
        var sum = intercept + coefficient(of: drivers.industry) + coefficient(of: drivers.paymentMethod)
        sum += size * drivers.logSize + tenure * drivers.tenureYears + loyalty * drivers.loyalty
        if drivers.isGroupMember { sum += groupMember }
        if drivers.isGroupInCrisis { sum += groupCrisis }
        sum += priceRise * drivers.priceRise + campaign * Double(drivers.campaigns)
        if drivers.contractMonths == 24 { sum += term24 }
        if drivers.contractMonths == 36 { sum += term36 }
        if drivers.isDeadlineNear { sum += deadlineNear }
        if drivers.isAfterDrift {
            sum += drift + driftTenure * drivers.tenureYears
            if drivers.paymentMethod == .directDebit { sum += driftDirectDebit }
        }
        return sum + logOdds(of: drivers.recent)
    }

    /// What recent events add to the log-odds.
    func logOdds(of recent: RecentSignals) -> Double {
        (recent.complaint ? recentComplaint : 0) + (recent.ticket ? recentTicket : 0)
            + (recent.visit ? recentVisit : 0) + (recent.return ? recentReturn : 0)
    }

    /// Probability of being lost in a week.
    public func probability(_ drivers: HazardDrivers) -> Double { StableFunctions.sigmoid(logOdds(drivers)) }

    /// Probability that a customer without a contract leaves after `weeks` weeks of decline.
    public func leavingProbability(weeksInDecline weeks: Int) -> Double {
        StableFunctions.sigmoid(
            leavingIntercept + leavingSlope * Double(min(weeks, ChurnHazard.longestDeclineWeeks))
        )
    }
}

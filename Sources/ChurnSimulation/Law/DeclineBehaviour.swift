/// What a customer's latent state does to its events.
///
/// With `k` weeks of decline (counted up to 52), purchases come at `0.88^(k + 1)`, visits and e-mail opens at
/// `0.90^(k + 1)` times the customer's own rate, tickets at 4 and complaints at 3 times. A purchase is sent back with
/// probability 0.04 while active and 0.14 in decline. Who has given notice of a contract purchases nothing more, and is
/// otherwise like a customer in decline until the contract ends. Who has left does nothing, but a return of an earlier
/// purchase may still arrive.
public struct DeclineBehaviour: Sendable, Equatable {
    private static let purchaseDecay = 0.88
    private static let contactDecay = 0.90
    private static let ticketRise = 4.0
    private static let complaintRise = 3.0
    static let activeReturnProbability = 0.04
    static let decliningReturnProbability = 0.14

    private let purchaseFactors: [Double]
    private let contactFactors: [Double]

    public init(world: WorldKind) {
        let powers = DeclineBehaviour.powers(of: DeclineBehaviour.purchaseDecay)
        self.purchaseFactors = world == .contractual ? powers.map { _ in 0 } : powers
        self.contactFactors = DeclineBehaviour.powers(of: DeclineBehaviour.contactDecay)
    }

    private static func powers(of base: Double) -> [Double] {
        var power = 1.0
        return (0...ChurnHazard.longestDeclineWeeks).map { _ in
            power *= base
            return power
        }
    }

    /// Purchases of a customer who has declined for `weeks`, against its own rhythm.
    func purchaseFactor(weeksInDecline weeks: Int) -> Double {
        purchaseFactors[min(weeks, ChurnHazard.longestDeclineWeeks)]
    }

    /// Purchases against the customer's own rhythm.
    public func purchaseFactor(_ state: LatentState) -> Double {
        switch state {
        case .active: 1
        case .declining(let weeks): purchaseFactor(weeksInDecline: weeks)
        case .left: 0
        }
    }

    /// Visits and e-mail opens against the customer's own rates.
    public func contactFactor(_ state: LatentState) -> Double {
        switch state {
        case .active: 1
        case .declining(let weeks): contactFactors[min(weeks, ChurnHazard.longestDeclineWeeks)]
        case .left: 0
        }
    }

    /// Tickets against the customer's own rate.
    public func ticketFactor(_ state: LatentState) -> Double {
        switch state {
        case .active: 1
        case .declining: DeclineBehaviour.ticketRise
        case .left: 0
        }
    }

    /// Complaints against the customer's own rate.
    public func complaintFactor(_ state: LatentState) -> Double {
        switch state {
        case .active: 1
        case .declining: DeclineBehaviour.complaintRise
        case .left: 0
        }
    }

    /// Probability that a purchase made in this state is sent back.
    public func returnProbability(_ state: LatentState) -> Double {
        switch state {
        case .active: DeclineBehaviour.activeReturnProbability
        case .declining: DeclineBehaviour.decliningReturnProbability
        case .left: 0
        }
    }
}

/// What a customer's latent state does to its events.
///
/// With `k` weeks of decline (counted up to 52), purchases come at `0.88^(k + 1)` and visits at `0.90^(k + 1)` times the
/// customer's own rate, tickets at 4 times. A purchase is sent back with probability 0.04 while active and 0.14 in
/// decline. Who has left does nothing, but a return of an earlier purchase may still arrive.
public struct DeclineBehaviour: Sendable, Equatable {
    private static let purchaseDecay = 0.88
    private static let visitDecay = 0.90
    private static let ticketRise = 4.0

    private let purchaseFactors: [Double]
    private let visitFactors: [Double]

    public init() {
        self.purchaseFactors = DeclineBehaviour.powers(of: DeclineBehaviour.purchaseDecay)
        self.visitFactors = DeclineBehaviour.powers(of: DeclineBehaviour.visitDecay)
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

    /// Visits against the customer's own rate.
    public func visitFactor(_ state: LatentState) -> Double {
        switch state {
        case .active: 1
        case .declining(let weeks): visitFactors[min(weeks, ChurnHazard.longestDeclineWeeks)]
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

    /// Probability that a purchase made in this state is sent back.
    public func returnProbability(_ state: LatentState) -> Double {
        switch state {
        case .active: 0.04
        case .declining: 0.14
        case .left: 0
        }
    }
}

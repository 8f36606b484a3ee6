import ChurnNumerics

/// Probability of "no purchase so far" together with each latent state.
struct SilentMass {
    var active: ActiveMass
    private var isActivePossible: Bool
    /// By weeks in decline; the last holds all that are older.
    private var declining = [Double](repeating: 0, count: ChurnHazard.longestDeclineWeeks + 1)
    private var left = 0.0

    init(_ outlook: Outlook) {
        active = ActiveMass(outlook.ages)
        isActivePossible = outlook.state == .active
        switch outlook.state {
        case .active: break
        case .declining(let weeks): declining[min(weeks, ChurnHazard.longestDeclineWeeks)] = 1
        case .left: left = 1
        }
        if !isActivePossible { active.multiply(by: 0) }
    }

    var total: Double { declining.reduce(active.total, +) + left }

    /// The change of states at the beginning of a week.
    ///
    /// - Parameter logOdds: of falling into decline, without what recent complaints, tickets and visits add.
    mutating func enterWeek(logOdds: Double, _ hazard: ChurnHazard, leaving: [Double]) {
        let last = declining.count - 1
        var stayed = 0.0
        for weeks in stride(from: last, through: 0, by: -1) {
            let mass = declining[weeks]
            left += mass * leaving[weeks]
            let staying = mass * (1 - leaving[weeks])
            if weeks == last { stayed = staying } else { declining[weeks + 1] = staying }
        }
        declining[last] += stayed
        declining[0] = isActivePossible ? active.lose(logOdds: logOdds, hazard) : 0
    }

    /// Days of one week on which `purchases` are expected of an active customer, all silent.
    mutating func pass(purchases: Double, _ behaviour: DeclineBehaviour) {
        if isActivePossible { active.multiply(by: PortableMath.exp(-purchases)) }
        for weeks in declining.indices where declining[weeks] > 0 {
            declining[weeks] *= PortableMath.exp(-purchases * behaviour.purchaseFactor(weeksInDecline: weeks))
        }
    }
}

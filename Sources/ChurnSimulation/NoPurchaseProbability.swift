import ChurnHistory
import ChurnNumerics

/// The exact probability that a customer makes no purchase in the days `start <= day < end`, given its latent state on
/// the day before `start`.
///
/// On a day in state `s` purchases are Poisson with mean `rate · weight(day) · factor(s)`, so a run of days within one
/// week is silent with probability `exp(-rate · factor(s) · weights of the days)`; states change on Mondays only. The
/// probability of "silent so far and in state s" is carried forward over weeks and states (active, declining for
/// 0, 1, … weeks, left), and its sum at the end is the answer. It knows the generator's hazards and the calendar, and
/// nothing that happened at or after `start`: even the change of state on a Monday `start` is not known yet.
struct NoPurchaseProbability: Sendable {
    let hazard: ChurnHazard
    let behaviour: DeclineBehaviour
    let calendar: DemandCalendar
    private let leaving: [Double]

    init(hazard: ChurnHazard, behaviour: DeclineBehaviour, calendar: DemandCalendar) {
        self.hazard = hazard
        self.behaviour = behaviour
        self.calendar = calendar
        self.leaving = (0...ChurnHazard.longestDeclineWeeks).map { hazard.leavingProbability(weeksInDecline: $0) }
    }

    func callAsFunction(
        of customer: SimulatedCustomer,
        in state: LatentState,
        from start: CalendarDay,
        to end: CalendarDay
    ) -> Double {
        var silent = SilentMass(state)
        let baseline = hazard.baseline(of: customer)
        let rate = 1 / customer.meanGapDays
        var day = start
        while day < end {
            if day.weekday == 0 {
                silent.enterWeek(
                    decline: hazard.declineProbability(
                        baseline: baseline,
                        tenureYears: customer.tenureYears(on: day)
                    ),
                    leaving: leaving
                )
            }
            let next = min(day.monday + 7, end)
            silent.pass(purchases: rate * calendar.weight(from: day, to: next), behaviour)
            day = next
        }
        return silent.total
    }
}

/// Probability of "no purchase so far" together with each latent state.
private struct SilentMass {
    private var active = 0.0
    /// By weeks in decline; the last holds all that are older.
    private var declining = [Double](repeating: 0, count: ChurnHazard.longestDeclineWeeks + 1)
    private var left = 0.0

    init(_ state: LatentState) {
        switch state {
        case .active: active = 1
        case .declining(let weeks): declining[min(weeks, ChurnHazard.longestDeclineWeeks)] = 1
        case .left: left = 1
        }
    }

    var total: Double { declining.reduce(active, +) + left }

    /// The change of states at the beginning of a week.
    mutating func enterWeek(decline: Double, leaving: [Double]) {
        let last = declining.count - 1
        var stayed = 0.0
        for weeks in stride(from: last, through: 0, by: -1) {
            let mass = declining[weeks]
            left += mass * leaving[weeks]
            let staying = mass * (1 - leaving[weeks])
            if weeks == last { stayed = staying } else { declining[weeks + 1] = staying }
        }
        declining[last] += stayed
        declining[0] = active * decline
        active *= 1 - decline
    }

    /// Days of one week on which `purchases` are expected of an active customer, all silent.
    mutating func pass(purchases: Double, _ behaviour: DeclineBehaviour) {
        active *= PortableMath.exp(-purchases)
        for weeks in declining.indices where declining[weeks] > 0 {
            declining[weeks] *= PortableMath.exp(-purchases * behaviour.purchaseFactor(weeksInDecline: weeks))
        }
    }
}

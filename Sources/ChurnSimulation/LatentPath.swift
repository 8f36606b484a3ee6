import ChurnHistory
import ChurnNumerics

/// The states that one customer went through: active from `start`, perhaps declining, perhaps gone.
struct LatentPath: Sendable, Equatable {
    /// The first day in the history, or the day the customer joined.
    let start: CalendarDay
    /// The Monday on which the decline began.
    let declined: CalendarDay?
    /// The Monday on which the customer left.
    let left: CalendarDay?

    /// Draws the path week by week; the week of `start` is spent active.
    init(of customer: SimulatedCustomer, hazard: ChurnHazard, parameters: SimulationParameters) {
        var stream = RandomStream(seed: parameters.seed, purpose: "simulated states", index: UInt64(customer.number))
        let baseline = hazard.baseline(of: customer)
        let start = max(customer.since, parameters.firstDay)
        var declined: CalendarDay?
        var left: CalendarDay?
        var monday = start.monday + 7
        while monday < parameters.observedUntil, left == nil {
            if let began = declined {
                if stream.bernoulli(hazard.leavingProbability(weeksInDecline: (monday - began) / 7 - 1)) {
                    left = monday
                }
            } else if stream.bernoulli(
                hazard.declineProbability(baseline: baseline, tenureYears: customer.tenureYears(on: monday))
            ) {
                declined = monday
            }
            monday = monday + 7
        }
        self.start = start
        self.declined = declined
        self.left = left
    }

    func state(on day: CalendarDay) -> LatentState {
        if let left, day >= left { return .left }
        if let declined, day >= declined { return .declining(weeks: (day - declined) / 7) }
        return .active
    }
}

import ChurnHistory
import ChurnNumerics

/// The exact probability that a customer without a contract makes no purchase in the days `start <= day < end`, given
/// what there is to know of it just before `start`.
///
/// On a day in state `s` purchases are Poisson with mean `rate · weight(day) · factor(s)`, so a run of days within one
/// week is silent with probability `exp(-rate · factor(s) · weights of the days)`; states change on Mondays only. The
/// probability of "silent so far and in state s" is carried forward over weeks and states, and its sum at the end is the
/// answer. States are: active, by the ages of the last complaint, ticket and visit; declining for 0, 1, … weeks; left.
/// Returns need no states: who is silent sends back only what it had bought before `start`. Of what lies at or after
/// `start` only the outer course, the group's crises and the books' entries are known; even the change of state on a
/// Monday `start` is not.
struct NoPurchaseProbability: Sendable {
    let law: WorldLaw
    private let leaving: [Double]

    init(_ law: WorldLaw) {
        self.law = law
        self.leaving = (0...ChurnHazard.longestDeclineWeeks).map { law.hazard.leavingProbability(weeksInDecline: $0) }
    }

    func callAsFunction(_ outlook: Outlook, from start: CalendarDay, to end: CalendarDay) -> Double {
        var silent = SilentMass(outlook)
        let customer = outlook.setting.customer
        let rate = law.dailyRate(.purchase, of: customer)
        var day = start
        var known: RecentAges? = start.weekday == 0 ? nil : outlook.ages
        while day < end {
            if day.weekday == 0 {
                var recent = RecentSignals.none
                recent.return = outlook.hasRecentReturn(on: day)
                let drivers = law.drivers(of: outlook.setting, weekFrom: day, recent: recent)
                silent.enterWeek(logOdds: law.hazard.logOdds(drivers), law.hazard, leaving: leaving)
            }
            let monday = day.monday + 7
            let next = min(monday, end)
            silent.pass(purchases: rate * law.outer.demand.weight(from: day, to: next), law.behaviour)
            if next == monday {
                law.endWeek(&silent.active, of: customer, from: day, to: monday, known: known)
                known = nil
            }
            day = next
        }
        return silent.total
    }
}

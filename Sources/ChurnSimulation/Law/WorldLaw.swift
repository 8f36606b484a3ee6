import ChurnHistory
import ChurnNumerics

/// All that decides what may happen to a customer: hazard, behaviour, rates and the outer course.
struct WorldLaw: Sendable {
    let world: WorldKind
    var hazard: ChurnHazard
    let behaviour: DeclineBehaviour
    var rates = EventRates()
    let outer: OuterCourse

    init(_ parameters: SimulationParameters) {
        self.world = parameters.world
        self.hazard = ChurnHazard(world: parameters.world)
        self.behaviour = DeclineBehaviour(world: parameters.world)
        self.outer = OuterCourse(parameters)
    }

    /// What the hazard of a customer depends on in the week from `monday`; only a customer `atRisk` has one.
    func drivers(of setting: CustomerSetting, weekFrom monday: CalendarDay, recent: RecentSignals) -> HazardDrivers {
        let customer = setting.customer
        let entry = customer.entry(on: monday)
        return HazardDrivers(
            industry: customer.industry,
            paymentMethod: entry.paymentMethod,
            logSize: entry.logSize,
            tenureYears: min(customer.tenureYears(on: monday), ChurnHazard.longestTenureYears),
            loyalty: customer.loyalty,
            isGroupMember: setting.group != nil,
            isGroupInCrisis: setting.group?.isInCrisis(on: monday) ?? false,
            recent: recent,
            priceRise: outer.priceRise(weekFrom: monday),
            campaigns: setting.campaigns(weekFrom: monday),
            contractMonths: customer.contract?.firstMonths ?? 0,
            isDeadlineNear: setting.term(on: monday).map { term in
                term.deadline - (monday + 4) < ChurnHazard.deadlineNearDays
            } ?? false,
            isAfterDrift: outer.isAfterDrift(weekFrom: monday)
        )
    }

    /// Whether an active customer can be lost in the week from `monday`: without a contract always, with one only while a
    /// notice that arrives by Friday is in time for the term's end.
    func isAtRisk(_ setting: CustomerSetting, weekFrom monday: CalendarDay) -> Bool {
        guard world == .contractual else { return true }
        return setting.term(on: monday).map { monday + 4 <= $0.deadline } ?? false
    }

    /// Events a day that are expected of an active customer where demand is average.
    func dailyRate(_ kind: EventKind, of customer: SimulatedCustomer) -> Double {
        let base =
            switch kind {
            case .purchase: 1 / customer.meanGapDays
            case .complaint: customer.complaintLeaning * EventRates.complaintsPerYear / 365.25
            case .ticket: customer.ticketLeaning * EventRates.ticketsPerYear / 365.25
            case .emailOpen: customer.emailLeaning * EventRates.emailOpensPerYear / 365.25
            case .visit: customer.visitLeaning * EventRates.visitsPerYear / 365.25
            case .return, .emailClick, .cancellation: 0.0
            }
        return base * rates[kind]
    }

    /// Probability that a purchase made in this state is sent back.
    func returnProbability(_ state: LatentState) -> Double { behaviour.returnProbability(state) * rates[.return] }

    /// Ends a week for those who are still active, whose complaints, tickets and visits between `start` and `end` are not
    /// known; `ages` tells which of them have happened in the week before `start`.
    func endWeek(
        _ mass: inout ActiveMass,
        of customer: SimulatedCustomer,
        from start: CalendarDay,
        to end: CalendarDay,
        known ages: RecentAges?
    ) {
        let weight = outer.demand.weight(from: start, to: end)
        func probability(_ kind: EventKind, _ isKnown: Bool?) -> Double {
            isKnown == true ? 1 : 1 - PortableMath.exp(-weight * dailyRate(kind, of: customer))
        }
        mass.endWeek(
            complaint: probability(.complaint, ages?.complaintThisWeek),
            ticket: probability(.ticket, ages?.ticketThisWeek),
            visit: probability(.visit, ages?.visitThisWeek)
        )
    }
}

import ChurnHistory
import ChurnNumerics

/// A customer with what surrounds it and does not depend on what it does: its group, the campaigns that treat it, the
/// terms of its contract.
struct CustomerSetting: Sendable {
    let customer: SimulatedCustomer
    let group: CustomerGroup?
    /// One for each campaign of the world, in their order: whether the lot treats the customer, if it is still
    /// one by then; `nil` for who joined too late.
    let treatments: [Bool?]
    /// The Mondays from which the campaigns that treat the customer work.
    private let treatmentMondays: [CalendarDay]
    /// Empty without a contract; those that would follow one another without a notice.
    let terms: [ContractTerm]

    init(number: Int, parameters: SimulationParameters, outer: OuterCourse) {
        let customer = SimulatedCustomer(number: number, parameters: parameters)
        var stream = RandomStream(seed: parameters.seed, purpose: "simulated campaigns", index: UInt64(number))
        let treatments = parameters.campaigns.map { day in
            let isTreated = stream.bernoulli(OuterCourse.treatedShare)
            return customer.since < day ? isTreated : nil
        }
        self.customer = customer
        self.group = customer.group.map { CustomerGroup(number: $0, parameters: parameters) }
        self.treatments = treatments
        self.treatmentMondays = zip(treatments, outer.campaignMondays).compactMap { $0 == true ? $1 : nil }
        self.terms = customer.contract?.terms(from: customer.since, until: parameters.observedUntil) ?? []
    }

    /// How many of the campaigns that treat the customer are at work in the week from `monday`.
    func campaigns(weekFrom monday: CalendarDay) -> Int {
        treatmentMondays.count { monday >= $0 && monday < $0 + OuterCourse.campaignDays }
    }

    /// The term of the contract that covers a day.
    func term(on day: CalendarDay) -> ContractTerm? {
        terms.first { $0.start <= day && day < $0.plannedEnd }
    }
}

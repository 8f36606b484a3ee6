import ChurnHistory
import ChurnNumerics

extension SimulatedCustomer {
    /// The share of customers who were there before the history begins.
    static let shareBeforeFirstDay = 0.62

    /// Draws customer `number` of a world; depends on the seed, the number, the span and the kind of world, not on how
    /// many others there are.
    ///
    /// - mean gap: 7 + Gamma(shape 2, scale 18) days, at most 90;
    /// - leanings: Gamma(shape 2, scale 1/2), one for each kind of contact;
    /// - typical order: log-normal, median 240 EUR x (employees / 30)^0.3, sigma 0.5, 15 to 50,000 EUR;
    /// - customer since: with probability 0.62 up to ten years before the first day (10 u² years), else evenly over
    ///   the history; a weekend moves to the Friday before;
    /// - entries: the first from `since`, changes as a Poisson process, 0.25 a year, inside the history.
    init(number: Int, parameters: SimulationParameters) {
        var stream = RandomStream(seed: parameters.seed, purpose: "simulated customer", index: UInt64(number))
        let firstDay = parameters.firstDay

        let joined: CalendarDay
        if stream.bernoulli(SimulatedCustomer.shareBeforeFirstDay) {
            let u = stream.uniform()
            joined = firstDay - 1 - Int(3652 * u * u)
        } else {
            joined = firstDay + stream.below(parameters.observedUntil - firstDay)
        }
        let since = joined - max(0, joined.weekday - 4)

        let logSize = 1.2 * stream.normal()
        let order = 24_000 * PortableMath.exp(0.3 * logSize + 0.5 * stream.normal())
        let typicalOrderCents = min(max(order, 1_500), 5_000_000)
        let first = Firmographics.draw(validFrom: since, logSize: logSize, from: &stream)
        let country = Country.draw(from: &stream)

        self.number = number
        self.since = since
        self.industry = Industry.draw(from: &stream)
        self.country = country
        self.legalForm = LegalForm.draw(for: country, employees: first.employees, from: &stream)
        self.foundedYear = since.components.year - 1 - Int(min(stream.exponential(mean: 20), 150))
        self.group = CustomerGroup.draw(for: number, from: &stream)
        self.loyalty = stream.normal()
        self.meanGapDays = min(7 + stream.gamma(shape: 2, scale: 18), 90)
        self.complaintLeaning = stream.gamma(shape: 2, scale: 0.5)
        self.ticketLeaning = stream.gamma(shape: 2, scale: 0.5)
        self.emailLeaning = stream.gamma(shape: 2, scale: 0.5)
        self.visitLeaning = stream.gamma(shape: 2, scale: 0.5)
        self.typicalOrderCents = typicalOrderCents
        let terms = ContractTerms.draw(typicalOrderCents: typicalOrderCents, from: &stream)
        self.contract = parameters.world == .contractual ? terms : nil

        var entries = [first]
        let meanDays = 365.25 / Firmographics.changesPerYear
        var day = max(since, firstDay)
        while true {
            day = day + 1 + Int(stream.exponential(mean: meanDays))
            guard day < parameters.observedUntil else { break }
            entries.append(entries[entries.count - 1].changed(on: day, from: &stream))
        }
        self.entries = entries
    }
}

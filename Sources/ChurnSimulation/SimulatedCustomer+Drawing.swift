import ChurnHistory
import ChurnNumerics

extension SimulatedCustomer {
    /// The share of customers who were there before the history begins.
    static let shareBeforeFirstDay = 0.62

    /// Draws customer `number` of a world; depends on the seed, the number and the span, not on how many others there
    /// are.
    ///
    /// - mean gap: 7 + Gamma(shape 2, scale 18) days, at most 90;
    /// - employees: log-normal, median 30, sigma 1.2, 1 to 20,000;
    /// - typical order: log-normal, median 240 EUR x (employees / 30)^0.3, sigma 0.5, 15 to 50,000 EUR;
    /// - customer since: with probability 0.62 up to ten years before the first day (10 u² years), else evenly over
    ///   the history; a weekend moves to the Friday before.
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

        let logSize = 1.2 * stream.normal()
        let employees = Int((30 * PortableMath.exp(logSize)).rounded())
        let order = 24_000 * PortableMath.exp(0.3 * logSize + 0.5 * stream.normal())

        self.number = number
        self.since = joined - max(0, joined.weekday - 4)
        self.industry = Industry.draw(from: &stream)
        self.employees = min(max(employees, 1), 20_000)
        self.country = Country.draw(from: &stream)
        self.paymentMethod = PaymentMethod.draw(from: &stream)
        self.loyalty = stream.normal()
        self.meanGapDays = min(7 + stream.gamma(shape: 2, scale: 18), 90)
        self.ticketsPerDay = stream.gamma(shape: 2, scale: 0.004)
        self.visitsPerDay = stream.gamma(shape: 2, scale: 0.05)
        self.typicalOrderCents = min(max(order, 1_500), 5_000_000)
    }
}

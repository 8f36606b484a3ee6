import ChurnHistory

/// What happens to everybody on known days: seasons, price rises, campaigns and drift. Nothing of it depends on what
/// customers do.
struct OuterCourse: Sendable {
    /// Days for which a price rise and a campaign work on the hazard, from the first Monday on or after their day.
    static let priceRiseDays = 13 * 7
    static let campaignDays = 26 * 7
    /// Share of the customers that a campaign treats.
    static let treatedShare = 0.5

    let demand: DemandCalendar
    /// The Mondays from which the campaigns work, in their order.
    let campaignMondays: [CalendarDay]
    private let firstDay: CalendarDay
    private let firstMonday: CalendarDay
    /// What list prices are multiplied by, for each day of the history.
    private let priceFactors: [Double]
    /// For each week from the one of the first day: the percent of price rises at work, divided by 10.
    private let priceRises: [Double]
    private let driftFrom: CalendarDay?

    init(_ parameters: SimulationParameters) {
        self.demand = DemandCalendar(
            from: parameters.firstDay,
            to: parameters.observedUntil,
            drift: parameters.driftFrom.map { ($0, parameters.driftActivity) }
        )
        self.firstDay = parameters.firstDay
        self.firstMonday = parameters.firstDay.monday
        self.driftFrom = parameters.driftFrom
        self.campaignMondays = parameters.campaigns.map(\.mondayOnOrAfter)
        let rises = parameters.priceRises
        self.priceFactors = (0..<(parameters.observedUntil - parameters.firstDay)).map { offset in
            rises.reduce(1) { $1.day <= parameters.firstDay + offset ? $0 * (1 + $1.percent / 100) : $0 }
        }
        let weeks = (parameters.observedUntil.monday - parameters.firstDay.monday) / 7 + 1
        self.priceRises = (0..<weeks).map { week in
            let monday = parameters.firstDay.monday + 7 * week
            return rises.reduce(0) { sum, rise in
                let start = rise.day.mondayOnOrAfter
                return monday >= start && monday < start + OuterCourse.priceRiseDays ? sum + rise.percent / 10 : sum
            }
        }
    }

    /// What list prices are multiplied by on a day; 1 before the history.
    func priceFactor(on day: CalendarDay) -> Double {
        let offset = day - firstDay
        guard offset >= 0 else { return 1 }
        return priceFactors[min(offset, priceFactors.count - 1)]
    }

    /// The percent of price rises at work in the week from `monday`, divided by 10.
    func priceRise(weekFrom monday: CalendarDay) -> Double { priceRises[(monday - firstMonday) / 7] }

    /// Whether the hazard has changed by the week from `monday`.
    func isAfterDrift(weekFrom monday: CalendarDay) -> Bool { driftFrom.map { monday >= $0 } ?? false }
}

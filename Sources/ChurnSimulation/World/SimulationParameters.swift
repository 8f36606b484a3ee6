import ChurnHistory

/// What a simulated world is made from; the same parameters give the same bytes on every machine.
public struct SimulationParameters: Sendable, Equatable {
    /// 1 to 50,000,000.
    public let customers: Int
    public let seed: UInt64
    /// The first day that the exported history covers.
    public let firstDay: CalendarDay
    /// The exclusive end of the history.
    public let observedUntil: CalendarDay
    /// Days without a purchase that count as churn, 1 to 366: the label sees `cutoff <= t < cutoff + horizonDays`.
    public let horizonDays: Int
    /// Who purchased in the last `activeWithinDays` days before a cutoff can still churn; 1 to 365.
    public let activeWithinDays: Int
    public let world: WorldKind
    /// Events of a kind for each customer and year between joining (or the first day) and leaving (or the end); kinds
    /// that are not named come as often as `docs/simulation.md` says.
    public let rates: [EventKind: Double]
    /// Customers lost for each year that a customer spends neither in decline nor under notice; `nil` for what the
    /// hazard's own intercept gives.
    public let churnRate: Double?
    /// By day.
    public let priceRises: [PriceRise]
    /// Days on which a random half of the customers is treated, ascending.
    public let campaigns: [CalendarDay]
    /// The first day of a changed hazard.
    public let driftFrom: CalendarDay?
    /// How many times as often as before customers do anything from the day of the drift on.
    public let driftActivity: Double
    /// The first of a month, at least `warmUpDays` after the first day: the study's first observation.
    public let firstCutoff: CalendarDay
    /// The first of a month, the last one whose label window ends at or before `observedUntil`.
    public let lastCutoff: CalendarDay

    /// Days before the first cutoff, so that the longest feature window lies inside the history.
    public static let warmUpDays = 365

    /// 2022-01-01.
    public static let defaultFirstDay = CalendarDay(number: 18_993)
    /// 2024-07-01.
    public static let defaultObservedUntil = CalendarDay(number: 19_905)

    /// 1981-01-01 to 2095-12-31: customers who joined ten years before and contracts that end three years later still have
    /// days that the reader takes.
    private static let allowedDays = CalendarDay(number: 4_018)...CalendarDay(number: 46_020)
    private static let longestSpanDays = 14_610
    private static let mostPriceRises = 20
    private static let mostCampaigns = 20
    private static let highestPriceFactor = 10.0

    /// - Parameters:
    ///   - customers: 1 to 50,000,000.
    ///   - seed: any number.
    ///   - firstDay: first day of the history, 1981-01-01 to 2095-12-31.
    ///   - observedUntil: exclusive end, at most 2095-12-31, late enough for a year, the next first of a month and one
    ///     horizon; at most 14,610 days (40 years) after `firstDay`.
    ///   - horizonDays: 1 to 366.
    ///   - activeWithinDays: 1 to 365.
    ///   - rates: events a customer and year: purchases 0.5 to 300, other kinds 0 to 1000; none for cancellations.
    ///   - churnRate: customers lost a customer and year, 0.01 to 2.
    ///   - priceRises: at most 20, on different days of the history, each by 0.1 to 100 percent, together to at most ten
    ///     times the prices.
    ///   - campaigns: at most 20 different days of the history.
    ///   - driftFrom: a day of the history.
    ///   - driftActivity: 0.05 to 20; without a drift it changes nothing.
    public init(
        customers: Int,
        seed: UInt64,
        firstDay: CalendarDay = defaultFirstDay,
        observedUntil: CalendarDay = defaultObservedUntil,
        horizonDays: Int = 90,
        activeWithinDays: Int = 180,
        world: WorldKind = .noncontractual,
        rates: [EventKind: Double] = [:],
        churnRate: Double? = nil,
        priceRises: [PriceRise] = [],
        campaigns: [CalendarDay] = [],
        driftFrom: CalendarDay? = nil,
        driftActivity: Double = 1
    ) throws(SimulationError) {
        try SimulationParameters.check(.customers, customers, 1...50_000_000)
        try SimulationParameters.check(.horizonDays, horizonDays, 1...366)
        try SimulationParameters.check(.activeWithinDays, activeWithinDays, 1...SimulationParameters.warmUpDays)
        try SimulationParameters.check(.firstDay, firstDay)
        try SimulationParameters.check(.observedUntil, observedUntil)
        for kind in EventKind.allCases {
            guard let rate = rates[kind] else { continue }
            let allowed = kind == .purchase ? 0.5...300 : kind == .cancellation ? 0...0 : 0...1000
            try SimulationParameters.check(.rate(kind), rate, allowed)
        }
        if let churnRate { try SimulationParameters.check(.churnRate, churnRate, 0.01...2) }

        let warm = firstDay + SimulationParameters.warmUpDays
        let firstCutoff = warm.monthStart == warm ? warm : warm.monthStart.adding(CalendarPeriod(months: 1))
        guard firstCutoff + horizonDays <= observedUntil else {
            throw .historyTooShort(
                firstDay: firstDay,
                observedUntil: observedUntil,
                earliestEnd: firstCutoff + horizonDays
            )
        }
        try SimulationParameters.check(
            .historyDays,
            observedUntil - firstDay,
            1...SimulationParameters.longestSpanDays
        )

        let history = firstDay..<observedUntil
        try SimulationParameters.check(
            .priceRises,
            priceRises.map(\.day),
            history,
            SimulationParameters.mostPriceRises
        )
        var priceFactor = 1.0
        for rise in priceRises {
            try SimulationParameters.check(.percentOfPriceRise, rise.percent, 0.1...100)
            priceFactor *= 1 + rise.percent / 100
        }
        guard priceFactor <= SimulationParameters.highestPriceFactor else {
            throw .pricesTooHigh(factor: priceFactor, maximum: SimulationParameters.highestPriceFactor)
        }
        try SimulationParameters.check(.campaigns, campaigns, history, SimulationParameters.mostCampaigns)
        if let driftFrom { try SimulationParameters.check(.driftFrom, [driftFrom], history, 1) }
        try SimulationParameters.check(.driftActivity, driftActivity, 0.05...20)

        self.customers = customers
        self.seed = seed
        self.firstDay = firstDay
        self.observedUntil = observedUntil
        self.horizonDays = horizonDays
        self.activeWithinDays = activeWithinDays
        self.world = world
        self.rates = rates
        self.churnRate = churnRate
        self.priceRises = priceRises.sorted { $0.day < $1.day }
        self.campaigns = campaigns.sorted()
        self.driftFrom = driftFrom
        self.driftActivity = driftActivity
        self.firstCutoff = firstCutoff
        self.lastCutoff = (observedUntil - horizonDays).monthStart
    }

    private static func check(_ parameter: SimulationParameter, _ value: Int, _ allowed: ClosedRange<Int>)
        throws(SimulationError)
    {
        guard allowed.contains(value) else { throw .outOfRange(parameter: parameter, got: value, allowed: allowed) }
    }

    private static func check(_ parameter: SimulationParameter, _ day: CalendarDay) throws(SimulationError) {
        guard allowedDays.contains(day) else {
            throw .dayOutOfRange(parameter: parameter, got: day, allowed: allowedDays)
        }
    }

    private static func check(
        _ parameter: SimulationParameter,
        _ value: Double,
        _ allowed: ClosedRange<Double>
    ) throws(SimulationError) {
        guard allowed.contains(value) else {
            throw .numberOutOfRange(parameter: parameter, got: value, allowed: allowed)
        }
    }

    private static func check(
        _ parameter: SimulationParameter,
        _ days: [CalendarDay],
        _ history: Range<CalendarDay>,
        _ maximum: Int
    ) throws(SimulationError) {
        guard days.count <= maximum else { throw .tooMany(parameter: parameter, got: days.count, maximum: maximum) }
        var seen: Set<CalendarDay> = []
        for day in days {
            guard history.contains(day) else {
                throw .dayOutsideHistory(
                    parameter: parameter,
                    got: day,
                    firstDay: history.lowerBound,
                    observedUntil: history.upperBound
                )
            }
            guard seen.insert(day).inserted else { throw .repeatedDay(parameter: parameter, day: day) }
        }
    }
}

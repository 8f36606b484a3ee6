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

    /// 1950-01-01 to 2199-12-31.
    private static let allowedDays = CalendarDay(number: -7305)...CalendarDay(number: 84_005)
    private static let longestSpanDays = 14_610

    /// - Parameters:
    ///   - customers: 1 to 50,000,000.
    ///   - seed: any number.
    ///   - firstDay: first day of the history, 1950-01-01 to 2199-12-31.
    ///   - observedUntil: exclusive end, at most 2199-12-31, late enough for a year, the next first of a month and one horizon; at most
    ///     14,610 days (40 years) after `firstDay`.
    ///   - horizonDays: 1 to 366.
    ///   - activeWithinDays: 1 to 365.
    public init(
        customers: Int,
        seed: UInt64,
        firstDay: CalendarDay = defaultFirstDay,
        observedUntil: CalendarDay = defaultObservedUntil,
        horizonDays: Int = 90,
        activeWithinDays: Int = 180
    ) throws(SimulationError) {
        try SimulationParameters.check("customers", customers, 1...50_000_000)
        try SimulationParameters.check("horizonDays", horizonDays, 1...366)
        try SimulationParameters.check("activeWithinDays", activeWithinDays, 1...SimulationParameters.warmUpDays)
        try SimulationParameters.check("firstDay", firstDay)
        try SimulationParameters.check("observedUntil", observedUntil)

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
            "days of history",
            observedUntil - firstDay,
            1...SimulationParameters.longestSpanDays
        )

        self.customers = customers
        self.seed = seed
        self.firstDay = firstDay
        self.observedUntil = observedUntil
        self.horizonDays = horizonDays
        self.activeWithinDays = activeWithinDays
        self.firstCutoff = firstCutoff
        self.lastCutoff = (observedUntil - horizonDays).monthStart
    }

    private static func check(_ name: String, _ value: Int, _ allowed: ClosedRange<Int>) throws(SimulationError) {
        guard allowed.contains(value) else { throw .outOfRange(parameter: name, got: value, allowed: allowed) }
    }

    private static func check(_ name: String, _ day: CalendarDay) throws(SimulationError) {
        guard allowedDays.contains(day) else {
            throw .dayOutOfRange(parameter: name, got: day, allowed: allowedDays)
        }
    }
}

/// What a message about a world's parameters can be about.
public enum SimulationParameter: Sendable, Hashable {
    case customers
    case horizonDays
    case activeWithinDays
    case firstDay
    case observedUntil
    /// The days from `firstDay` to `observedUntil`.
    case historyDays
    case rate(EventKind)
    case churnRate
    case priceRises
    case percentOfPriceRise
    case campaigns
    case driftFrom
    case driftActivity
}

extension SimulationParameter: CustomStringConvertible {
    /// The parameter as `SimulationParameters` names it.
    public var description: String {
        switch self {
        case .customers: "customers"
        case .horizonDays: "horizonDays"
        case .activeWithinDays: "activeWithinDays"
        case .firstDay: "firstDay"
        case .observedUntil: "observedUntil"
        case .historyDays: "days of history"
        case .rate(let kind): "rate of \(kind.name)"
        case .churnRate: "churnRate"
        case .priceRises: "priceRises"
        case .percentOfPriceRise: "percent of a price rise"
        case .campaigns: "campaigns"
        case .driftFrom: "driftFrom"
        case .driftActivity: "driftActivity"
        }
    }
}

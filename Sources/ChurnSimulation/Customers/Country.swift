/// Where a simulated customer is.
public enum Country: String, Sendable, CaseIterable {
    case austria = "AT"
    case britain = "GB"
    case finland = "FI"
    case germany = "DE"
    case netherlands = "NL"
    case poland = "PL"
    case switzerland = "CH"

    /// IANA name of the clock that the customer's offices go by.
    public var timeZone: String {
        switch self {
        case .austria: "Europe/Vienna"
        case .britain: "Europe/London"
        case .finland: "Europe/Helsinki"
        case .germany: "Europe/Berlin"
        case .netherlands: "Europe/Amsterdam"
        case .poland: "Europe/Warsaw"
        case .switzerland: "Europe/Zurich"
        }
    }
}

extension Country: WeightedCategory {
    static let commonest = Country.germany

    var share: Double {
        switch self {
        case .austria: 0.12
        case .britain: 0.04
        case .finland: 0.03
        case .germany: 0.58
        case .netherlands: 0.08
        case .poland: 0.06
        case .switzerland: 0.09
        }
    }
}

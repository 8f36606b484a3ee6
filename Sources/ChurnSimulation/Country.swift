/// Where a simulated customer is; all of them share one clock with Berlin.
public enum Country: String, Sendable, CaseIterable {
    case austria = "AT"
    case germany = "DE"
    case netherlands = "NL"
    case poland = "PL"
    case switzerland = "CH"
}

extension Country: WeightedCategory {
    static let commonest = Country.germany

    var share: Double {
        switch self {
        case .austria: 0.13
        case .germany: 0.62
        case .netherlands: 0.09
        case .poland: 0.06
        case .switzerland: 0.10
        }
    }
}

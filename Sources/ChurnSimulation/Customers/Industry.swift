/// What a simulated customer does for a living.
public enum Industry: String, Sendable, CaseIterable {
    case construction, healthcare, logistics, manufacturing, retail, services
}

extension Industry: WeightedCategory {
    static let commonest = Industry.manufacturing

    var share: Double {
        switch self {
        case .construction: 0.18
        case .healthcare: 0.12
        case .logistics: 0.10
        case .manufacturing: 0.26
        case .retail: 0.20
        case .services: 0.14
        }
    }
}

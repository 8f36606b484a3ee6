import ChurnHistory

/// What the events of a study can have, by what the study says of its sources.
///
/// The rows at hand do not tell: a type that did not occur in this month's data is no fault, a source without amounts is one to a
/// plan with features of them, which would all be 0.
struct SourceContents {
    private let sources: [EventSource]

    init(_ sources: StudySources) { self.sources = sources.events }

    /// Whether some source can have events of one of the types that have what is needed.
    func have(_ need: EventNeed, of types: [String]) -> Bool {
        sources.contains { source in
            guard types.contains(where: source.type.canMake) else { return false }
            return switch need {
            case .events: true
            case .amounts: source.amount != .none
            case .quantities: source.quantity != nil
            case .attribute(let name): source.attributes.contains { $0.name == name }
            }
        }
    }

    /// Fails where a feature would be the same for everybody because no source has what it is computed from.
    func require(_ feature: FeaturePlan.Feature) throws(FeatureError) {
        guard let need = feature.need else { return }
        guard have(need, of: feature.eventTypes) else {
            throw .missingEvents(feature: feature.name, need: need, types: feature.eventTypes)
        }
        if let among = feature.among, !among.isEmpty, !have(.events, of: among) {
            throw .missingEvents(feature: feature.name, need: .events, types: among)
        }
    }
}

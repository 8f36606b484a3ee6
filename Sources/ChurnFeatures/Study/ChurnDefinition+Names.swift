import ChurnHistory

extension ChurnDefinition {
    /// Fails when the definition names an event type, or a value of an attribute, that the data do not have at all: most often
    /// it is misspelt, and nobody, or everybody, would churn.
    func requireKnownNames(in index: EventIndex) throws(FeatureError) {
        for type in activityTypes + eventTypes where !index.typeNames.contains(type) {
            throw .unknownEventType(type, known: index.typeNames)
        }
        if let unknown = unknownAttributeValues(in: index).first { throw unknown.error }
    }

    /// The values of attributes that filters and groups of horizons name and that the data do not have, each once.
    public func unknownAttributeValues(in index: EventIndex) -> [UnknownAttributeValue] {
        var unknown: [UnknownAttributeValue] = []
        func note(_ values: [String], _ attribute: String, _ place: UnknownAttributeValue.Place, among known: [String])
        {
            for value in values where !known.contains(value) {
                let found = UnknownAttributeValue(
                    place: place,
                    attribute: attribute,
                    value: value,
                    known: known.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
                )
                if !unknown.contains(found) { unknown.append(found) }
            }
        }
        for condition in of.flatMap(\.conditions) {
            let known = index.attributes.first { $0.name == condition.attribute }?.values ?? []
            note(condition.values, condition.attribute, .filter, among: known)
        }
        if case .horizonBy(let groups) = window {
            let known = index.customerAttribute(groups.attribute)?.1.values ?? []
            note(groups.groups.map(\.value), groups.attribute, .horizon, among: known)
        }
        return unknown
    }
}

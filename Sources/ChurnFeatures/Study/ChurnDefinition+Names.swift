import ChurnHistory

extension ChurnDefinition {
    /// Fails when the definition names an event type, or a value of an attribute, that the data do not have at all: most often
    /// it is misspelt, and nobody, or everybody, would churn.
    func requireKnownNames(in index: EventIndex) throws(FeatureError) {
        for type in activityTypes + eventTypes where !index.typeNames.contains(type) {
            throw .unknownEventType(type, known: index.typeNames)
        }
        for condition in of.flatMap(\.conditions) {
            let known = index.attributes.first { $0.name == condition.attribute }?.values ?? []
            try Self.require(condition.values, of: condition.attribute, among: known)
        }
        if case .horizonBy(let groups) = window {
            let known = index.customerAttribute(groups.attribute)?.1.values ?? []
            try Self.require(groups.groups.map(\.value), of: groups.attribute, among: known)
        }
    }

    private static func require(
        _ values: [String],
        of attribute: String,
        among known: [String]
    ) throws(FeatureError) {
        for value in values where !known.contains(value) {
            throw .unknownAttributeValue(value, attribute: attribute, known: known.sorted())
        }
    }
}

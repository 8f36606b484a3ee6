import ChurnHistory

/// The declarative list of features, without a word on how they are computed: what a model stores, and what training and
/// scoring both carry out.
public struct FeaturePlan: Sendable, Equatable {
    /// The version that is written. Version 1, which had neither attributes nor parts, is read too.
    public static let formatVersion = 2
    private static let readableVersions = 1...2

    public let features: [Feature]
    /// The zone whose calendar days the features count.
    public let timeZoneName: String

    /// - Throws: `FeatureError` when there is no feature, names repeat, or a feature lacks what its primitive needs.
    public init(features: [Feature], timeZoneName: String) throws(FeatureError) {
        if features.isEmpty { throw .emptyPlan }
        var names = Set<String>()
        for feature in features {
            guard names.insert(feature.name).inserted else { throw .duplicateFeature(feature.name) }
            guard feature.isComplete else { throw .malformedFeature(feature.name) }
        }
        self.features = features
        self.timeZoneName = timeZoneName
    }

    /// The plan of a study: what its `features` choose from all features that the data make possible.
    ///
    /// Only what happened before the study's last cutoff counts: event types that the data have by then, and features of
    /// amounts and quantities for those that have them by then. Types come in byte order, windows in the study's order, so
    /// that a study and its data always give the same plan.
    /// - Throws: `unknownEventType` when the study names a type that the data do not have at all, `unknownFeature` when it
    ///   names a feature that they do not make, `unknownTermFeature` when a term names one that is not computed.
    public init(study: Study, index: EventIndex) throws(FeatureError) {
        try study.churn.requireKnownNames(in: index)
        for type in study.features.types ?? [] where !index.typeNames.contains(type) {
            throw .unknownEventType(type, known: index.typeNames)
        }
        let catalogue = FeatureCatalogue(study: study, index: index)
        let features = try study.features.choose(from: catalogue)
        let names = features.map(\.name)
        if let unknown = study.terms.flatMap(\.features).first(where: { !names.contains($0) }) {
            throw .unknownTermFeature(unknown, known: names)
        }
        try self.init(features: features, timeZoneName: study.calendar.timeZoneName)
    }

    public var featureNames: [String] { features.map(\.name) }
}

extension FeaturePlan: Codable {
    private enum CodingKeys: String, CodingKey { case formatVersion, features, timeZone }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let version = try container.decode(Int.self, forKey: .formatVersion)
        guard Self.readableVersions.contains(version) else { throw FeatureError.unknownPlanVersion(version) }
        try self.init(
            features: container.decode([Feature].self, forKey: .features),
            timeZoneName: container.decode(String.self, forKey: .timeZone)
        )
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.formatVersion, forKey: .formatVersion)
        try container.encode(features, forKey: .features)
        try container.encode(timeZoneName, forKey: .timeZone)
    }
}

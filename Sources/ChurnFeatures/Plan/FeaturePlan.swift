import ChurnHistory

/// The declarative list of features, without a word on how they are computed: what a model stores, and what training and
/// scoring both carry out.
public struct FeaturePlan: Sendable, Equatable {
    /// One feature: a primitive applied to events of some types, in a window where the primitive takes one.
    public struct Feature: Sendable, Equatable, Codable {
        /// Unique within the plan, such as `purchase_count_90d`.
        public let name: String
        public let primitive: Primitive
        public let eventTypes: [String]
        public let window: FeatureWindow?

        /// What the feature says, in plain words.
        public var sentence: String {
            primitive.definition.sentence(eventTypes: eventTypes, window: window)
        }
    }

    public static let formatVersion = 1

    public let features: [Feature]

    /// - Throws: `FeatureError` when names repeat, or a feature lacks what its primitive needs.
    public init(features: [Feature]) throws(FeatureError) {
        var names = Set<String>()
        for feature in features {
            guard names.insert(feature.name).inserted else { throw .duplicateFeature(feature.name) }
            guard !feature.eventTypes.isEmpty, (feature.window != nil) == feature.primitive.takesWindow else {
                throw .malformedFeature(feature.name)
            }
        }
        self.features = features
    }

    /// The plan of a study: count, sum and mean of each event type in each window, and the rhythm of the activity.
    ///
    /// Sums and means only of types that have amounts in the data. Event types come in byte order, windows in the
    /// study's order, so that a study and its data always give the same plan.
    public init(study: Study, index: EventIndex) throws(FeatureError) {
        var features: [Feature] = []
        for (code, type) in index.typeNames.enumerated() {
            let primitives: [Primitive] = index.typeHasAmount[code] ? [.count, .sum, .mean] : [.count]
            for primitive in primitives {
                for window in study.windows {
                    features.append(
                        Feature(
                            name: "\(type)_\(primitive.rawValue)_\(window.name)", primitive: primitive, eventTypes: [type],
                            window: window))
                }
            }
        }
        let activity = try study.activityTypes(in: index)
        for primitive in Primitive.allCases where !primitive.takesWindow {
            features.append(
                Feature(name: primitive.rawValue, primitive: primitive, eventTypes: activity, window: nil))
        }
        try self.init(features: features)
    }

    public var featureNames: [String] { features.map(\.name) }
}

extension FeaturePlan: Codable {
    private enum CodingKeys: String, CodingKey { case formatVersion, features }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let version = try container.decode(Int.self, forKey: .formatVersion)
        guard version == Self.formatVersion else { throw FeatureError.unknownPlanVersion(version) }
        try self.init(features: container.decode([Feature].self, forKey: .features))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.formatVersion, forKey: .formatVersion)
        try container.encode(features, forKey: .features)
    }
}

extension Study {
    /// The event types that show that a customer is there, of those that the data have.
    func activityTypes(in index: EventIndex) throws(FeatureError) -> [String] {
        let types = churn.activityTypes ?? index.typeNames.filter { !churn.eventTypes.contains($0) }
        for type in (churn.activityTypes ?? []) + churn.eventTypes where !index.typeNames.contains(type) {
            throw .unknownEventType(type, known: index.typeNames)
        }
        if types.isEmpty { throw .noActivityType }
        return types
    }
}

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
    /// The zone whose calendar days the features count.
    public let timeZoneName: String

    /// - Throws: `FeatureError` when names repeat, or a feature lacks what its primitive needs.
    public init(features: [Feature], timeZoneName: String) throws(FeatureError) {
        var names = Set<String>()
        for feature in features {
            guard names.insert(feature.name).inserted else { throw .duplicateFeature(feature.name) }
            guard !feature.eventTypes.isEmpty, (feature.window != nil) == feature.primitive.takesWindow else {
                throw .malformedFeature(feature.name)
            }
        }
        self.features = features
        self.timeZoneName = timeZoneName
    }

    /// The plan of a study: count, sum and mean of each event type in each window, and the rhythm of the activity.
    ///
    /// Only what happened before the study's last cutoff counts: event types that the data have by then, and sums and
    /// means of those that have amounts by then. Types come in byte order, windows in the study's order, so that a study
    /// and its data always give the same plan.
    /// - Throws: when the study names a type, or a value of an attribute, that the data do not have at all.
    public init(study: Study, index: EventIndex) throws(FeatureError) {
        let types = KnownTypes(index, before: study.observations.days.last.map(study.calendar.start) ?? .max)
        try study.churn.requireKnownNames(in: index)
        var features: [Feature] = []
        for (type, hasAmount) in zip(types.names, types.haveAmount) {
            let primitives: [Primitive] = hasAmount ? [.count, .sum, .mean] : [.count]
            for primitive in primitives {
                for window in study.windows {
                    features.append(
                        Feature(
                            name: "\(type)_\(primitive.rawValue)_\(window.name)",
                            primitive: primitive,
                            eventTypes: [type],
                            window: window
                        )
                    )
                }
            }
        }
        for primitive in Primitive.allCases where !primitive.takesWindow && !study.churn.activityTypes.isEmpty {
            features.append(
                Feature(
                    name: primitive.rawValue,
                    primitive: primitive,
                    eventTypes: study.churn.activityTypes,
                    window: nil
                )
            )
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
        guard version == Self.formatVersion else { throw FeatureError.unknownPlanVersion(version) }
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

/// The event types that the data have before an instant, in byte order.
private struct KnownTypes {
    let names: [String]
    let haveAmount: [Bool]

    init(_ index: EventIndex, before end: Int64) {
        var isKnown = [Bool](repeating: false, count: index.typeNames.count)
        var hasAmount = isKnown
        for row in 0..<index.eventCount where index.times[row] < end {
            let type = Int(index.types[row])
            isKnown[type] = true
            if !index.amounts[row].isNaN { hasAmount[type] = true }
        }
        let known = isKnown.indices.filter { isKnown[$0] }
        names = known.map { index.typeNames[$0] }
        haveAmount = known.map { hasAmount[$0] }
    }
}

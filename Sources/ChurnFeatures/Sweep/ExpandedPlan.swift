import ChurnHistory

/// A plan resolved against an index: codes in place of names, and every question that the sweep must answer named once.
struct ExpandedPlan {
    /// One column of the feature table.
    enum Column {
        /// A window primitive of one event type; `pair` numbers the (type, window) that it looks at.
        case window(Primitive, pair: Int)
        case activity(Primitive)
    }

    /// An event type in a window; all primitives of the pair share its two pointers.
    struct Pair: Hashable {
        let type: Int
        let window: FeatureWindow
    }

    let columns: [Column]
    let pairs: [Pair]
    /// By type code: whether the type shows that a customer is there.
    let isActivity: [Bool]

    init(_ plan: FeaturePlan, study: Study, index: EventIndex) throws(FeatureError) {
        guard plan.timeZoneName == study.calendar.timeZoneName else {
            throw .timeZoneMismatch(plan: plan.timeZoneName, study: study.calendar.timeZoneName)
        }
        var pairs: [Pair] = []
        var columns: [Column] = []
        let activity = Set(study.churn.activityTypes)
        for feature in plan.features {
            guard feature.primitive.takesWindow else {
                guard Set(feature.eventTypes) == activity else {
                    throw .activityMismatch(plan: feature.eventTypes, study: study.churn.activityTypes)
                }
                columns.append(.activity(feature.primitive))
                continue
            }
            guard let window = feature.window, feature.eventTypes.count == 1 else {
                throw .malformedFeature(feature.name)
            }
            // A type that the data do not have is one that nobody has events of: an empty history.
            let type = index.typeNames.firstIndex(of: feature.eventTypes[0]) ?? index.typeNames.count
            let pair = Pair(type: type, window: window)
            if let known = pairs.firstIndex(of: pair) {
                columns.append(.window(feature.primitive, pair: known))
            } else {
                columns.append(.window(feature.primitive, pair: pairs.count))
                pairs.append(pair)
            }
        }
        self.columns = columns
        self.pairs = pairs
        isActivity = index.typeNames.map(activity.contains)
    }
}

import ChurnHistory

extension FeaturePlan {
    /// A few features of the activity, whatever the study's own `features` choose.
    /// - Parameters:
    ///   - primitives: of the activity, each over the whole history before the cutoff.
    /// - Throws: `noActivity` where the study names no events of activity; `noAmounts` where a primitive needs amounts that
    ///   they do not have.
    public init(ofActivity primitives: [Primitive], study: Study, index: EventIndex) throws(FeatureError) {
        try study.churn.requireKnownNames(in: index)
        let activity = study.churn.activityTypes
        if activity.isEmpty { throw .noActivity }
        if primitives.contains(.monetaryScore), !SourceContents(study.sources).have(.amounts, of: activity) {
            throw .noAmounts(types: activity)
        }
        try self.init(
            features: primitives.map { primitive in
                let window = primitive.windowUse == .none ? nil : FeatureWindow.all
                return Feature(
                    name: primitive.rawValue + (window.map { "_\($0.name)" } ?? ""),
                    primitive: primitive,
                    eventTypes: activity,
                    window: window
                )
            },
            timeZoneName: study.calendar.timeZoneName
        )
    }
}

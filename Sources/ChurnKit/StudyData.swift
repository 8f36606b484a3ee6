import ChurnFeatures
import ChurnHistory

/// A study with its history read: what features are computed from.
public struct StudyData: Sendable {
    public let study: Study
    public let history: EventHistory
    /// The study's cutoffs, ascending, as far as the data reach.
    public let cutoffs: [Cutoff]
    /// How many of the study's cutoffs lie behind the data and are left out.
    public var cutoffsBehindData: Int { study.observations.days.count - cutoffs.count }

    /// Reads a study's sources.
    public init(study: Study) throws(DataError) {
        self.study = study
        history = try EventHistory(
            sources: study.sources,
            calendar: study.calendar,
            observedUntil: study.observedUntilInstant,
            options: .init(maximumRejected: study.maximumRejected)
        )
        cutoffs = study.cutoffs(observedUntil: history.observedUntil)
    }

    /// The plan that the study and its data make.
    public func plan() throws(FeatureError) -> FeaturePlan {
        try FeaturePlan(study: study, index: history.index)
    }

    /// The feature table of a plan.
    /// - Parameter cutoffs: ascending; the study's where `nil`.
    public func featureTable(
        plan: FeaturePlan,
        cutoffs: [Cutoff]? = nil,
        threads: Int
    ) throws(FeatureError) -> FeatureTable {
        try FeatureSweep(
            study: study,
            index: history.index,
            plan: plan,
            cutoffs: cutoffs ?? self.cutoffs,
            threads: threads
        ).table(dataFingerprint: history.dataFingerprint)
    }

    /// The one cutoff at a day.
    public func cutoff(asOf day: CalendarDay) throws(DataError) -> Cutoff {
        try study.cutoff(asOf: day, observedUntil: history.observedUntil)
    }
}

import ChurnEvaluation
import ChurnFeatures
import ChurnHistory
import ChurnModels

/// Models that others must beat: each takes a few features of the activity, whatever the study's `features` choose.
public enum Baseline: String, Sendable, CaseIterable {
    /// A logistic regression on the days since the last activity alone.
    case recency
    /// A logistic regression on the three scores of recency, frequency and monetary value.
    case rfm
    /// Buy-till-you-die models, which know nothing of labels, calibrated.
    case bgnbd, mbgnbd, paretonbd

    /// The kind of a buy-till-you-die model, in whose fit labels have no part; the others are logistic regressions.
    public var buyTillYouDie: ModelKind? { ModelKind(rawValue: rawValue) }

    /// The features that the model takes.
    public func plan(study: Study, index: EventIndex) throws(FeatureError) -> FeaturePlan {
        let primitives: [Primitive] =
            switch self {
            case .recency: [.recency]
            case .rfm: [.recencyScore, .frequencyScore, .monetaryScore]
            case .bgnbd, .mbgnbd, .paretonbd: [.activeDays, .recency, .tenure]
            }
        return try FeaturePlan(ofActivity: primitives, study: study, index: index)
    }
}

extension ModelTraining {
    /// Trains a baseline on its own features, split in time as other models are.
    ///
    /// A buy-till-you-die model is fitted to everybody who was ever active before the last training cutoff, those too who can
    /// no longer churn.
    /// - Parameter options: the estimator is that of the logistic regression, where the baseline is one.
    /// - Throws: `silenceIsNotChurn` where a buy-till-you-die model would tell of something else than the study's churn.
    public static func train(_ baseline: Baseline, on data: StudyData, options: TrainingOptions) throws -> StoredModel {
        let parts = try baseline.parts(on: data, threads: options.threads)
        let table = parts.table
        var options = options
        if let estimator = parts.estimator, let last = try TimeSplit(featureTable: table).train.last {
            options.estimator = try estimator(last)
        }
        return try train(on: table, options: options)
    }
}

extension Baseline {
    private static let daysOfMonth = 365.0 / 12

    /// The baseline's own features, and where labels have no part in the fit, what fits it, given the last training cutoff.
    /// - Throws: `silenceIsNotChurn` where a buy-till-you-die model would tell of something else than the study's churn.
    public func parts(
        on data: StudyData,
        threads: Int
    ) throws -> (table: FeatureTable, estimator: (@Sendable (Int) throws -> any ModelEstimator)?) {
        let horizon = try buyTillYouDie.map { try Self.silence(of: data.study.churn, asked: $0) }
        let plan = try plan(study: data.study, index: data.history.index)
        let table = try data.featureTable(plan: plan, threads: threads)
        guard let kind = buyTillYouDie, let horizon else { return (table, nil) }
        let (names, cutoffs) = (plan.featureNames, table.cutoffs)
        return (
            table,
            { last in
                try BuyTillYouDie(
                    kind,
                    columns: .init(purchaseDays: names[0], recency: names[1], tenure: names[2]),
                    horizon: Double(horizon.days) + Double(horizon.months) * Self.daysOfMonth,
                    everybody: data.everybody(plan: plan, at: cutoffs[last], threads: threads)
                )
            }
        )
    }

    /// How long the silence is that a study calls churn: one length for all, of any event of its types.
    private static func silence(
        of churn: ChurnDefinition,
        asked kind: ModelKind
    ) throws(WorkflowError) -> CalendarPeriod {
        func refusal(_ definition: String) -> WorkflowError {
            .silenceIsNotChurn(model: kind.rawValue, definition: definition)
        }
        guard churn.kind == .inactivity else { throw refusal(churn.kind.rawValue) }
        guard case .horizon(let horizon) = churn.window else { throw refusal("of another horizon for each group") }
        if churn.of.contains(where: { !$0.conditions.isEmpty }) {
            throw refusal("of a part of the events of its types")
        }
        return horizon
    }
}

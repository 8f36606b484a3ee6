import ChurnFeatures
import ChurnModels
import ChurnRegistry

/// What a user can choose when a model is trained.
public struct TrainingOptions: Sendable {
    public var estimator: any ModelEstimator
    /// How probabilities are calibrated, on rows that the model did not see; `nil` for not at all.
    public var calibration: Calibration.Method?
    /// A version that a stochastic descent goes on from, and what it holds; the estimator has its pipeline, too. `nil` to begin anew.
    public var parent: (name: String, model: StoredModel)?
    /// Of a flat table: the share of rows kept back for testing, in [0, 1).
    public var testShare: Double
    public var seed: UInt64
    /// Of a flat table: columns whose numbers are names.
    public var categorical: Set<String>
    /// Predictors that may tell the label almost perfectly; any other one that does stops the training.
    public var allowedLeaks: Set<String>
    /// The study's definition of churn in words, for the record; `nil` for a flat table.
    public var churn: String?
    /// Positive; the result does not depend on it.
    public var threads: Int

    public init(
        _ estimator: any ModelEstimator,
        calibration: Calibration.Method? = nil,
        parent: (name: String, model: StoredModel)? = nil,
        testShare: Double = 0.2,
        seed: UInt64 = 1,
        categorical: Set<String> = [],
        allowedLeaks: Set<String> = [],
        churn: String? = nil,
        threads: Int
    ) {
        self.estimator = estimator
        self.calibration = calibration
        self.parent = parent
        self.testShare = testShare
        self.seed = seed
        self.categorical = categorical
        self.allowedLeaks = allowedLeaks
        self.churn = churn
        self.threads = threads
    }
}

extension Terms {
    /// The terms that a study declares.
    public init(_ terms: [StudyTerm]) {
        self.init()
        for term in terms {
            switch term {
            case .spline(let feature, let knots): splines[feature] = knots
            case .interaction(let left, let right): interactions.append(Pair(left, right))
            }
        }
    }
}

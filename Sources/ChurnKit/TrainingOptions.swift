import ChurnModels

/// What a user can choose when a model is trained.
public struct TrainingOptions: Sendable {
    public var estimator: LogisticRegression
    public var imputation: Imputation
    /// Of a flat table: the share of rows kept back for testing, in [0, 1).
    public var testShare: Double
    public var seed: UInt64
    /// Predictors that may tell the label almost perfectly; any other one that does stops the training.
    public var allowedLeaks: Set<String>
    /// Positive; the result does not depend on it.
    public var threads: Int

    public init(
        estimator: LogisticRegression,
        imputation: Imputation = .mean,
        testShare: Double = 0.2,
        seed: UInt64 = 1,
        allowedLeaks: Set<String> = [],
        threads: Int
    ) {
        self.estimator = estimator
        self.imputation = imputation
        self.testShare = testShare
        self.seed = seed
        self.allowedLeaks = allowedLeaks
        self.threads = threads
    }
}

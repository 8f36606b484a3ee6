import ChurnModels

/// What a user can choose when a model is trained.
public struct TrainingOptions: Sendable {
    public var estimator: LogisticRegression
    public var imputation: Imputation
    /// Of a flat table: the share of rows kept back for testing, in [0, 1).
    public var testShare: Double
    public var seed: UInt64
    /// Positive; the result does not depend on it.
    public var threads: Int

    public init(
        estimator: LogisticRegression,
        imputation: Imputation = .mean,
        testShare: Double = 0.2,
        seed: UInt64 = 1,
        threads: Int
    ) {
        self.estimator = estimator
        self.imputation = imputation
        self.testShare = testShare
        self.seed = seed
        self.threads = threads
    }
}

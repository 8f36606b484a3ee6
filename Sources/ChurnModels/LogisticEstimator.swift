/// Finds the coefficients of a logistic model: exactly, or by stochastic descent.
///
/// Its hyperparameters are checked before there is one, so that `fit` can only fail for what is in the data.
public protocol LogisticEstimator: Sendable {
    var penalty: Penalty { get }
    /// - Parameters:
    ///   - model: a model of the same columns to begin with, where the estimator depends on where it begins; `nil` for none.
    ///   - threads: positive; the result does not depend on it.
    func fit(
        _ data: TrainingData,
        from model: FittedLogisticRegression?,
        threads: Int
    ) throws(ModelError) -> FittedLogisticRegression
}

extension LogisticEstimator {
    public func fit(_ data: TrainingData, threads: Int) throws(ModelError) -> FittedLogisticRegression {
        try fit(data, from: nil, threads: threads)
    }
}

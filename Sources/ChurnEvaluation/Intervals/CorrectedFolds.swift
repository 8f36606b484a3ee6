import ChurnNumerics

/// The mean of a figure over repeated random folds, whose training rows overlap: Nadeau and Bengio ("Inference for the generalization error",
/// Machine Learning 2003) widen its variance by the ratio of test to training rows.
///
/// For random folds of rows that stand for themselves only; folds in time are not exchangeable.
public enum CorrectedFolds {
    /// - Parameters:
    ///   - values: one a fold of each repetition; at least 2.
    ///   - testShare: of the rows, in (0, 1): one over the number of folds.
    public static func estimate(_ values: [Double], testShare: Double) -> MetricEstimate? {
        guard values.count >= 2, testShare > 0, testShare < 1 else { return nil }
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        let error = (variance * (1 / count + testShare / (1 - testShare))).squareRoot()
        let margin = StudentDistribution.quantile975(degreesOfFreedom: count - 1) * error
        return MetricEstimate(value: mean, low: mean - margin, high: mean + margin, method: .correctedFolds)
    }
}

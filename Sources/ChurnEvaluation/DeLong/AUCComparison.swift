import ChurnNumerics

/// Two AUCs on the same rows, and whether they differ by more than chance.
public struct AUCComparison: Sendable, Equatable, Codable {
    public let first: AUCEstimate
    public let second: AUCEstimate
    /// Of the two estimated AUCs.
    public let covariance: Double
    /// AUC of the first minus AUC of the second.
    public let difference: Double
    /// Of the difference: the sum of the variances minus twice the covariance, but computed without that cancellation.
    public let variance: Double
    public let kind: VarianceKind
    /// The difference over its standard error. `nil` where the variance is 0, such as for equal rankings.
    public let z: Double?
    /// The two-sided normal probability of a |z| at least as large, were the AUCs equal. `nil` where `z` is.
    public let p: Double?
    /// Of the difference: normal approximation, within [-1, 1].
    public let interval: ConfidenceInterval

    init(first: AUCEstimate, second: AUCEstimate, covariance: Double, variance: Double, kind: VarianceKind) {
        let difference = first.auc - second.auc
        let standardError = variance.squareRoot()
        let z = standardError > 0 ? difference / standardError : nil
        self.first = first
        self.second = second
        self.covariance = covariance
        self.difference = difference
        self.variance = variance
        self.kind = kind
        self.z = z
        p = z.map(NormalDistribution.twoSidedPValue)
        interval = ConfidenceInterval(estimate: difference, standardError: standardError, within: -1...1)
    }
}

/// An area under the ROC curve with its sampling error.
public struct AUCEstimate: Sendable, Equatable, Codable {
    public let auc: Double
    /// Of the estimated AUC. 0 where the ranking is perfect, or all scores are equal.
    public let variance: Double
    public let kind: VarianceKind
    /// Normal approximation, within [0, 1].
    public let interval: ConfidenceInterval

    public var standardError: Double { variance.squareRoot() }

    init(auc: Double, variance: Double, kind: VarianceKind) {
        self.auc = auc
        self.variance = variance
        self.kind = kind
        interval = ConfidenceInterval(estimate: auc, standardError: variance.squareRoot(), within: 0...1)
    }
}

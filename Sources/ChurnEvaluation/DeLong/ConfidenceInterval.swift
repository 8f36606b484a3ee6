/// A two-sided 95 % interval.
public struct ConfidenceInterval: Sendable, Equatable, Codable {
    public let lower: Double
    public let upper: Double

    /// The 97.5 % quantile of the standard normal distribution.
    static let normalQuantile = 1.959963984540054

    /// `estimate` ± 1.96 standard errors, kept within `bounds`.
    init(estimate: Double, standardError: Double, within bounds: ClosedRange<Double>) {
        let margin = ConfidenceInterval.normalQuantile * standardError
        lower = max(bounds.lowerBound, estimate - margin)
        upper = min(bounds.upperBound, estimate + margin)
    }
}

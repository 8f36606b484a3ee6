import ChurnNumerics

/// The mean of rows that come in clusters, such as customers, and its standard error: the ratio estimator of cluster samples (Cochran,
/// Sampling Techniques, 1977, 9A).
public struct ClusteredMean: Sendable, Equatable {
    public let mean: Double
    /// `nil` for fewer than two clusters.
    public let standardError: Double?

    /// - Parameters:
    ///   - values: finite, at least one with weight.
    ///   - weights: one a value, none negative; `nil` for all 1.
    ///   - clusters: one a value; `nil` where every value stands for itself.
    /// - Returns: `nil` without any weight, or where a value with weight is not finite.
    public init?(_ values: [Double], weights: [Double]?, clusters: [UInt32]?) {
        var (total, sum) = (0.0, CompensatedSum())
        for row in values.indices {
            let weight = weights?[row] ?? 1
            guard weight > 0 else { continue }
            total += weight
            sum.add(weight * values[row])
        }
        guard total > 0, sum.value.isFinite else { return nil }
        let mean = sum.value / total
        var excess: [UInt32: Double] = [:]
        for row in values.indices {
            let weight = weights?[row] ?? 1
            guard weight > 0 else { continue }
            let cluster = clusters?[row] ?? UInt32(truncatingIfNeeded: row)
            excess[cluster, default: 0] += weight * (values[row] - mean)
        }
        self.mean = mean
        // In an order that is the same in every run: a dictionary's is not.
        let squares = excess.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value * $1.value }
        let count = Double(excess.count)
        standardError = count > 1 ? (squares * count / (count - 1)).squareRoot() / total : nil
    }

    /// The mean with its interval of 95 % by the normal distribution.
    public var estimate: MetricEstimate {
        let reach = standardError.map { NormalDistribution.quantile975 * $0 }
        return MetricEstimate(
            value: mean,
            low: reach.map { mean - $0 },
            high: reach.map { mean + $0 },
            method: reach.map { _ in .clusteredMean }
        )
    }
}

extension Predictions {
    /// What each row adds to a mean loss; `nil` for metrics that are no mean of losses.
    public func losses(_ metric: Metric) -> [Double]? {
        switch metric {
        case .logLoss:
            labels.indices.map { row in
                labels[row] ? -PortableMath.log(scores[row]) : -ProbabilitySums.logOfComplement(scores[row])
            }
        case .brier:
            labels.indices.map { row in
                let miss = labels[row] ? 1 - scores[row] : scores[row]
                return miss * miss
            }
        default: nil
        }
    }
}

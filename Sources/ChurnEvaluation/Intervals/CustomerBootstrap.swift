import ChurnNumerics

/// A figure with its interval of 95 % and what that was made by.
public struct MetricEstimate: Sendable, Equatable, Codable {
    public enum Method: String, Sendable, Codable {
        /// DeLong's variance of independent rows, Obuchowski's of clustered ones, with the normal distribution.
        case delong, clusteredDelong
        /// Percentiles over customers drawn with replacement.
        case bootstrap
        /// Student's t over repeated random folds, with Nadeau and Bengio's variance.
        case correctedFolds
        /// The normal distribution with the variance of a mean over customers.
        case clusteredMean
    }

    public let value: Double
    public let low: Double?
    public let high: Double?
    public let method: Method?

    public init(value: Double, low: Double? = nil, high: Double? = nil, method: Method? = nil) {
        self.value = value
        self.low = low
        self.high = high
        self.method = method
    }
}

/// The metrics of several models on the same rows, over samples of customers drawn with replacement: each draw takes a customer with all
/// of his rows, for every model alike, so that differences are paired.
public struct CustomerBootstrap: Sendable {
    /// By model.
    public let values: [MetricValues]
    private let models: [RankedPredictions]
    /// By draw and model.
    private let draws: [[MetricValues]]

    public static let standardDraws = 1000
    /// Draws in which a metric may be undefined, such as for want of churners.
    private static let mostUndefined = 0.05

    /// - Parameters:
    ///   - models: with the same labels, weights and clusters.
    ///   - draws: positive.
    ///   - threads: positive; the result does not depend on it.
    /// - Throws: `EvaluationError` where the rows are not the same.
    public init(
        _ models: [RankedPredictions],
        draws: Int = standardDraws,
        seed: UInt64,
        economics: RetentionEconomics = .standard,
        threads: Int
    ) throws(EvaluationError) {
        precondition(draws > 0 && threads > 0, "there are draws, and threads to make them")
        self.models = models
        values = models.map { MetricValues(of: $0, economics: economics) }
        guard let first = models.first?.predictions else {
            self.draws = []
            return
        }
        for model in models.dropFirst() { try first.requireSameRows(as: model.predictions) }
        let clusters = first.denseClusters
        let base = first.weights
        self.draws = Parallel.map(draws, threads: threads) { draw in
            var stream = RandomStream(seed: seed, purpose: "bootstrap", index: UInt64(draw))
            var times = [UInt32](repeating: 0, count: clusters.count)
            for _ in 0..<clusters.count { times[stream.below(clusters.count)] += 1 }
            let weights = (0..<first.count).map { row in
                (base?[row] ?? 1) * Double(times[clusters.codes.map { Int($0[row]) } ?? row])
            }
            return models.map { model in
                // Depths are shares of what was drawn, not whole rows.
                MetricValues(of: model, weights: weights, isWeighted: true, economics: economics)
            }
        }
    }

    /// Every metric of a model that is defined, with its interval: AUC by DeLong's variance where there is one.
    public func estimates(ofModel model: Int) -> [(metric: Metric, estimate: MetricEstimate)] {
        Metric.allCases.compactMap { metric in
            if metric == .auc, let delong = try? DeLong.estimate(models[model].predictions) {
                return (metric, MetricEstimate(delong))
            }
            return estimate(metric, ofModel: model).map { (metric, $0) }
        }
    }

    /// A model's metric with its interval by the draws; `nil` where it is undefined.
    public func estimate(_ metric: Metric, ofModel model: Int) -> MetricEstimate? {
        guard let value = values[model][metric] else { return nil }
        let interval = interval(draws.map { $0[model][metric] })
        return MetricEstimate(
            value: value,
            low: interval?.low,
            high: interval?.high,
            method: interval.map { _ in .bootstrap }
        )
    }

    /// What a model's metric is more than another's; `nil` where one of them is undefined. AUC by DeLong's variance where there is one.
    /// - Returns: the difference, and the two-sided normal probability of one at least as far from 0 were there none, by the standard
    ///   error over the draws: shares of draws cannot tell small probabilities apart, and there are many pairs of many models. A
    ///   difference of a finite and an infinite loss is none of chance.
    public func difference(
        _ metric: Metric,
        _ first: Int,
        _ second: Int
    ) -> (estimate: MetricEstimate, pValue: Double?)? {
        guard let a = values[first][metric], let b = values[second][metric] else { return nil }
        if metric == .auc,
            let delong = try? DeLong.compare(models[first].predictions, models[second].predictions)
        {
            // Without any variance the rankings are the same.
            return (MetricEstimate(delong), delong.p ?? (delong.difference == 0 ? 1 : nil))
        }
        guard a.isFinite, b.isFinite else {
            return (MetricEstimate(value: a - b), a.isFinite || b.isFinite ? 0 : nil)
        }
        let differences = draws.map { draw in draw[first][metric].flatMap { a in draw[second][metric].map { a - $0 } } }
        guard let interval = interval(differences) else { return (MetricEstimate(value: a - b), nil) }
        let known = differences.compactMap(\.self).filter(\.isFinite)
        let mean = known.reduce(0, +) / Double(known.count)
        let variance = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, known.count - 1))
        var pValue: Double? = a == b ? 1 : nil
        if variance > 0 { pValue = NormalDistribution.twoSidedPValue((a - b) / variance.squareRoot()) }
        return (MetricEstimate(value: a - b, low: interval.low, high: interval.high, method: .bootstrap), pValue)
    }

    /// The 2.5th and 97.5th percentiles; `nil` where too many draws are undefined.
    private func interval(_ values: [Double?]) -> (low: Double, high: Double)? {
        let known = values.compactMap(\.self).filter(\.isFinite).sorted()
        guard !known.isEmpty, Double(values.count - known.count) <= Self.mostUndefined * Double(values.count) else {
            return nil
        }
        func quantile(_ share: Double) -> Double {
            let place = share * Double(known.count - 1)
            let below = Int(place)
            let above = min(below + 1, known.count - 1)
            return known[below] + (place - Double(below)) * (known[above] - known[below])
        }
        return (quantile(0.025), quantile(0.975))
    }
}

extension MetricEstimate {
    public init(_ estimate: AUCEstimate) {
        self.init(estimate.auc, estimate.interval, estimate.kind)
    }

    /// The difference.
    init(_ comparison: AUCComparison) {
        self.init(comparison.difference, comparison.interval, comparison.kind)
    }

    private init(_ value: Double, _ interval: ConfidenceInterval, _ kind: VarianceKind) {
        self.init(
            value: value,
            low: interval.lower,
            high: interval.upper,
            method: kind == .clustered ? .clusteredDelong : .delong
        )
    }
}

extension Predictions {
    /// Fails unless other predictions are of the same rows.
    func requireSameRows(as other: Predictions) throws(EvaluationError) {
        guard count == other.count else { throw .countMismatch(.labels, got: other.count, expected: count) }
        for row in labels.indices where labels[row] != other.labels[row] { throw .labelsDiffer(row: row) }
        guard clusters == other.clusters else { throw .clustersDiffer }
        guard weights == other.weights else { throw .weightsDiffer }
    }

    /// How many units were sampled, and the unit of each row from 0 on; `nil` where each row is its own.
    fileprivate var denseClusters: (count: Int, codes: [UInt32]?) {
        guard let clusters else { return (count, nil) }
        var known: [UInt32: UInt32] = [:]
        let codes = clusters.map { cluster in
            if let code = known[cluster] { return code }
            let code = UInt32(truncatingIfNeeded: known.count)
            known[cluster] = code
            return code
        }
        return (known.count, codes)
    }
}

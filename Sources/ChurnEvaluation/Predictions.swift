/// What a model said about rows whose outcome is known, checked.
///
/// `labels`, `scores` and, where present, `weights` and `clusters` have one value a row, in the same order. A higher
/// score means that the row is more likely to be a positive (a churner).
public struct Predictions: Sendable, Equatable {
    /// Rows are numbered by 32-bit integers while they are ranked.
    static let rowLimit = Int(UInt32.max)

    /// `true` for a positive.
    public let labels: [Bool]
    /// Finite. Probabilities where `scoresAreProbabilities`, else any scale.
    public let scores: [Double]
    /// Finite, at least 0, not all 0. A weight of k counts as the row k times; `nil` is a weight of 1 everywhere.
    public let weights: [Double]?
    /// Which rows belong together, such as a customer's number; codes need be neither dense nor ordered. `nil` where
    /// every row stands for itself.
    public let clusters: [UInt32]?
    /// Rows whose label is positive, whatever their weights.
    public let positives: Int
    /// Whether every score is in [0, 1], also those of rows with weight 0.
    public let scoresAreProbabilities: Bool

    /// The number of rows.
    public var count: Int { labels.count }

    /// - Throws: `EvaluationError` when counts differ, a score is not finite, or a weight is not finite or negative, or
    ///   none is positive.
    public init(
        labels: [Bool],
        scores: [Double],
        weights: [Double]? = nil,
        clusters: [UInt32]? = nil
    ) throws(EvaluationError) {
        guard labels.count <= Predictions.rowLimit else {
            throw .tooManyRows(got: labels.count, limit: Predictions.rowLimit)
        }
        try Predictions.check(.scores, scores.count, expected: labels.count)
        if let weights {
            try Predictions.check(.weights, weights.count, expected: labels.count)
            try Predictions.check(weights: weights)
        }
        if let clusters { try Predictions.check(.clusters, clusters.count, expected: labels.count) }

        var areProbabilities = true
        for row in scores.indices {
            guard scores[row].isFinite else { throw .nonFiniteScore(row: row, got: scores[row]) }
            areProbabilities = areProbabilities && scores[row] >= 0 && scores[row] <= 1
        }
        var positives = 0
        for label in labels where label { positives += 1 }

        self.labels = labels
        self.scores = scores
        self.weights = weights
        self.clusters = clusters
        self.positives = positives
        self.scoresAreProbabilities = areProbabilities
    }

    /// The same for labels as numbers.
    ///
    /// - Parameter labels: 0 or 1.
    /// - Throws: `EvaluationError`, also when a label is neither 0 nor 1.
    public init(
        labels: [UInt8],
        scores: [Double],
        weights: [Double]? = nil,
        clusters: [UInt32]? = nil
    ) throws(EvaluationError) {
        for row in labels.indices where labels[row] > 1 { throw .invalidLabel(row: row, got: labels[row]) }
        try self.init(labels: labels.map { $0 == 1 }, scores: scores, weights: weights, clusters: clusters)
    }

    private static func check(
        _ column: EvaluationError.Column,
        _ got: Int,
        expected: Int
    ) throws(EvaluationError) {
        guard got == expected else { throw .countMismatch(column, got: got, expected: expected) }
    }

    private static func check(weights: [Double]) throws(EvaluationError) {
        var largest = 0.0
        for row in weights.indices {
            guard weights[row].isFinite, weights[row] >= 0 else { throw .invalidWeight(row: row, got: weights[row]) }
            largest = max(largest, weights[row])
        }
        guard largest > 0 || weights.isEmpty else { throw .noPositiveWeight(rows: weights.count) }
    }
}

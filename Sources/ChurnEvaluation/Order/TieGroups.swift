/// Walks predictions from the highest score to the lowest, one group of equal scores at a time.
///
/// Weights are multiplied by the power of two that brings the largest near 1. Every metric is a ratio of weights, so no
/// result changes, and neither sums nor products of extreme weights can overflow or vanish.
struct TieGroups: IteratorProtocol {
    let order: RadixOrder
    private let labels: [Bool]
    private let weights: [Double]?
    let scale: Double
    private var position = 0

    init(_ predictions: Predictions) {
        self.init(
            RadixOrder(descending: predictions.scores, labels: predictions.labels),
            labels: predictions.labels,
            weights: predictions.weights
        )
    }

    /// - Parameters:
    ///   - order: of the scores, descending.
    ///   - weights: as `Predictions` has them.
    init(_ order: RadixOrder, labels: [Bool], weights: [Double]?) {
        self.order = order
        self.labels = labels
        self.weights = weights
        scale = TieGroups.scale(for: weights)
    }

    /// Scaled weight of all positives and of all negatives.
    func totals() -> (positives: Double, negatives: Double) {
        guard let weights else {
            var positives = 0
            for label in labels where label { positives += 1 }
            return (Double(positives), Double(labels.count - positives))
        }
        var positives = CompensatedSum()
        var negatives = CompensatedSum()
        for row in weights.indices {
            if labels[row] { positives.add(weights[row] * scale) } else { negatives.add(weights[row] * scale) }
        }
        return (positives.value, negatives.value)
    }

    mutating func next() -> TieGroup? {
        guard position < order.entries.count else { return nil }
        let start = position
        let key = order.entries[start].key
        var end = start + 1
        while end < order.entries.count, order.entries[end].key == key { end += 1 }
        position = end
        return TieGroup(score: RadixOrder.score(ofDescendingKey: key), sums: sums(start..<end), range: start..<end)
    }

    private func sums(_ range: Range<Int>) -> (positives: Double, negatives: Double) {
        guard let weights else {
            var positives = 0
            for place in range where order.entries[place].isPositive { positives += 1 }
            return (Double(positives), Double(range.count - positives))
        }
        var positives = CompensatedSum()
        var negatives = CompensatedSum()
        for place in range {
            let entry = order.entries[place]
            let weight = weights[Int(entry.row)] * scale
            if entry.isPositive { positives.add(weight) } else { negatives.add(weight) }
        }
        return (positives.value, negatives.value)
    }

    private static func scale(for weights: [Double]?) -> Double {
        guard let largest = weights?.max(), largest > 0 else { return 1 }
        return Double(sign: .plus, exponent: min(max(-Int(largest.exponent), -1022), 1022), significand: 1)
    }
}

extension TieGroup {
    fileprivate init(score: Double, sums: (positives: Double, negatives: Double), range: Range<Int>) {
        self.init(score: score, positives: sums.positives, negatives: sums.negatives, range: range)
    }
}

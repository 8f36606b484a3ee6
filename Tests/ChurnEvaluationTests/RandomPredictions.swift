import ChurnEvaluation
import ChurnNumerics

/// Predictions drawn from a seed, for tests of properties.
struct RandomPredictions {
    var labels: [Bool] = []
    var scores: [Double] = []
    /// Whole numbers from 0 to 3, at least one of them positive.
    var weights: [Double] = []
    var clusters: [UInt32] = []

    /// - Parameter levels: how many different scores there can be, all inside (0, 1): fewer levels give more ties.
    init(count: Int, levels: Int, seed: UInt64) {
        var stream = RandomStream(seed: seed, purpose: "RandomPredictions")
        for _ in 0..<count {
            let score = (Double(stream.below(levels)) + 0.5) / Double(levels)
            scores.append(score)
            labels.append(stream.bernoulli(0.2 + 0.6 * score))
            weights.append(Double(stream.below(4)))
            clusters.append(UInt32(stream.below(max(1, count / 3))))
        }
        if count > 0 { weights[0] = 1 }
    }

    func unweighted() throws -> Predictions { try Predictions(labels: labels, scores: scores) }

    func weighted() throws -> Predictions { try Predictions(labels: labels, scores: scores, weights: weights) }

    /// The same rows in another order.
    func shuffled(seed: UInt64) -> RandomPredictions {
        var stream = RandomStream(seed: seed, purpose: "shuffle")
        let order = stream.permutation(labels.count)
        var copy = self
        copy.labels = order.map { labels[$0] }
        copy.scores = order.map { scores[$0] }
        copy.weights = order.map { weights[$0] }
        copy.clusters = order.map { clusters[$0] }
        return copy
    }
}

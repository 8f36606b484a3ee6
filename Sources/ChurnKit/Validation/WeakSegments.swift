import ChurnEvaluation
import ChurnModels
import ChurnNumerics

/// Groups of tested rows in which a model is wrong by more than chance: its probabilities are too high or too low, or it ranks much worse than it
/// would if they were right. (Not: than among all rows. In a group whose scores differ little even the truth ranks badly.)
struct WeakSegments {
    struct Segment {
        let predictor: String
        /// Bounds of a number, or a category.
        let words: String
        let rows: Int
        let churned: Int
        let expected: Double
        /// Observed over expected with its interval of 95 %.
        let ratio: MetricEstimate
        let auc: Double?
        let problem: Problem
    }

    enum Problem: Equatable {
        case tooLow, tooHigh, ranksWorse
    }

    /// The worst first.
    let found: [Segment]
    /// How many groups were looked at.
    let count: Int

    /// Predictors that are looked at: those that part the scores most.
    private static let mostPredictors = 12
    private static let mostFound = 6
    private static let sample = 4000
    /// Rows of each class that a group must have.
    private static let leastOfClass = 20
    /// What observed over expected may be.
    private static let bearable = PromotionGate.bearable
    private static let significance = 0.05
    /// By how much the AUC must be lower to be worth a word.
    private static let smallestLoss = 0.05

    /// - Parameters:
    ///   - predictions: of the tested rows.
    ///   - table: their predictors.
    init(_ predictions: Predictions, _ table: PredictorTable, _ model: any FittedModel, threads: Int) throws(ModelError)
    {
        var segments: [(predictor: String, words: String, rows: [Int], churned: Int)] = []
        for number in try Self.influential(table, model, threads: threads) {
            let column = table.columns[number]
            for (words, rows) in Self.parts(column) {
                let churned = rows.count { predictions.labels[$0] }
                guard min(churned, rows.count - churned) >= Self.leastOfClass else { continue }
                segments.append((column.name, words, rows, churned))
            }
        }
        count = segments.count
        let level = Self.significance / Double(max(1, 2 * segments.count))
        var found: [(segment: Segment, size: Double)] = []
        for (predictor, words, rows, churned) in segments {
            guard let own = try? predictions.selecting(rows), let ratio = own.observedOverExpected else { continue }
            let metrics = BinaryClassificationMetrics(of: own)
            func add(_ problem: Problem, _ size: Double) {
                let segment = Segment(
                    predictor: predictor,
                    words: words,
                    rows: rows.count,
                    churned: churned,
                    expected: rows.reduce(0) { $0 + predictions.scores[$1] },
                    ratio: ratio.estimate,
                    auc: metrics.auc,
                    problem: problem
                )
                found.append((segment, size))
            }
            if !Self.bearable.contains(ratio.estimate.value), ratio.pValue < level {
                add(ratio.estimate.value > 1 ? .tooLow : .tooHigh, abs(PortableMath.log(ratio.estimate.value)))
            } else if let auc = metrics.auc, let expected = own.expectedAUC, expected - auc > Self.smallestLoss,
                let error = (try? DeLong.estimate(own))?.standardError, error > 0,
                NormalDistribution.twoSidedPValue((expected - auc) / error) < level
            {
                add(.ranksWorse, expected - auc)
            }
        }
        self.found = found.sorted { $0.size > $1.size }.prefix(Self.mostFound).map(\.segment)
    }

    /// Columns whose contributions differ most among rows.
    private static func influential(
        _ table: PredictorTable,
        _ model: any FittedModel,
        threads: Int
    ) throws(ModelError) -> [Int] {
        let rows = EvenSample.rows(of: table.rowCount, most: sample)
        let contributions = try model.contributions(table.selecting(rows: rows), threads: threads)
        var spread: [String: Double] = [:]
        for (number, name) in model.predictorNames.enumerated() {
            let values = rows.indices.map { contributions[$0, number] }
            let mean = values.reduce(0, +) / Double(max(1, values.count))
            spread[name] = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        }
        let ranked = table.columns.indices.filter { (spread[table.columns[$0].name] ?? 0) > 0 }.sorted {
            (spread[table.columns[$1].name] ?? 0, $0) < (spread[table.columns[$0].name] ?? 0, $1)
        }
        return Array(ranked.prefix(mostPredictors))
    }

    /// Thirds of numbers, without those who have none, or categories.
    private static func parts(_ column: PredictorColumn) -> [(words: String, rows: [Int])] {
        switch column.values {
        case .numeric(let numbers):
            let values = numbers.array
            let sorted = values.filter { !$0.isNaN }.sorted()
            guard let first = sorted.first, let last = sorted.last, first < last else { return [] }
            let cuts = [sorted[sorted.count / 3], sorted[2 * sorted.count / 3]]
            var bounds = [first]
            for cut in cuts where cut > bounds[bounds.count - 1] { bounds.append(cut) }
            return bounds.indices.map { number in
                let (low, high) = (bounds[number], number + 1 < bounds.count ? bounds[number + 1] : .infinity)
                let rows = values.indices.filter { values[$0] >= low && values[$0] < high }
                return (
                    high.isFinite
                        ? "\(ModelCard.rounded(low)) to below \(ModelCard.rounded(high))"
                        : "from \(ModelCard.rounded(low))", rows
                )
            }
        case .categorical(let codes, let levels):
            var rows = [[Int]](repeating: [], count: levels.count)
            for (row, code) in codes.enumerated() where code >= 0 { rows[Int(code)].append(row) }
            return levels.indices.map { ("\"\(levels[$0])\"", rows[$0]) }
        }
    }
}

extension Predictions {
    func selecting(_ rows: [Int]) throws(EvaluationError) -> Predictions {
        try Predictions(
            labels: rows.map { labels[$0] },
            scores: rows.map { scores[$0] },
            weights: weights.map { weights in rows.map { weights[$0] } },
            clusters: clusters.map { clusters in rows.map { clusters[$0] } }
        )
    }

    /// The AUC of probabilities that are right: pairs of a churner and another, weighted by how probable that is; `nil` where no pair is.
    var expectedAUC: Double? {
        let order = scores.indices.sorted { scores[$0] < scores[$1] }
        // Of the rows below: how probable it is that they stay, summed; of ties half counts.
        var (below, right, pairs) = (0.0, 0.0, 0.0)
        var first = 0
        while first < order.count {
            var end = first
            var (churned, stayed, both) = (0.0, 0.0, 0.0)
            while end < order.count, scores[order[end]] == scores[order[first]] {
                let (p, weight) = (scores[order[end]], weights?[order[end]] ?? 1)
                churned += weight * p
                stayed += weight * (1 - p)
                both += weight * p * weight * (1 - p)
                end += 1
            }
            right += churned * below + (churned * stayed - both) / 2
            below += stayed
            pairs -= both
            first = end
        }
        let total = scores.indices.reduce(0) { $0 + (weights?[$1] ?? 1) * scores[$1] }
        pairs += total * below
        return pairs > 0 ? right / pairs : nil
    }

    /// Σy/Σp with its interval by customer, and how probable one as far from 1 is by chance; `nil` where nothing is expected.
    var observedOverExpected: (estimate: MetricEstimate, pValue: Double)? {
        let labels = labels.map { $0 ? 1.0 : 0 }
        guard let observed = ClusteredMean(labels, weights: weights, clusters: nil)?.mean,
            let expected = ClusteredMean(scores, weights: weights, clusters: nil)?.mean, expected > 0
        else { return nil }
        let ratio = observed / expected
        func error(_ factor: Double) -> Double? {
            let rest = zip(labels, scores).map { $0 - factor * $1 }
            return ClusteredMean(rest, weights: weights, clusters: clusters)?.standardError.map { $0 / expected }
        }
        guard let own = error(ratio), let null = error(1), null > 0 else { return nil }
        let reach = NormalDistribution.quantile975 * own
        return (
            MetricEstimate(value: ratio, low: max(0, ratio - reach), high: ratio + reach, method: .clusteredMean),
            NormalDistribution.twoSidedPValue((ratio - 1) / null)
        )
    }
}

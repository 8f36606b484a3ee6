import ChurnEvaluation
import ChurnFeatures
import ChurnModels
import ChurnNumerics
import ChurnRegistry
import ChurnScoring

/// What a model's predictors bring on rows that it has not seen: by how much its loss rises where a predictor's values are dealt to other
/// customers (Breiman 2001; Fisher, Rudin and Dominici 2019). Predictors that say nearly the same are dealt together: one of five twins would seem
/// to bring nothing.
public struct FeatureImportance: Sendable, Encodable {
    /// Predictors that are dealt together.
    public struct Group: Sendable, Encodable {
        /// In the model's order.
        public let predictors: [String]
        /// By how much the log loss rises without them; below 0 they cost more than they bring.
        public let rise: MetricEstimate
        /// By how much the AUC falls; `nil` where it is undefined.
        public let aucFall: Double?
        /// How far the predictor that has moved most lies from training (population stability index), and whether that is beyond chance.
        public let stabilityIndex: Double?
        public let hasMoved: Bool

        /// What can be said of it.
        public var verdict: Verdict {
            if let low = rise.low, low > 0 { return .brings }
            if let high = rise.high, high < 0 { return .costs }
            return .unclear
        }
    }

    public enum Verdict: String, Sendable, Encodable {
        case brings, costs, unclear
    }

    /// The mean probability were a number the same for all.
    public struct Effect: Sendable, Encodable {
        public let predictor: String
        /// At the 5th, 25th, 50th, 75th and 95th percentile, each value once.
        public let points: [Point]

        public struct Point: Sendable, Encodable {
            public let value: Double
            public let probability: Double
        }
    }

    public let rows: Int
    public let cutoffs: [String]
    public let logLoss: Double
    public let auc: Double?
    /// Those that bring most first.
    public let groups: [Group]
    /// Of numbers, in the model's order.
    public let effects: [Effect]

    /// Spearman's correlation from which on two predictors say nearly the same.
    public static let alike = 0.9
    public static let standardRepetitions = 5
    /// Rows of which correlations are taken, and effects.
    private static let (correlated, changed) = (4000, 1000)
    private static let percentiles = [0.05, 0.25, 0.5, 0.75, 0.95]

    /// - Parameters:
    ///   - rows: of one model, which is `model`.
    ///   - repetitions: how often values are dealt anew; positive.
    ///   - threshold: of the correlation from which on predictors are dealt together; above 1 for each alone.
    ///   - seed: of the dealing, which is within a cutoff.
    ///   - threads: positive; the result does not depend on it.
    public init(
        of model: StoredModel,
        on rows: UnseenRows,
        repetitions: Int = standardRepetitions,
        alike threshold: Double = alike,
        seed: UInt64,
        threads: Int
    ) throws {
        let predictions = rows.predictions[0].predictions
        let (table, offsets) = (rows.predictors[0], rows.offsets[0])
        let whole = try Self.probabilities(model, table, offsets, threads: 1)
        let base = Self.losses(of: whole, predictions)
        let metrics = MetricValues(of: rows.predictions[0])
        self.rows = rows.count
        cutoffs = rows.cutoffs
        logLoss = ClusteredMean(base, weights: predictions.weights, clusters: predictions.clusters)?.mean ?? .nan
        auc = metrics[.auc]
        let drift = try DriftReport(model, predictors: table, probabilities: whole, impactRows: 0, threads: threads)
        let moved = Dictionary(drift.predictors.map { ($0.name, $0) }) { first, _ in first }
        let members = Self.groups(table, threshold: threshold, threads: threads)
        let blocks = rows.blocks
        let found = Parallel.map(members.count, threads: threads) { number in
            Result {
                var rises = [Double](repeating: 0, count: base.count)
                var falls: [Double] = []
                for repetition in 0..<repetitions {
                    let index = UInt64(number * repetitions + repetition)
                    var stream = RandomStream(seed: seed, purpose: "permutation importance", index: index)
                    let order = Self.permutation(of: blocks, &stream)
                    let changed = try table.dealing(Set(members[number]), in: order)
                    let scores = try Self.probabilities(model, changed, offsets, threads: 1)
                    for (row, loss) in Self.losses(of: scores, predictions).enumerated() {
                        rises[row] += (loss - base[row]) / Double(repetitions)
                    }
                    let others = try Predictions(
                        labels: predictions.labels,
                        scores: scores,
                        weights: predictions.weights
                    )
                    if let auc = metrics[.auc], let other = BinaryClassificationMetrics(of: others).auc {
                        falls.append(auc - other)
                    }
                }
                let names = members[number].map { table.columns[$0].name }
                let drifts = names.compactMap { moved[$0] }
                return Group(
                    predictors: names,
                    rise: ClusteredMean(rises, weights: predictions.weights, clusters: predictions.clusters)?.estimate
                        ?? MetricEstimate(value: 0),
                    aucFall: falls.isEmpty ? nil : falls.reduce(0, +) / Double(falls.count),
                    stabilityIndex: drifts.map(\.stabilityIndex).max(),
                    hasMoved: drifts.contains(where: \.hasMoved)
                )
            }
        }
        groups = try found.map { try $0.get() }.enumerated().sorted {
            ($1.element.rise.value, $0.offset) < ($0.element.rise.value, $1.offset)
        }.map(\.element)
        effects = try Self.effects(model, table, offsets, threads: threads)
    }

    private static func probabilities(
        _ model: StoredModel,
        _ table: PredictorTable,
        _ offsets: [Double]?,
        threads: Int
    ) throws(ModelError) -> [Double] {
        try model.model.probabilities(table, offsets: offsets, threads: threads)
    }

    /// Log losses of probabilities that are at least 1e-12 from 0 and 1, so that none is infinite.
    private static func losses(of scores: [Double], _ predictions: Predictions) -> [Double] {
        scores.indices.map { row in
            let p = min(max(scores[row], 1e-12), 1 - 1e-12)
            return -PortableMath.log(predictions.labels[row] ? p : 1 - p)
        }
    }

    /// Rows dealt to rows of the same block.
    private static func permutation(of blocks: [[Int]], _ stream: inout RandomStream) -> [Int] {
        var order = [Int](repeating: 0, count: blocks.reduce(0) { $0 + $1.count })
        for block in blocks {
            for (place, other) in stream.permutation(block.count).enumerated() { order[block[place]] = block[other] }
        }
        return order
    }

    // MARK: Groups

    /// Columns that are alike, each with all of its group (average linkage), in the order of their first ones.
    private static func groups(_ table: PredictorTable, threshold: Double, threads: Int) -> [[Int]] {
        let sample = EvenSample.rows(of: table.rowCount, most: correlated)
        // Standardised ranks; `nil` for texts and constants.
        let ranks: [[Double]?] = Parallel.map(table.columns.count, threads: threads) { number in
            guard case .numeric(let values) = table.columns[number].values else { return nil }
            return standardisedRanks(values.gathering(rows: sample))
        }
        let numeric = ranks.indices.filter { ranks[$0] != nil }
        let likeness = Parallel.map(numeric.count, threads: threads) { first in
            numeric.indices.map { second in
                second < first ? abs(dot(ranks[numeric[first]] ?? [], ranks[numeric[second]] ?? [])) : 0
            }
        }
        func alikeness(_ left: [Int], _ right: [Int]) -> Double {
            var sum = 0.0
            for a in left { for b in right { sum += likeness[max(a, b)][min(a, b)] } }
            return sum / Double(left.count * right.count)
        }
        var clusters = numeric.indices.map { [$0] }
        while true {
            var best: (first: Int, second: Int, value: Double)?
            for second in clusters.indices {
                for first in 0..<second {
                    let value = alikeness(clusters[first], clusters[second])
                    if value >= threshold, value > best?.value ?? 0 { best = (first, second, value) }
                }
            }
            guard let best else { break }
            clusters[best.first] += clusters[best.second]
            clusters.remove(at: best.second)
        }
        let texts = ranks.indices.filter { ranks[$0] == nil }.map { [$0] }
        return (clusters.map { $0.map { numeric[$0] }.sorted() } + texts).sorted { $0[0] < $1[0] }
    }

    /// Ranks with mean 0 and sum of squares 1, ties with their mean; missing numbers have the mean. `nil` for a constant.
    private static func standardisedRanks(_ values: [Double]) -> [Double]? {
        let known = values.indices.filter { !values[$0].isNaN }.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        let middle = Double(known.count - 1) / 2
        var first = 0
        while first < known.count {
            var end = first
            while end < known.count, values[known[end]] == values[known[first]] { end += 1 }
            for place in first..<end { ranks[known[place]] = Double(first + end - 1) / 2 - middle }
            first = end
        }
        let size = dot(ranks, ranks).squareRoot()
        return size > 0 ? ranks.map { $0 / size } : nil
    }

    private static func dot(_ left: [Double], _ right: [Double]) -> Double {
        left.indices.reduce(0) { $0 + left[$1] * right[$1] }
    }

    // MARK: Effects

    private static func effects(
        _ model: StoredModel,
        _ table: PredictorTable,
        _ offsets: [Double]?,
        threads: Int
    ) throws -> [Effect] {
        let sample = EvenSample.rows(of: table.rowCount, most: changed)
        let rows = table.selecting(rows: sample)
        let own = offsets.map { offsets in sample.map { offsets[$0] } }
        return try Parallel.map(table.columns.count, threads: threads) { number in
            Result { () throws -> Effect? in
                guard case .numeric(let values) = table.columns[number].values else { return nil }
                let known = values.array.filter { !$0.isNaN }.sorted()
                var points: [Effect.Point] = []
                for share in known.isEmpty ? [] : percentiles {
                    let value = known[Int((share * Double(known.count - 1)).rounded())]
                    if value == points.last?.value { continue }
                    let changed = try rows.setting(column: number, to: value)
                    let scores = try probabilities(model, changed, own, threads: 1)
                    points.append(.init(value: value, probability: scores.reduce(0, +) / Double(scores.count)))
                }
                return Effect(predictor: table.columns[number].name, points: points)
            }
        }.compactMap { try $0.get() }
    }
}

extension UnseenRows {
    /// Rows among which values may be dealt: those of one cutoff, for seasons are no news to any model.
    fileprivate var blocks: [[Int]] {
        guard let cutoffOfRow else { return [Array(0..<count)] }
        return cutoffs.indices.map { cutoff in cutoffOfRow.indices.filter { cutoffOfRow[$0] == cutoff } }
    }
}

extension PredictorTable {
    /// The same with the values of some columns taken from other rows.
    fileprivate func dealing(_ numbers: Set<Int>, in order: [Int]) throws -> PredictorTable {
        let dealt = try PredictorTable(rowCount: rowCount, columns: numbers.sorted().map { columns[$0] })
            .selecting(rows: order).columns
        let byName = Dictionary(dealt.map { ($0.name, $0) }) { first, _ in first }
        return try PredictorTable(
            rowCount: rowCount,
            columns: columns.enumerated().map { numbers.contains($0) ? byName[$1.name] ?? $1 : $1 }
        )
    }

    /// The same with one number in a column.
    fileprivate func setting(column: Int, to value: Double) throws -> PredictorTable {
        var columns = columns
        columns[column] = PredictorColumn(
            name: columns[column].name,
            values: .numeric([Double](repeating: value, count: rowCount))
        )
        return try PredictorTable(rowCount: rowCount, columns: columns)
    }
}

import ChurnEvaluation
import ChurnFeatures
import ChurnHistory
import ChurnModels
import ChurnNumerics
import ChurnRegistry

/// Models on the same rows, which none of them has seen: figures with intervals, differences of pairs, where they disagree, and one
/// sentence of advice.
public struct ModelComparison: Sendable {
    /// One of two models less the other in one metric.
    public struct Pair: Sendable, Encodable {
        public let a: String
        public let b: String
        public let metric: Metric
        /// `nil` where one of the two is infinite.
        public let difference: Double?
        public let low: Double?
        public let high: Double?
        /// Two-sided, of no difference, as if this were the only one.
        public let pValue: Double?
        /// The same among all pairs in this metric (Holm 1979): at most .05 and the difference is none of chance.
        public let adjustedPValue: Double?
    }

    /// A row of which two models say the most different things.
    public struct Disagreement: Sendable, Encodable {
        public let customer: String
        /// `nil` for a flat table.
        public let cutoff: String?
        public let churned: Bool
        /// By model.
        public let probabilities: [Double]
    }

    public let names: [String]
    public let rows: UnseenRows
    public let primaryMetric: Metric
    /// By model, in the order of `Metric.allCases`; undefined ones are left out.
    public let estimates: [[(metric: Metric, estimate: MetricEstimate)]]
    public let pairs: [Pair]
    /// By pair, in the order of `pairs`: the share of each model's top tenth that is in the other's, too.
    public let sharedTopTenth: [(a: String, b: String, share: Double)]
    public let disagreements: [Disagreement]
    /// In words.
    public let advice: String

    /// Differences that are told of.
    private static let comparedMetrics: [Metric] = [.auc, .logLoss, .brier, .averagePrecision, .expectedMaximumProfit]
    private static let level = 0.05
    private static let mostDisagreements = 10

    /// - Parameters:
    ///   - names: of the models, two or more, each once.
    ///   - primaryMetric: what decides; one that `decides`.
    ///   - draws: of customers, for intervals; positive.
    public init(
        _ names: [String],
        on rows: UnseenRows,
        primaryMetric: Metric,
        draws: Int = CustomerBootstrap.standardDraws,
        seed: UInt64,
        economics: RetentionEconomics = .standard,
        threads: Int
    ) throws {
        precondition(
            names.count == rows.predictions.count && names.count >= 2 && primaryMetric.decides,
            "there are names for two models or more, and a metric that decides"
        )
        self.names = names
        self.rows = rows
        self.primaryMetric = primaryMetric
        let bootstrap = try rows.bootstrap(draws: draws, seed: seed, economics: economics, threads: threads)
        estimates = names.indices.map(bootstrap.estimates(ofModel:))
        var numbers: [(Int, Int)] = []
        for first in names.indices {
            for second in names.indices where second > first { numbers.append((first, second)) }
        }
        let metrics =
            Self.comparedMetrics.contains(primaryMetric) ? Self.comparedMetrics : Self.comparedMetrics + [primaryMetric]
        var pairs: [Pair] = []
        for metric in metrics {
            let found = numbers.map { bootstrap.difference(metric, $0, $1) }
            let adjusted = Self.holm(found.map { $0?.pValue })
            for (number, (first, second)) in numbers.enumerated() {
                guard let (estimate, pValue) = found[number] else { continue }
                pairs.append(
                    Pair(
                        a: names[first],
                        b: names[second],
                        metric: metric,
                        difference: estimate.value.isFinite ? estimate.value : nil,
                        low: estimate.low,
                        high: estimate.high,
                        pValue: pValue,
                        adjustedPValue: adjusted[number]
                    )
                )
            }
        }
        self.pairs = pairs
        sharedTopTenth = numbers.map { first, second in
            (names[first], names[second], Self.sharedTopTenth(rows.predictions[first], rows.predictions[second]))
        }
        disagreements = Self.disagreements(rows)
        let value = { (model: Int) in bootstrap.values[model][primaryMetric] }
        advice = Self.advice(
            names,
            values: names.indices.map(value),
            profits: names.indices.map { bootstrap.values[$0][.expectedMaximumProfit] },
            pairs.filter { $0.metric == primaryMetric },
            profitPairs: pairs.filter { $0.metric == .expectedMaximumProfit },
            primaryMetric,
            rows
        )
    }

    /// Holm's adjustment: the smallest of m probabilities times m, the next times m - 1, and so on, never falling.
    static func holm(_ pValues: [Double?]) -> [Double?] {
        let known = pValues.indices.filter { pValues[$0] != nil }.sorted { (pValues[$0] ?? 1) < (pValues[$1] ?? 1) }
        var adjusted = [Double?](repeating: nil, count: pValues.count)
        var largest = 0.0
        for (rank, number) in known.enumerated() {
            largest = max(largest, min(1, (pValues[number] ?? 1) * Double(known.count - rank)))
            adjusted[number] = largest
        }
        return adjusted
    }

    // MARK: Where they disagree

    private static func sharedTopTenth(_ first: RankedPredictions, _ second: RankedPredictions) -> Double {
        /// How much of each row is in the top tenth: of equal scores that straddle its edge each in part.
        func membership(_ ranked: RankedPredictions) -> [Double] {
            let scores = ranked.predictions.scores
            guard !scores.isEmpty else { return [] }
            let depth = Double(max(1, scores.count / 10))
            let edge = scores.sorted(by: >)[Int(depth) - 1]
            let above = Double(scores.count { $0 > edge })
            let part = (depth - above) / Double(scores.count { $0 == edge })
            return scores.map { $0 > edge ? 1 : $0 == edge ? part : 0 }
        }
        let (left, right) = (membership(first), membership(second))
        return zip(left, right).reduce(0) { $0 + $1.0 * $1.1 } / max(left.reduce(0, +), 1)
    }

    /// The rows whose probabilities are furthest apart, each customer once.
    private static func disagreements(_ rows: UnseenRows) -> [Disagreement] {
        func distance(_ row: Int) -> Double {
            let probabilities = rows.predictions.map { $0.predictions.scores[row] }
            return (probabilities.max() ?? 0) - (probabilities.min() ?? 0)
        }
        let distances = (0..<rows.count).map(distance)
        var told: Set<String> = []
        var found: [Disagreement] = []
        for row in distances.indices.sorted(by: { (-distances[$0], $0) < (-distances[$1], $1) }) {
            if found.count == mostDisagreements { break }
            guard distances[row] > 0, told.insert(rows.customers[row]).inserted else { continue }
            found.append(
                Disagreement(
                    customer: rows.customers[row],
                    cutoff: rows.cutoffOfRow.map { rows.cutoffs[$0[row]] },
                    churned: rows.labels[row],
                    probabilities: rows.predictions.map { $0.predictions.scores[row] }
                )
            )
        }
        return found
    }

    // MARK: Advice

    private static func advice(
        _ names: [String],
        values: [Double?],
        profits: [Double?],
        _ pairs: [Pair],
        profitPairs: [Pair],
        _ metric: Metric,
        _ rows: UnseenRows
    ) -> String {
        func earnsMore(_ first: Int, _ second: Int) -> Bool {
            let pair = profitPairs.first { Set([$0.a, $0.b]) == [names[first], names[second]] }
            return (pair?.adjustedPValue ?? 1) <= level
        }
        let (churned, stayed) = rows.customersOfClasses
        let least = min(churned, stayed)
        guard least >= PromotionGate.leastOfClass else {
            return
                "Only \(least) customer\(least == 1 ? "" : "s") \(churned < stayed ? "churned" : "stayed"): too few to tell the models apart."
        }
        guard
            let best = names.indices.filter({ values[$0] != nil }).max(by: { first, second in
                metric.advantage(of: values[second] ?? 0, over: values[first] ?? 0) > 0
            })
        else { return "\(metric.title) is undefined on these rows." }
        func isBeaten(_ other: Int) -> Bool {
            guard let p = pairs.first(where: { Set([$0.a, $0.b]) == [names[best], names[other]] })?.adjustedPValue
            else {
                return false
            }
            return p <= level
        }
        let others = names.indices.filter { $0 != best }
        let equals = others.filter { !isBeaten($0) }
        let beaten = others.filter(isBeaten)
        var words: String
        if equals.isEmpty {
            words =
                "Take \(names[best]): its \(metric.title) is better than that of \(list(beaten.map { names[$0] })) by more than chance."
        } else {
            words =
                "In \(metric.title) the data cannot tell \(list(([best] + equals).sorted().map { names[$0] })) apart: take the simplest of them, or"
                + " the one in use."
            if !beaten.isEmpty {
                words +=
                    " \(list(beaten.map { names[$0] })) \(beaten.count == 1 ? "is" : "are") worse than \(names[best])."
            }
        }
        let earning = names.indices.filter { profits[$0] != nil }.max { (profits[$0] ?? 0) < (profits[$1] ?? 0) }
        if let earning, earning != best, !beaten.contains(earning) || equals.isEmpty, earnsMore(earning, best) {
            words += " \(names[earning]) earns most in a campaign of these costs, by more than chance."
        }
        return words
    }

    private static func list(_ names: [String]) -> String {
        guard let last = names.last, names.count > 1 else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " and " + last
    }
}

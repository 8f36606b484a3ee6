import ChurnNumerics
import Foundation

/// Fits boosted trees with libxgboost: histograms of the columns, one tree a round, until held-out rows gain no more.
///
/// The number of rounds is chosen by the log loss of held-out rows; the model that is returned has that many rounds on all rows.
/// The names and meanings of hyperparameters are those of XGBoost.
public struct BoostedTrees: ModelEstimator, Equatable {
    /// Trees at most.
    public let rounds: Int
    /// By what share a tree's answer counts (eta).
    public let learningRate: Double
    /// Levels of splits of a tree.
    public let maximumDepth: Int
    /// The least sum of second derivatives in a leaf.
    public let minimumChildWeight: Double
    /// Penalties of the leaves' answers (lambda and alpha).
    public let l2: Double
    public let l1: Double
    /// By how much a split must lower the loss (gamma).
    public let minimumGain: Double
    /// The share of rows that a tree sees.
    public let rowShare: Double
    /// The share of columns that a tree sees.
    public let columnShare: Double
    /// Bins of a column.
    public let bins: Int
    /// By predictor: 1 where more of it may only mean more churn, -1 where it may only mean less.
    public let monotone: [String: Int]
    /// Share of the rows, of customers where they repeat, whose log loss tells when to stop; 0 to grow all rounds.
    public let heldOutShare: Double
    /// Rounds without a gain on held-out rows, after which it ends.
    public let patience: Int
    public let seed: UInt64
    /// With how many threads trees are grown. The trees depend on it a little: sums are taken in another order.
    public let growingThreads: Int

    /// - Throws: `invalidHyperparameter` with the range of what is outside it.
    public init(
        rounds: Int = 1000,
        learningRate: Double = 0.1,
        maximumDepth: Int = 4,
        minimumChildWeight: Double = 1,
        l2: Double = 1,
        l1: Double = 0,
        minimumGain: Double = 0,
        rowShare: Double = 1,
        columnShare: Double = 1,
        bins: Int = 256,
        monotone: [String: Int] = [:],
        heldOutShare: Double = 0.1,
        patience: Int = 30,
        seed: UInt64 = 1,
        growingThreads: Int = 1
    ) throws(ModelError) {
        func check(_ name: String, _ value: Double, _ holds: Bool, _ allowed: String) throws(ModelError) {
            if !holds { throw .invalidHyperparameter(name: name, value: value, allowed: allowed) }
        }
        func checkCount(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws(ModelError) {
            let words = "from \(range.lowerBound) to \(range.upperBound)"
            try check(name, Double(value), range.contains(value), words)
        }
        func checkNumber(_ name: String, _ value: Double) throws(ModelError) {
            try check(name, value, value >= 0 && value <= 1e9, "from 0 to 1e9")
        }
        try checkCount("rounds", rounds, 1...Self.mostRounds)
        try check("learningRate", learningRate, learningRate >= 1e-6 && learningRate <= 1, "from 1e-6 to 1")
        try checkCount("maximumDepth", maximumDepth, 1...16)
        try checkNumber("minimumChildWeight", minimumChildWeight)
        try checkNumber("l2", l2)
        try checkNumber("l1", l1)
        try checkNumber("minimumGain", minimumGain)
        try check("rowShare", rowShare, rowShare > 0 && rowShare <= 1, "more than 0 and at most 1")
        try check("columnShare", columnShare, columnShare > 0 && columnShare <= 1, "more than 0 and at most 1")
        try checkCount("bins", bins, 2...65_536)
        for (name, sign) in monotone.sorted(by: { $0.key < $1.key }) {
            try check("monotone \(name)", Double(sign), abs(sign) == 1, "1 or -1")
        }
        try check(
            "heldOutShare",
            heldOutShare,
            heldOutShare == 0 || (1e-3...0.5).contains(heldOutShare),
            "0, or from 0.001 to 0.5"
        )
        try checkCount("patience", patience, 1...Self.mostRounds)
        try checkCount("growingThreads", growingThreads, 1...1024)
        self.rounds = rounds
        self.learningRate = learningRate
        self.maximumDepth = maximumDepth
        self.minimumChildWeight = minimumChildWeight
        self.l2 = l2
        self.l1 = l1
        self.minimumGain = minimumGain
        self.rowShare = rowShare
        self.columnShare = columnShare
        self.bins = bins
        self.monotone = monotone
        self.heldOutShare = heldOutShare
        self.patience = patience
        self.seed = seed
        self.growingThreads = growingThreads
    }

    static let mostRounds = 100_000

    /// - Throws: `nothingHeldOut` where rows are too few to hold some out; `unknownPredictor` and `monotoneCategory` for what
    ///   `monotone` names; `boostingFailed` with what the library says.
    public func fit(_ rows: TrainingRows, threads: Int) throws(ModelError) -> any FittedModel {
        try rows.check()
        if let row = rows.offsets?.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(row: row, column: "offset", value: rows.offsets?[row] ?? .nan)
        }
        let inputs = try TreeInputs(fitting: rows.table, weights: rows.weights)
        let signs = try constraints(inputs)
        let counted = rows.labels.indices.filter { (rows.weights?[$0] ?? 1) > 0 }
        let total = counted.reduce(0) { $0 + (rows.weights?[$1] ?? 1) }
        let base = counted.reduce(0) { $0 + (rows.labels[$1] ? rows.weights?[$1] ?? 1 : 0) } / total
        var chosen = (rounds: rounds, stoppedBy: String?.none)
        if heldOutShare > 0 {
            let held = HeldOutSample.rows(
                labels: rows.labels,
                weights: rows.weights,
                clusters: rows.clusters,
                share: heldOutShare,
                seed: seed
            )
            var isHeld = [Bool](repeating: false, count: rows.labels.count)
            for row in held { isHeld[row] = true }
            let grown = counted.filter { !isHeld[$0] }
            for part in [held, grown] where Set(part.map { rows.labels[$0] }).count < 2 {
                throw .nothingHeldOut(rows: held.count)
            }
            let best = try bestRounds(rows.selecting(rows: grown), rows.selecting(rows: held), inputs, signs, base)
            chosen = (best.rounds, best.isSure ? "log loss of \(held.count) held-out rows" : nil)
        }
        let training = try BoosterRows(rows, inputs, base: base, threads: growingThreads)
        let booster = try Booster(parameters(signs, base: base), rows: [training])
        for round in 0..<chosen.rounds { try booster.grow(round: round, on: training) }
        let margins = try booster.predict(training, .margin, threads: growingThreads)
        var (loss, slope) = (0.0, 0.0)
        for (row, margin) in margins.enumerated() {
            let (weight, odds) = (rows.weights?[row] ?? 1, Double(margin))
            loss += weight * StableFunctions.softplus(rows.labels[row] ? -odds : odds)
            slope += weight * (StableFunctions.sigmoid(odds) - (rows.labels[row] ? 1 : 0))
        }
        guard loss.isFinite else { throw .diverged(advice: "lower the learning rate, or raise --l2") }
        let file: BoosterFile
        do {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            file = try decoder.decode(BoosterFile.self, from: booster.json())
        } catch {
            throw .boostingFailed("its model cannot be read: \(error)")
        }
        var trees: [DecisionTree] = []
        for tree in file.trees { trees.append(try tree.tree(columnCount: inputs.columnCount)) }
        let isOut = chosen.stoppedBy == nil
        return try FittedBoostedTrees(
            encoding: inputs,
            trees: trees,
            baseRate: base,
            settings: self,
            logLikelihood: -loss,
            certificate: FitCertificate(
                status: isOut ? .notConverged : .stoppedEarly,
                stoppedBy: chosen.stoppedBy,
                iterations: chosen.rounds,
                gradientNorm: abs(slope),
                conditionEstimate: nil,
                warnings: (isOut ? [warning] : []) + (trees.allSatisfy { $0.nodeCount == 1 } ? [Self.noSplit] : [])
            )
        )
    }

    private static let noSplit =
        "no tree splits: the model is the base rate. Small weights need a smaller --min-child-weight, weak predictors no --min-gain"

    private var warning: String {
        heldOutShare > 0
            ? "\(rounds) rounds were too few to tell whether the log loss of held-out rows falls no more. Raise --rounds"
            : "without held-out rows nothing tells whether \(rounds) rounds are the right number. Use --held-out 0.1"
    }

    /// A sign for each column of the trees; empty without any constraint.
    private func constraints(_ inputs: TreeInputs) throws(ModelError) -> [Int] {
        for name in monotone.keys.sorted() {
            guard let input = inputs.inputs.first(where: { $0.column == name }) else {
                throw .unknownPredictor(name, nearest: NearestName.of(name, among: inputs.names))
            }
            if input.levels != nil { throw .monotoneCategory(name) }
        }
        let signs = inputs.sources.map { monotone[inputs.names[$0]] ?? 0 }
        return signs.contains { $0 != 0 } ? signs : []
    }

    private func parameters(_ signs: [Int], base: Double) -> [(String, String)] {
        [
            ("objective", "binary:logistic"), ("tree_method", "hist"), ("booster", "gbtree"), ("verbosity", "0"),
            ("nthread", "\(growingThreads)"), ("eta", "\(learningRate)"), ("max_depth", "\(maximumDepth)"),
            ("min_child_weight", "\(minimumChildWeight)"), ("lambda", "\(l2)"), ("alpha", "\(l1)"),
            ("gamma", "\(minimumGain)"), ("subsample", "\(rowShare)"), ("colsample_bytree", "\(columnShare)"),
            ("max_bin", "\(bins)"), ("seed", "\(seed % 0x8000_0000)"), ("base_score", "\(base)"),
        ] + (signs.isEmpty ? [] : [("monotone_constraints", "(\(signs.map(String.init).joined(separator: ",")))")])
    }

    /// The number of rounds after which the loss of held-out rows is lowest, and whether patience ran out behind it.
    private func bestRounds(
        _ grown: TrainingRows,
        _ held: TrainingRows,
        _ inputs: TreeInputs,
        _ signs: [Int],
        _ base: Double
    ) throws(ModelError) -> (rounds: Int, isSure: Bool) {
        let training = try BoosterRows(grown, inputs, base: base, threads: growingThreads)
        let looked = try BoosterRows(held, inputs, base: base, threads: growingThreads)
        let booster = try Booster(parameters(signs, base: base), rows: [training, looked])
        var best = (rounds: 0, loss: Double.infinity)
        for round in 0..<rounds {
            try booster.grow(round: round, on: training)
            var loss = 0.0
            for (row, margin) in try booster.predict(looked, .margin, threads: growingThreads).enumerated() {
                loss +=
                    (held.weights?[row] ?? 1) * StableFunctions.softplus(Double(held.labels[row] ? -margin : margin))
            }
            guard loss.isFinite else { throw .diverged(advice: "lower the learning rate, or raise --l2") }
            if loss < best.loss { best = (round + 1, loss) }
            if round + 1 - best.rounds >= patience { return (best.rounds, true) }
        }
        return (best.rounds, false)
    }
}

extension BoosterRows {
    /// Rows with everything that a fit asks.
    ///
    /// - Throws: `tooManyNumbers` beyond what fits in a few gigabytes: categories have a column for each level.
    convenience init(_ rows: TrainingRows, _ inputs: TreeInputs, base: Double, threads: Int) throws(ModelError) {
        guard rows.table.rowCount * inputs.columnCount <= TreeInputs.mostNumbers else {
            throw .tooManyNumbers(rows: rows.table.rowCount, columns: inputs.columnCount)
        }
        try self.init(
            values: inputs.values(of: rows.table, rows: 0..<rows.table.rowCount),
            rowCount: rows.table.rowCount,
            columnCount: inputs.columnCount,
            threads: threads
        )
        try set("label", rows.labels.map { $0 ? 1 : 0 })
        if let weights = rows.weights { try set("weight", weights) }
        if let offsets = rows.offsets {
            let start = PortableMath.log(base / (1 - base))
            try set("base_margin", offsets.map { $0 + start })
        }
    }
}

extension BoostedTrees: Codable {
    private enum CodingKeys: String, CodingKey {
        /// A fitted model has a number of its own that it came to.
        case rounds = "maximumRounds"
        case learningRate, maximumDepth, minimumChildWeight, l2, l1, minimumGain, rowShare, columnShare, bins, monotone
        case heldOutShare, patience, seed, growingThreads
    }

    /// - Throws: `invalidHyperparameter`, too.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            rounds: values.decode(Int.self, forKey: .rounds),
            learningRate: values.decode(Double.self, forKey: .learningRate),
            maximumDepth: values.decode(Int.self, forKey: .maximumDepth),
            minimumChildWeight: values.decode(Double.self, forKey: .minimumChildWeight),
            l2: values.decode(Double.self, forKey: .l2),
            l1: values.decode(Double.self, forKey: .l1),
            minimumGain: values.decode(Double.self, forKey: .minimumGain),
            rowShare: values.decode(Double.self, forKey: .rowShare),
            columnShare: values.decode(Double.self, forKey: .columnShare),
            bins: values.decode(Int.self, forKey: .bins),
            monotone: values.decode([String: Int].self, forKey: .monotone),
            heldOutShare: values.decode(Double.self, forKey: .heldOutShare),
            patience: values.decode(Int.self, forKey: .patience),
            seed: values.decode(UInt64.self, forKey: .seed),
            growingThreads: values.decode(Int.self, forKey: .growingThreads)
        )
    }
}

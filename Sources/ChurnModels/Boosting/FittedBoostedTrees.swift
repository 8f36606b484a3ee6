import ChurnNumerics

/// Boosted trees with what must be known of them: predictors in, log-odds and contributions (SHAP values) out.
///
/// The library that predicts is given a model that is written anew from checked trees, after a fit as after a load: the same
/// numbers, wherever the model comes from.
public struct FittedBoostedTrees: FittedModel, Equatable {
    static let formatVersion = 2

    let encoding: TreeInputs
    let trees: [DecisionTree]
    /// Of churned rows among those that trained: from where the trees begin.
    public let baseRate: Double
    /// What the trees were grown with.
    public let settings: BoostedTrees
    /// Of the training rows.
    public let logLikelihood: Double
    public let certificate: FitCertificate
    /// The log-odds of the average training row, which contributions add to.
    public let intercept: Double
    private let booster: Booster

    /// - Throws: `malformedModel` where there is no tree, or the base rate none; `boostingFailed` where the library takes the trees
    ///   for none.
    init(
        encoding: TreeInputs,
        trees: [DecisionTree],
        baseRate: Double,
        settings: BoostedTrees,
        logLikelihood: Double,
        certificate: FitCertificate
    ) throws(ModelError) {
        try encoding.check()
        guard !trees.isEmpty, (0.0...1).contains(baseRate), (Float.leastNormalMagnitude..<1).contains(Float(baseRate))
        else { throw .malformedModel("there are no trees, or their base rate is no probability") }
        self.encoding = encoding
        self.trees = trees
        self.baseRate = baseRate
        self.settings = settings
        self.logLikelihood = logLikelihood
        self.certificate = certificate
        let count = encoding.columnCount
        let list = trees.enumerated().map { $1.json(id: $0, columnCount: count) }.joined(separator: ",")
        let zeros = [String](repeating: "0", count: trees.count).joined(separator: ",")
        booster = try Booster(
            json: """
                {"learner":{"attributes":{},"feature_names":[],"feature_types":[],"gradient_booster":{"model":{\
                "gbtree_model_param":{"num_parallel_tree":"1","num_trees":"\(trees.count)","size_leaf_vector":"0"},\
                "tree_info":[\(zeros)],"trees":[\(list)]},"name":"gbtree"},"learner_model_param":{\
                "base_score":"\(Float(baseRate))","boost_from_average":"1","num_class":"0","num_feature":"\(count)",\
                "num_target":"1"},"objective":{"name":"binary:logistic","reg_loss_param":{"scale_pos_weight":"1"}}},\
                "version":[1,7,4]}
                """
        )
        // The mean is the same for every row.
        let rows = try BoosterRows(
            values: [Float](repeating: .nan, count: count),
            rowCount: 1,
            columnCount: count,
            threads: 1
        )
        guard let mean = try booster.predict(rows, .contributions, threads: 1).last, mean.isFinite else {
            throw .malformedModel("the trees have no mean")
        }
        intercept = Double(mean)
    }

    public static func == (left: FittedBoostedTrees, right: FittedBoostedTrees) -> Bool {
        left.encoding == right.encoding && left.trees == right.trees && left.baseRate == right.baseRate
            && left.settings == right.settings && left.logLikelihood == right.logLikelihood
            && left.certificate == right.certificate
    }

    public var kind: ModelKind { .boosted }
    public var content: ModelContent { .boosted(self) }
    public var inputs: [ModelInput] {
        encoding.inputs.map { ModelInput(name: $0.column, isNumeric: $0.levels == nil) }
    }
    public var predictorNames: [String] { encoding.names }
    public var treeCount: Int { trees.count }

    /// What a predictor has to say in all trees.
    public struct Importance: Sendable, Equatable, Encodable {
        public let predictor: String
        /// By how much its splits lowered the loss.
        public let gain: Double
        public let splits: Int
    }

    /// Of every predictor, the largest gain first.
    public var importances: [Importance] {
        let sources = encoding.sources
        var (gains, splits) = ([Double](repeating: 0, count: inputs.count), [Int](repeating: 0, count: inputs.count))
        for tree in trees {
            for node in 0..<tree.nodeCount where !tree.isLeaf(node) {
                gains[sources[Int(tree.column[node])]] += Double(tree.gain[node])
                splits[sources[Int(tree.column[node])]] += 1
            }
        }
        return inputs.indices.sorted { (gains[$0], -$0) > (gains[$1], -$1) }
            .map { Importance(predictor: inputs[$0].name, gain: gains[$0], splits: splits[$0]) }
    }

    // MARK: Prediction

    /// Rows that the library is handed together.
    private static let rowsTogether = 65_536

    /// Calls `body` with runs of rows and what the library says of them.
    private func forEachRun(
        of table: PredictorTable,
        _ output: Booster.Output,
        threads: Int,
        _ body: (_ rows: Range<Int>, _ values: [Float]) throws(ModelError) -> Void
    ) throws(ModelError) {
        let count = table.rowCount
        let width = encoding.columnCount
        // No more than 256 MiB of numbers, but for very many columns.
        let step = max(64, min(Self.rowsTogether, (1 << 26) / width))
        for first in stride(from: 0, to: count, by: step) {
            let run = first..<min(count, first + step)
            let rows = try BoosterRows(
                values: encoding.values(of: table, rows: run),
                rowCount: run.count,
                columnCount: width,
                threads: threads
            )
            try body(run, try booster.predict(rows, output, threads: threads))
        }
    }

    public func linearPredictor(
        _ table: PredictorTable,
        offsets: [Double]? = nil,
        threads: Int = 1
    ) throws(ModelError) -> [Double] {
        if let offsets, offsets.count != table.rowCount {
            throw .rowCountMismatch(what: "offsets", expected: table.rowCount, got: offsets.count)
        }
        var logOdds = [Double](repeating: 0, count: table.rowCount)
        try forEachRun(of: table, .margin, threads: threads) { (rows, margins) throws(ModelError) in
            for (place, row) in rows.enumerated() { logOdds[row] = Double(margins[place]) + (offsets?[row] ?? 0) }
        }
        if let row = logOdds.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(row: row, column: "log-odds", value: logOdds[row])
        }
        return logOdds
    }

    /// SHAP values (Lundberg and others 2020) of the columns that a predictor became, added up. The library has them in single
    /// precision; what is left to the log-odds goes to the strongest.
    public func contributions(_ table: PredictorTable, threads: Int = 1) throws(ModelError) -> Matrix {
        let logOdds = try linearPredictor(table, threads: threads)
        let (sources, width) = (encoding.sources, encoding.columnCount + 1)
        var result = Matrix(rowCount: table.rowCount, columnCount: inputs.count)
        try forEachRun(of: table, .contributions, threads: threads) { (rows, values) throws(ModelError) in
            for (place, row) in rows.enumerated() {
                var (sum, strongest) = (intercept, 0)
                for (column, source) in sources.enumerated() {
                    result[row, source] += Double(values[place * width + column])
                }
                for source in inputs.indices {
                    sum += result[row, source]
                    if abs(result[row, source]) > abs(result[row, strongest]) { strongest = source }
                }
                guard sum.isFinite else { throw .notFinite(row: row, column: "contributions", value: sum) }
                if result[row, strongest] != 0 { result[row, strongest] += logOdds[row] - sum }
            }
        }
        return result
    }

    public func unseenCategories(in table: PredictorTable) throws(ModelError) -> [UnseenCategories] {
        try encoding.unseenCategories(in: table)
    }
}

extension FittedBoostedTrees: Codable {
    private enum CodingKeys: String, CodingKey {
        case formatVersion, kind, inputs, trees, baseRate, settings, logLikelihood, certificate
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let version = try container.decode(Int.self, forKey: .formatVersion)
        guard version == Self.formatVersion, try container.decode(ModelKind.self, forKey: .kind) == .boosted else {
            throw ModelError.malformedModel("the model is none of format version \(Self.formatVersion)")
        }
        let encoding = TreeInputs(try container.decode([TreeInputs.Input].self, forKey: .inputs))
        try encoding.check()
        let stored = try container.decode([StoredTree].self, forKey: .trees)
        var trees: [DecisionTree] = []
        for tree in stored { trees.append(try tree.checked(columnCount: encoding.columnCount)) }
        try self.init(
            encoding: encoding,
            trees: trees,
            baseRate: container.decode(Double.self, forKey: .baseRate),
            settings: container.decode(BoostedTrees.self, forKey: .settings),
            logLikelihood: container.decode(Double.self, forKey: .logLikelihood),
            certificate: container.decode(FitCertificate.self, forKey: .certificate)
        )
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.formatVersion, forKey: .formatVersion)
        try container.encode(kind, forKey: .kind)
        try container.encode(encoding.inputs, forKey: .inputs)
        try container.encode(trees.map(StoredTree.init), forKey: .trees)
        try container.encode(baseRate, forKey: .baseRate)
        try container.encode(settings, forKey: .settings)
        try container.encode(logLikelihood, forKey: .logLikelihood)
        try container.encode(certificate, forKey: .certificate)
    }
}

import ChurnNumerics

/// The kinds of fitted model, as a registry names them.
public enum ModelKind: String, Sendable, Codable {
    case logistic, boosted, bgnbd, mbgnbd, paretonbd
}

/// A fitted model as what it is, for whoever keeps or shows it.
public enum ModelContent: Sendable {
    case logistic(FittedPipeline)
    case buyTillYouDie(FittedBuyTillYouDie)
    case boosted(FittedBoostedTrees)
}

/// A fitted model of any kind: predictors in, log-odds of churn and what they are made of out.
public protocol FittedModel: Sendable {
    var kind: ModelKind { get }
    var content: ModelContent { get }
    var certificate: FitCertificate { get }
    /// The predictors that it reads, in the order of training.
    var inputs: [ModelInput] { get }
    /// What contributes to a score: the predictors, and behind them what is made of several.
    var predictorNames: [String] { get }
    /// The log-odds to which contributions add: those of the average training row.
    var intercept: Double { get }

    /// The log-odds of each row.
    /// - Parameters:
    ///   - offsets: one a row; `nil` for all 0.
    ///   - threads: positive; the result does not depend on it.
    /// - Throws: `missingColumn`, `columnKindMismatch`, or `notFinite` with row and column.
    func linearPredictor(_ table: PredictorTable, offsets: [Double]?, threads: Int) throws(ModelError) -> [Double]

    /// What each of `predictorNames` adds to the log-odds of each row. With the intercept and the offset a row's contributions
    /// sum to its log-odds.
    /// - Returns: rows x predictors.
    func contributions(_ table: PredictorTable, threads: Int) throws(ModelError) -> Matrix

    /// The log-odds of each row with the contributions that are strongest, up or down.
    /// - Parameter reasons: places of a row, not negative.
    func explainedLinearPredictor(
        _ table: PredictorTable,
        reasons count: Int,
        offsets: [Double]?,
        threads: Int
    ) throws(ModelError) -> (logOdds: [Double], reasons: StrongestContributions)

    /// Rows with a category that training did not know, by column; columns without any are absent.
    func unseenCategories(in table: PredictorTable) throws(ModelError) -> [UnseenCategories]
}

/// A predictor as a model reads it.
public struct ModelInput: Sendable, Equatable {
    public let name: String
    /// Whether it is a number; else it is a category.
    public let isNumeric: Bool

    public init(name: String, isNumeric: Bool) {
        self.name = name
        self.isNumeric = isNumeric
    }
}

extension FittedModel {
    public func explainedLinearPredictor(
        _ table: PredictorTable,
        reasons count: Int,
        offsets: [Double]?,
        threads: Int
    ) throws(ModelError) -> (logOdds: [Double], reasons: StrongestContributions) {
        let logOdds = try linearPredictor(table, offsets: offsets, threads: threads)
        var strongest = StrongestContributions(count: min(count, predictorNames.count))
        for first in stride(from: 0, to: table.rowCount, by: RowTiles.rows) {
            let rows = Array(first..<min(table.rowCount, first + RowTiles.rows))
            strongest.append(try contributions(table.selecting(rows: rows), threads: threads))
        }
        return (logOdds, strongest)
    }

    /// The probability of the positive class for each row.
    public func probabilities(
        _ table: PredictorTable,
        offsets: [Double]? = nil,
        threads: Int = 1
    ) throws(ModelError) -> [Double] {
        var result = try linearPredictor(table, offsets: offsets, threads: threads)
        StableFunctions.toProbabilities(&result, threads: threads)
        return result
    }
}

extension StableFunctions {
    /// Replaces log-odds by their probabilities.
    static func toProbabilities(_ logOdds: inout [Double], threads: Int) {
        logOdds.withUnsafeMutableBufferPointer { buffer in
            nonisolated(unsafe) let base = buffer.baseAddress
            RowTiles(rowCount: buffer.count).forEach(threads: threads) { rows in
                guard let base else { return }
                withUnsafeTemporaryAllocation(of: Double.self, capacity: rows.count) { scratch in
                    guard let exponentials = scratch.baseAddress else { return }
                    let tile = base + rows.lowerBound
                    for row in 0..<rows.count { exponentials[row] = -abs(tile[row]) }
                    PortableMath.exp(exponentials, count: rows.count, into: exponentials)
                    for row in 0..<rows.count {
                        let small = exponentials[row]
                        tile[row] = (tile[row] >= 0 ? 1 : small) / (1 + small)
                    }
                }
            }
        }
    }
}

/// Rows that a model is fitted to.
public struct TrainingRows: Sendable {
    public let table: PredictorTable
    /// One a row.
    public let labels: [Bool]
    /// One a row, none negative; `nil` for all 1.
    public let weights: [Double]?
    /// One a row, from 0: rows with the same number are of one customer; `nil` where every row is another one.
    public let clusters: [Int32]?
    /// One a row, added to the log-odds; `nil` for all 0.
    public let offsets: [Double]?

    public init(
        table: PredictorTable,
        labels: [Bool],
        weights: [Double]? = nil,
        clusters: [Int32]? = nil,
        offsets: [Double]? = nil
    ) {
        self.table = table
        self.labels = labels
        self.weights = weights
        self.clusters = clusters
        self.offsets = offsets
    }

    /// Some of the rows, in the order given.
    /// - Parameter threads: positive.
    public func selecting(rows: [Int], threads: Int = 1) -> TrainingRows {
        TrainingRows(
            table: table.selecting(rows: rows, threads: threads),
            labels: rows.map { labels[$0] },
            weights: weights.map { weights in rows.map { weights[$0] } },
            clusters: clusters.map { clusters in rows.map { clusters[$0] } },
            offsets: offsets.map { offsets in rows.map { offsets[$0] } }
        )
    }

    /// Fails unless everything has one element a row, weights are sound, and rows that count are of both classes.
    func check() throws(ModelError) {
        let rows = table.rowCount
        guard rows > 0 else { throw .noRows }
        for (what, count) in [("labels", labels.count), ("clusters", clusters?.count), ("offsets", offsets?.count)] {
            if let count, count != rows { throw .rowCountMismatch(what: what, expected: rows, got: count) }
        }
        try TrainingData.check(weights: weights, rowCount: rows)
        let counted = (0..<rows).filter { (weights?[$0] ?? 1) > 0 }
        let positives = counted.count { labels[$0] }
        guard positives > 0, positives < counted.count else {
            throw .oneClass(positives: positives, rows: counted.count)
        }
    }
}

/// What fits models of one kind, with its hyperparameters.
public protocol ModelEstimator: Sendable {
    /// Whether labels have a part in the fit; a model that does without may be calibrated on its own training rows.
    var usesLabels: Bool { get }

    /// - Parameter threads: positive; the result does not depend on it.
    func fit(_ rows: TrainingRows, threads: Int) throws(ModelError) -> any FittedModel

    /// The same, sooner done where the model that it will find is near another one: rows that are nearly the same.
    func starting(near model: any FittedModel) -> Self

    /// The same without what a prediction has no need of, such as standard errors.
    var withoutInference: Self { get }
}

extension ModelEstimator {
    public var usesLabels: Bool { true }

    public func starting(near model: any FittedModel) -> Self { self }

    public var withoutInference: Self { self }
}

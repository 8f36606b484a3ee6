import ChurnModels
import ChurnNumerics

/// The scores of a set of customers: probability, rank, decile, and what each predictor contributed.
public struct ScoreTable: Sendable {
    /// A predictor's share of a customer's log-odds, against the average training row.
    public struct Reason: Sendable, Equatable, Encodable {
        public let predictor: String
        public let contribution: Double
    }

    /// Reasons that are written for each customer.
    public static let reasonCount = 3

    /// The cutoff as `2024-12-31`; `nil` for a flat table, whose rows have no date.
    public let asOf: String?
    public let customers: [String]
    public let probabilities: [Double]
    /// Before the calibration, where the model has one.
    public let logOdds: [Double]
    /// The log-odds of the average training row.
    public let intercept: Double
    public let predictorNames: [String]
    /// By row, the predictors that contributed most, up or down, strongest first.
    private let reasons: StrongestContributions
    /// Rows x predictors, where they were asked for; with the intercept and the offset a row sums to its log-odds.
    private let contributions: Matrix?
    /// Row numbers by descending log-odds, before a calibration that may make neighbours equal; customers with the same ones come in
    /// the byte order of their ids.
    public let order: [Int]
    /// Rank of each row, from 1 for the highest probability.
    public let ranks: [Int]

    /// Scores rows of predictors.
    /// - Parameters:
    ///   - customers: one id a row.
    ///   - offsets: one a row; `nil` for all 0.
    ///   - keepsContributions: whether all predictors' contributions are kept, a number for each row and predictor.
    ///   - threads: positive; the result does not depend on it.
    public init(
        model: CalibratedModel,
        predictors: PredictorTable,
        customers: [String],
        asOf: String?,
        offsets: [Double]? = nil,
        keepsContributions: Bool = false,
        threads: Int = 1
    ) throws(ModelError) {
        guard customers.count == predictors.rowCount else {
            throw .rowCountMismatch(what: "customers", expected: predictors.rowCount, got: customers.count)
        }
        let (logOdds, reasons) = try model.fitted.explainedLinearPredictor(
            predictors,
            reasons: Self.reasonCount,
            offsets: offsets,
            threads: threads
        )
        self.reasons = reasons
        self.asOf = asOf
        self.customers = customers
        self.logOdds = logOdds
        probabilities = logOdds.map(model.probability(ofLogOdds:))
        intercept = model.fitted.intercept
        predictorNames = model.fitted.predictorNames
        contributions = keepsContributions ? try model.fitted.contributions(predictors, threads: threads) : nil
        order = customers.indices.sorted { left, right in
            if logOdds[left] != logOdds[right] { return logOdds[left] > logOdds[right] }
            if customers[left] != customers[right] {
                return customers[left].utf8.lexicographicallyPrecedes(customers[right].utf8)
            }
            return left < right
        }
        var ranks = [Int](repeating: 0, count: customers.count)
        for (position, row) in order.enumerated() { ranks[row] = position + 1 }
        self.ranks = ranks
    }

    /// One customer's scores, as JSON has them.
    public struct Row: Sendable, Encodable {
        public let customer: String
        public let asOf: String?
        public let probability: Double
        public let rank: Int
        public let decile: Int
        public let reasons: [Reason]
        /// All predictors' contributions, where they were asked for.
        public let contributions: [String: Double]?
        public let logOdds: Double
        public let intercept: Double
    }

    public func row(_ row: Int) -> Row {
        Row(
            customer: customers[row],
            asOf: asOf,
            probability: probabilities[row],
            rank: ranks[row],
            decile: decile(ofRow: row),
            reasons: reasons(ofRow: row),
            contributions: allContributions(ofRow: row).map {
                Dictionary(uniqueKeysWithValues: zip(predictorNames, $0))
            },
            logOdds: logOdds[row],
            intercept: intercept
        )
    }

    /// What each predictor contributed, in the order of their names; `nil` where that was not asked for.
    public func allContributions(ofRow row: Int) -> [Double]? {
        contributions.map { contributions in predictorNames.indices.map { contributions[row, $0] } }
    }

    public var count: Int { customers.count }

    /// Whether all contributions were asked for.
    public var keepsContributions: Bool { contributions != nil }

    /// The mean probability.
    public var mean: Double { probabilities.reduce(0, +) / Double(max(count, 1)) }

    /// 1 for the tenth of the rows with the highest probabilities, 10 for the lowest.
    public func decile(ofRow row: Int) -> Int { (ranks[row] - 1) * 10 / count + 1 }

    /// The predictors that contributed most, up or down, strongest first; fewer where fewer contributed.
    public func reasons(ofRow row: Int) -> [Reason] {
        reasons.ofRow(row).map { Reason(predictor: predictorNames[$0.predictor], contribution: $0.contribution) }
    }
}

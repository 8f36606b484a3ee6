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
    public let logOdds: [Double]
    /// The log-odds of the average training row.
    public let intercept: Double
    public let predictorNames: [String]
    /// Rows x predictors; with the intercept a row sums to its log-odds.
    public let contributions: Matrix
    /// Row numbers by descending probability; customers with the same one come in the byte order of their ids.
    public let order: [Int]
    /// Rank of each row, from 1 for the highest probability.
    public let ranks: [Int]

    /// Scores rows of predictors.
    /// - Parameters:
    ///   - customers: one id a row.
    public init(
        pipeline: FittedPipeline,
        predictors: PredictorTable,
        customers: [String],
        asOf: String?
    ) throws(ModelError) {
        guard customers.count == predictors.rowCount else {
            throw .rowCountMismatch(what: "customers", expected: predictors.rowCount, got: customers.count)
        }
        let logOdds = try pipeline.linearPredictor(predictors)
        self.asOf = asOf
        self.customers = customers
        self.logOdds = logOdds
        probabilities = logOdds.map(StableFunctions.sigmoid)
        intercept = pipeline.model.intercept
        predictorNames = pipeline.predictorNames
        contributions = try pipeline.contributions(predictors)
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

    public func row(_ row: Int, allContributions: Bool) -> Row {
        Row(
            customer: customers[row],
            asOf: asOf,
            probability: probabilities[row],
            rank: ranks[row],
            decile: decile(ofRow: row),
            reasons: reasons(ofRow: row),
            contributions: allContributions
                ? Dictionary(
                    uniqueKeysWithValues: predictorNames.enumerated().map { ($1, contributions[row, $0]) }
                ) : nil,
            logOdds: logOdds[row],
            intercept: intercept
        )
    }

    public var count: Int { customers.count }

    /// 1 for the tenth of the rows with the highest probabilities, 10 for the lowest.
    public func decile(ofRow row: Int) -> Int { (ranks[row] - 1) * 10 / count + 1 }

    /// The predictors that contributed most, up or down, strongest first.
    public func reasons(ofRow row: Int) -> [Reason] {
        contributions.withBlock { block in
            var strongest: [Reason] = []
            for (column, name) in predictorNames.enumerated() {
                let contribution = block.column(column)[row]
                let place = strongest.firstIndex { abs($0.contribution) < abs(contribution) } ?? strongest.count
                guard place < Self.reasonCount else { continue }
                strongest.insert(Reason(predictor: name, contribution: contribution), at: place)
                if strongest.count > Self.reasonCount { strongest.removeLast() }
            }
            return strongest
        }
    }
}

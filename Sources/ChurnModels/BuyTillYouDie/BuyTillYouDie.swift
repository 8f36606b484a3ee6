import ChurnNumerics

/// Fits a buy-till-you-die model to what predictors tell of customers' purchases, and predicts silence from it.
///
/// Labels and weights have no part in the fit: it asks how often customers came back, and when last.
public struct BuyTillYouDie: ModelEstimator {
    public let kind: ModelKind
    public let columns: Columns
    /// How long a customer must be silent to have churned, in days.
    public let horizon: Double
    /// A row for each customer, those too who left long ago: without them it would seem that hardly anybody leaves. `nil` for the
    /// training rows; where a customer has several, the one with the longest history counts.
    public let everybody: PredictorTable?

    /// The predictors that tell of a customer's purchases.
    public struct Columns: Sendable, Equatable, Codable {
        /// Days with a purchase, the first one included.
        public let purchaseDays: String
        /// Days from the last purchase to the cutoff.
        public let recency: String
        /// Days from the first purchase to the cutoff.
        public let tenure: String

        public init(purchaseDays: String, recency: String, tenure: String) {
            self.purchaseDays = purchaseDays
            self.recency = recency
            self.tenure = tenure
        }

        var names: [String] { [purchaseDays, recency, tenure] }
    }

    /// - Parameter kind: `bgnbd`, `mbgnbd` or `paretonbd`.
    /// - Throws: `invalidHyperparameter` for a horizon that is not positive or longer than a hundred years, `incompatibleHyperparameters` for another kind.
    public init(
        _ kind: ModelKind,
        columns: Columns,
        horizon: Double,
        everybody: PredictorTable? = nil
    ) throws(ModelError) {
        guard Self.kinds.contains(kind) else {
            throw .incompatibleHyperparameters("\(kind.rawValue) is no buy-till-you-die model")
        }
        guard horizon > 0, horizon <= Self.longestHorizon else {
            throw .invalidHyperparameter(
                name: "horizon",
                value: horizon,
                allowed: "more than 0 and at most \(Self.longestHorizon)"
            )
        }
        self.kind = kind
        self.columns = columns
        self.horizon = horizon
        self.everybody = everybody
    }

    static let kinds: [ModelKind] = [.bgnbd, .mbgnbd, .paretonbd]
    /// Days; a hundred years.
    private static let longestHorizon = 36_525.0

    public var usesLabels: Bool { false }

    public func fit(_ rows: TrainingRows, threads: Int) throws(ModelError) -> any FittedModel {
        try rows.check()
        let purchases = try PurchaseColumns(rows.table, columns)
        let histories: PurchaseHistories
        if let everybody {
            histories = try PurchaseColumns(everybody, columns).histories(of: Array(0..<everybody.rowCount))
        } else {
            var chosen = Array(rows.labels.indices)
            if let clusters = rows.clusters {
                var longest: [Int32: Int] = [:]
                for row in chosen {
                    let known = longest[clusters[row]].map { purchases.tenures[$0] } ?? -.infinity
                    if purchases.tenures[row] > known { longest[clusters[row]] = row }
                }
                chosen = longest.values.sorted()
            }
            histories = try purchases.histories(of: chosen)
        }
        let fit: LikelihoodFit =
            kind == .paretonbd
            ? try ParetoNBD().fit(histories, threads: threads).fit
            : try BetaGeometricNBD(isModified: kind == .mbgnbd).fit(histories, threads: threads).fit
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        return FittedBuyTillYouDie(
            kind: kind,
            columns: columns,
            horizon: horizon,
            fit: fit,
            customers: histories.count,
            reference: [mean(purchases.days), mean(purchases.recencies), mean(purchases.tenures)]
        )
    }
}

/// The three predictors of a table, made such that they can be a customer's.
private struct PurchaseColumns {
    let days: [Double]
    let recencies: [Double]
    let tenures: [Double]

    /// - Throws: `missingColumn`, `columnKindMismatch`, or `notFinite` with row and column.
    init(_ table: PredictorTable, _ columns: BuyTillYouDie.Columns) throws(ModelError) {
        var found: [[Double]] = []
        for column in try table.columns(named: columns.names) {
            guard case .numeric(let values) = column.values else {
                throw .columnKindMismatch(column.name, trainedAs: "a number")
            }
            let numbers = values.array
            if let row = numbers.firstIndex(where: { !$0.isFinite }) {
                throw .notFinite(row: row, column: column.name, value: numbers[row])
            }
            found.append(numbers)
        }
        (days, recencies, tenures) = (found[0], found[1], found[2])
    }

    init(days: [Double], recencies: [Double], tenures: [Double]) {
        (self.days, self.recencies, self.tenures) = (days, recencies, tenures)
    }

    /// - Parameter extra: days without a purchase at the end, beside those that the rows tell of.
    func histories(of rows: [Int], extra: Double = 0) throws(ModelError) -> PurchaseHistories {
        let most = Double(PurchaseHistories.mostPurchases)
        let frequencies = rows.map { Int(min(max(days[$0].rounded() - 1, 0), most)) }
        let ages = rows.map { max(tenures[$0], 0) }
        // Between the first and the last: who came back did so a day later at the least.
        let recencies = rows.indices.map { position in
            frequencies[position] == 0
                ? 0 : min(max(ages[position] - max(self.recencies[rows[position]], 0), 1), max(ages[position], 1))
        }
        return try PurchaseHistories(
            frequencies: frequencies,
            recencies: recencies,
            ages: ages.indices.map { max(ages[$0], recencies[$0]) + extra }
        )
    }
}

/// A fitted buy-till-you-die model that tells how probable it is that a customer makes no purchase within a horizon.
///
/// That is the likelihood of the customer's history with the horizon's silence behind it, divided by the one without.
public struct FittedBuyTillYouDie: FittedModel, Equatable {
    static let formatVersion = 1

    public let kind: ModelKind
    public let columns: BuyTillYouDie.Columns
    /// In days.
    public let horizon: Double
    /// Times are in days.
    public let fit: LikelihoodFit
    /// To how many it was fitted.
    public let customers: Int
    /// Means of the predictors in the training rows: the customer from whose log-odds contributions count.
    let reference: [Double]
    public let intercept: Double

    fileprivate init(
        kind: ModelKind,
        columns: BuyTillYouDie.Columns,
        horizon: Double,
        fit: LikelihoodFit,
        customers: Int,
        reference: [Double]
    ) {
        self.kind = kind
        self.columns = columns
        self.horizon = horizon
        self.fit = fit
        self.customers = customers
        self.reference = reference
        let average = PurchaseColumns(days: [reference[0]], recencies: [reference[1]], tenures: [reference[2]])
        intercept = (try? Self.logOdds(average, kind, fit.parameters, horizon, threads: 1))?.first ?? 0
    }

    public var certificate: FitCertificate {
        FitCertificate(
            status: .converged,
            iterations: fit.iterations,
            gradientNorm: fit.gradientNorm,
            conditionEstimate: nil
        )
    }

    /// By the model's order, as in `fit.parameters`.
    public var parameterNames: [String] {
        kind == .paretonbd ? ParetoNBD.Likelihood.parameterNames : BetaGeometricNBD.Likelihood.parameterNames
    }

    /// The model in words.
    public var words: String {
        switch kind {
        case .mbgnbd: "MBG/NBD"
        case .paretonbd: "Pareto/NBD"
        default: "BG/NBD"
        }
    }

    public var content: ModelContent { .buyTillYouDie(self) }
    public var inputs: [ModelInput] { columns.names.map { ModelInput(name: $0, isNumeric: true) } }
    public var predictorNames: [String] { columns.names }

    public func linearPredictor(
        _ table: PredictorTable,
        offsets: [Double]? = nil,
        threads: Int = 1
    ) throws(ModelError) -> [Double] {
        if offsets != nil { throw .incompatibleHyperparameters("a buy-till-you-die model takes no offset") }
        return try logOdds(PurchaseColumns(table, columns), threads: threads)
    }

    /// Shapley values: of all orders in which the three numbers of the average customer can become this one's, the mean of what
    /// each change adds.
    public func contributions(_ table: PredictorTable, threads: Int = 1) throws(ModelError) -> Matrix {
        let own = try PurchaseColumns(table, columns)
        let numbers = [own.days, own.recencies, own.tenures]
        var values: [[Double]] = []
        for known in 0..<8 {
            let mixed = (0..<3).map { column in
                known >> column & 1 == 1
                    ? numbers[column] : [Double](repeating: reference[column], count: table.rowCount)
            }
            values.append(
                try logOdds(
                    PurchaseColumns(days: mixed[0], recencies: mixed[1], tenures: mixed[2]),
                    threads: threads
                )
            )
        }
        var result = Matrix(rowCount: table.rowCount, columnCount: 3)
        for column in 0..<3 {
            for known in 0..<8 where known >> column & 1 == 0 {
                // Orders in which just these are known before: 2 of 6 for none or both others, 1 for one.
                let share = known.nonzeroBitCount == 1 ? 1.0 / 6 : 1.0 / 3
                for row in 0..<table.rowCount {
                    result[row, column] += share * (values[known | 1 << column][row] - values[known][row])
                }
            }
        }
        return result
    }

    public func unseenCategories(in table: PredictorTable) throws(ModelError) -> [UnseenCategories] { [] }

    private func logOdds(_ purchases: PurchaseColumns, threads: Int) throws(ModelError) -> [Double] {
        try Self.logOdds(purchases, kind, fit.parameters, horizon, threads: threads)
    }

    /// Of silence no nearer to certain than this is told apart from certainty: what differences of log-likelihoods leave.
    private static let leastChance = 1e-12

    private static func logOdds(
        _ purchases: PurchaseColumns,
        _ kind: ModelKind,
        _ parameters: [Double],
        _ horizon: Double,
        threads: Int
    ) throws(ModelError) -> [Double] {
        let rows = Array(purchases.days.indices)
        let now = try purchases.histories(of: rows)
        let later = try purchases.histories(of: rows, extra: horizon)
        func logLikelihoods(_ histories: PurchaseHistories) -> [Double] {
            kind == .paretonbd
                ? ParetoNBD.Likelihood().logLikelihoods(histories, parameters, threads: threads)
                : BetaGeometricNBD.Likelihood(isModified: kind == .mbgnbd)
                    .logLikelihoods(histories, parameters, threads: threads)
        }
        let (before, after) = (logLikelihoods(now), logLikelihoods(later))
        let logOdds = rows.map { row in
            let silence = min(after[row] - before[row], -leastChance)
            return silence - PortableMath.log(-StableFunctions.expm1(silence))
        }
        if let row = logOdds.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(row: row, column: "log-odds", value: logOdds[row])
        }
        return logOdds
    }
}

extension FittedBuyTillYouDie: Codable {
    private enum CodingKeys: String, CodingKey {
        case formatVersion, kind, columns, horizon, parameters, relativeErrors, logLikelihood, iterations, gradientNorm,
            customers,
            reference
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let version = try container.decode(Int.self, forKey: .formatVersion)
        guard version == Self.formatVersion else {
            throw ModelError.malformedModel("the model has format version \(version), not \(Self.formatVersion)")
        }
        let fit = LikelihoodFit(
            parameters: try container.decode([Double].self, forKey: .parameters),
            relativeErrors: try container.decode([Double].self, forKey: .relativeErrors),
            logLikelihood: try container.decode(Double.self, forKey: .logLikelihood),
            iterations: try container.decode(Int.self, forKey: .iterations),
            gradientNorm: try container.decode(Double.self, forKey: .gradientNorm)
        )
        let estimator = try BuyTillYouDie(
            container.decode(ModelKind.self, forKey: .kind),
            columns: container.decode(BuyTillYouDie.Columns.self, forKey: .columns),
            horizon: container.decode(Double.self, forKey: .horizon)
        )
        let reference = try container.decode([Double].self, forKey: .reference)
        guard fit.parameters.count == 4, fit.relativeErrors.count == 4, reference.count == 3,
            fit.parameters.allSatisfy({ (1e-12...1e12).contains($0) }), reference.allSatisfy({ abs($0) <= 1e9 }),
            Set(estimator.columns.names).count == 3
        else { throw ModelError.malformedModel("the parameters are none of a buy-till-you-die model") }
        self.init(
            kind: estimator.kind,
            columns: estimator.columns,
            horizon: estimator.horizon,
            fit: fit,
            customers: try container.decode(Int.self, forKey: .customers),
            reference: reference
        )
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.formatVersion, forKey: .formatVersion)
        try container.encode(kind, forKey: .kind)
        try container.encode(columns, forKey: .columns)
        try container.encode(horizon, forKey: .horizon)
        try container.encode(fit.parameters, forKey: .parameters)
        try container.encode(fit.relativeErrors, forKey: .relativeErrors)
        try container.encode(fit.logLikelihood, forKey: .logLikelihood)
        try container.encode(fit.iterations, forKey: .iterations)
        try container.encode(fit.gradientNorm, forKey: .gradientNorm)
        try container.encode(customers, forKey: .customers)
        try container.encode(reference, forKey: .reference)
    }
}

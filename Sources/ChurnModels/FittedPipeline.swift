import ChurnNumerics

/// A fitted model with the preprocessing that belongs to it: predictors in, probabilities and contributions out.
public struct FittedPipeline: FittedModel, Equatable {
    public let preprocessing: Preprocessing
    public let model: FittedLogisticRegression

    /// - Throws: `malformedModel` when the two do not have the same columns.
    public init(preprocessing: Preprocessing, model: FittedLogisticRegression) throws(ModelError) {
        guard preprocessing.designColumns.count == model.coefficients.count else {
            throw .malformedModel(
                "the preprocessing makes \(preprocessing.designColumns.count) columns, the model has"
                    + " \(model.coefficients.count) coefficients"
            )
        }
        self.preprocessing = preprocessing
        self.model = model
    }

    /// A model whose coefficients are known from elsewhere, on columns as they are.
    /// - Parameter rawColumns: names of numeric columns, one a coefficient.
    /// - Throws: `malformedModel` for another number of names than of coefficients, or for numbers that are not finite.
    public init(rawColumns: [String], intercept: Double, coefficients: [Double]) throws(ModelError) {
        guard intercept.isFinite, coefficients.allSatisfy(\.isFinite) else {
            throw .malformedModel("a coefficient is not finite")
        }
        try self.init(
            preprocessing: Preprocessing(rawColumns: rawColumns),
            model: FittedLogisticRegression(intercept: intercept, coefficients: coefficients)
        )
    }

    /// What a pipeline is fitted with, beside the rows.
    public struct Specification: ModelEstimator {
        public var estimator: any LogisticEstimator
        public var imputation: Imputation
        public var terms: Terms
        /// Of columns with very many texts; `nil` to refuse those. See `Preprocessing.fit`.
        public var hashBits: Int?
        /// By predictor, how much of the penalty it bears; 1 where it is not named. 0 leaves a predictor unpenalised.
        public var penaltyFactors: [String: Double]
        /// A pipeline that a stochastic descent goes on from, with the preprocessing that it has: what is new in the table moves its
        /// coefficients; `nil` to begin anew.
        public var parent: FittedPipeline?
        /// A pipeline of nearly the same rows, near whose coefficients the search begins; it changes nothing but the time that it takes.
        private var neighbour: FittedPipeline?

        public init(
            estimator: any LogisticEstimator,
            imputation: Imputation = .mean,
            terms: Terms = .none,
            hashBits: Int? = nil,
            penaltyFactors: [String: Double] = [:],
            parent: FittedPipeline? = nil
        ) {
            self.estimator = estimator
            self.imputation = imputation
            self.terms = terms
            self.hashBits = hashBits
            self.penaltyFactors = penaltyFactors
            self.parent = parent
        }

        public func fit(_ rows: TrainingRows, threads: Int) throws(ModelError) -> any FittedModel {
            try FittedPipeline.fit(
                rows.table,
                labels: rows.labels,
                weights: rows.weights,
                clusters: rows.clusters,
                offsets: rows.offsets,
                self,
                threads: threads
            )
        }

        public func starting(near model: any FittedModel) -> Specification {
            var result = self
            // Where the search may end early, where it began would show: rows that test would have a part in it.
            if (estimator as? LogisticRegression)?.endsAtOptimum == true, parent == nil {
                result.neighbour = model as? FittedPipeline
            }
            return result
        }

        public var withoutInference: Specification {
            guard var exact = estimator as? LogisticRegression else { return self }
            exact.infers = false
            var result = self
            result.estimator = exact
            return result
        }

        /// The neighbour's coefficients for other columns.
        func start(of preprocessing: Preprocessing) -> FittedLogisticRegression? {
            neighbour.map { $0.model(of: preprocessing) }
        }

        /// Whether a penalty keeps every coefficient finite.
        var holdsEveryColumn: Bool { !estimator.penalty.isNone && !penaltyFactors.values.contains(0) }
    }

    /// Fits both on the rows of a table.
    /// - Parameters:
    ///   - labels: one a row.
    ///   - weights: one a row, none negative; `nil` for all 1.
    ///   - clusters: one a row: who repeats is not independent; `nil` where every row is another customer.
    ///   - offsets: one a row, added to the log-odds; `nil` for all 0.
    public static func fit(
        _ table: PredictorTable,
        labels: [Bool],
        weights: [Double]? = nil,
        clusters: [Int32]? = nil,
        offsets: [Double]? = nil,
        _ specification: Specification,
        threads: Int
    ) throws(ModelError) -> FittedPipeline {
        let parent = specification.parent
        let rows = TrainingRows(table: table, labels: labels, weights: weights, clusters: clusters, offsets: offsets)
        let (preprocessing, data) = try prepared(rows, specification, threads: threads)
        var model = try specification.estimator.fit(
            data,
            from: parent?.model ?? specification.start(of: preprocessing),
            threads: threads
        )
        model.certificate.aliased = preprocessing.aliased
        model.certificate.dropped = preprocessing.dropped
        for encoding in preprocessing.encodings where parent == nil {
            guard case .numeric(_, _, let spline?) = encoding.kind,
                let asked = specification.terms.splines[encoding.column],
                spline.knots.count < asked
            else { continue }
            model.certificate.warnings.append(
                "the spline of \(encoding.column) has \(spline.knots.count) knots and not \(asked): too many of its values"
                    + " are equal"
            )
        }
        return try FittedPipeline(preprocessing: preprocessing, model: model)
    }

    /// A table's rows as a fit of their coefficients takes them.
    private static func prepared(
        _ rows: TrainingRows,
        _ specification: Specification,
        threads: Int
    ) throws(ModelError) -> (Preprocessing, TrainingData) {
        let parent = specification.parent
        let (preprocessing, design) =
            if let parent {
                (parent.preprocessing, try parent.preprocessing.apply(to: rows.table))
            } else {
                try Preprocessing.fit(
                    rows.table,
                    imputation: specification.imputation,
                    terms: specification.terms,
                    hashBits: specification.hashBits,
                    weights: rows.weights,
                    isHeld: specification.holdsEveryColumn,
                    threads: threads
                )
            }
        let names = preprocessing.sourceNames
        for name in specification.penaltyFactors.keys.sorted() where !names.contains(name) {
            throw .unknownPredictor(name, nearest: NearestName.of(name, among: names))
        }
        // What the parent's preprocessing makes of a new table is not known to be finite.
        if parent != nil, (try? design.requireFinite(threads: threads)) == nil { try design.requireFinite() }
        let data = try TrainingData(
            finite: design,
            // z-scores of the very rows.
            squareSums: parent == nil && rows.weights == nil
                ? [Double](repeating: Double(rows.labels.count), count: design.columnCount) : nil,
            columnNames: preprocessing.designNames,
            labels: rows.labels,
            weights: rows.weights,
            clusters: rows.clusters,
            offsets: rows.offsets,
            penaltyFactors: specification.penaltyFactors.isEmpty
                ? nil : preprocessing.designColumns.map { specification.penaltyFactors[names[$0.source]] ?? 1 }
        )
        return (preprocessing, data)
    }

    /// Pipelines over a path of penalties, on rows that are prepared once.
    /// - Parameters:
    ///   - specification: its estimator does not matter.
    ///   - lambdas: falling.
    /// - Returns: by lambda; fewer where one did not converge, which is then the last.
    public static func path(
        _ rows: TrainingRows,
        _ specification: Specification,
        _ path: LogisticPath,
        lambdas: [Double],
        threads: Int
    ) throws(ModelError) -> [FittedPipeline] {
        let (preprocessing, data) = try prepared(rows, specification, threads: threads)
        var pipelines: [FittedPipeline] = []
        for point in try path.fit(data, lambdas: lambdas, threads: threads) {
            pipelines.append(
                try FittedPipeline(
                    preprocessing: preprocessing,
                    model: FittedLogisticRegression(point, alpha: path.alpha)
                )
            )
        }
        return pipelines
    }

    /// The lambdas of the rows' own path, falling.
    public static func lambdas(
        _ rows: TrainingRows,
        _ specification: Specification,
        _ path: LogisticPath,
        threads: Int
    ) throws(ModelError) -> [Double] {
        try path.lambdas(of: prepared(rows, specification, threads: threads).1, threads: threads)
    }

    /// The log-odds of each row.
    /// - Parameter offsets: one a row; `nil` for all 0.
    /// - Throws: `missingColumn`, `columnKindMismatch`, or `notFinite` with row and column.
    public func linearPredictor(
        _ table: PredictorTable,
        offsets: [Double]? = nil,
        threads: Int = 1
    ) throws(ModelError) -> [Double] {
        let design = try preprocessing.apply(to: table)
        let result = try model.linearPredictor(design, offsets: offsets, threads: threads)
        try requireFinite(result, of: design)
        return result
    }

    /// - Throws: `notFinite` with the row and the column to blame where log-odds are not finite.
    func requireFinite(_ logOdds: [Double], of design: PreprocessedDesign) throws(ModelError) {
        guard let row = logOdds.firstIndex(where: { !$0.isFinite }) else { return }
        try design.requireFinite()
        var blamed: (column: Int, size: Double)?
        for (column, coefficient) in model.coefficients.enumerated() where coefficient != 0 {
            var value = 0.0
            design.copy(column: column, rows: row..<row + 1, to: &value)
            let size = abs(coefficient * value)
            if size > blamed?.size ?? -1 { blamed = (column, size) }
        }
        throw .notFinite(
            row: row,
            column: blamed.map { design.columns[$0.column].name } ?? "offset",
            value: blamed.map { design.rawValue(row: row, column: $0.column) } ?? logOdds[row]
        )
    }

    /// Probabilities with the strongest contributions, in one pass over the columns.
    public func explainedProbabilities(
        _ table: PredictorTable,
        reasons count: Int,
        offsets: [Double]? = nil,
        threads: Int = 1
    ) throws(ModelError) -> (probabilities: [Double], reasons: StrongestContributions) {
        var (result, reasons) = try explainedLinearPredictor(table, reasons: count, offsets: offsets, threads: threads)
        StableFunctions.toProbabilities(&result, threads: threads)
        return (result, reasons)
    }

    /// What each predictor adds to the log-odds of each row, against the average training row.
    ///
    /// The columns that a predictor became are added up. With the intercept and the offset a row's contributions sum to its
    /// log-odds.
    /// - Returns: rows x predictors, in the order of `predictorNames`.
    public func contributions(_ table: PredictorTable, threads: Int = 1) throws(ModelError) -> Matrix {
        let design = try preprocessing.apply(to: table)
        let rows = design.rowCount
        var result = Matrix(rowCount: rows, columnCount: predictorNames.count)
        result.withMutableElements { elements in
            for (number, column) in preprocessing.designColumns.enumerated() {
                let coefficient = model.coefficients[number]
                for (row, value) in design.column(number).enumerated() {
                    elements[column.source * rows + row] += coefficient * value
                }
            }
        }
        return result
    }

    /// The predictors, in the order of training, and behind them their interactions.
    public var predictorNames: [String] { preprocessing.sourceNames }

    public var kind: ModelKind { .logistic }
    public var content: ModelContent { .logistic(self) }
    public var certificate: FitCertificate { model.certificate }
    public var intercept: Double { model.intercept }

    public var inputs: [ModelInput] {
        preprocessing.encodings.map { encoding in
            if case .numeric = encoding.kind {
                ModelInput(name: encoding.column, isNumeric: true)
            } else {
                ModelInput(name: encoding.column, isNumeric: false)
            }
        }
    }

    public func unseenCategories(in table: PredictorTable) throws(ModelError) -> [UnseenCategories] {
        try preprocessing.unseenCategories(in: table)
    }

    // MARK: Coefficients

    /// A coefficient with its inference, on both scales.
    public struct Coefficient: Sendable, Equatable, Codable {
        public let name: String
        /// Per standard deviation of the column.
        public let value: Double
        /// Per unit of the column.
        public let rawValue: Double
        /// e to `value`: by what the odds are multiplied where the column rises by a standard deviation. Absent where it is
        /// more than a double can hold.
        public let oddsRatio: Double?
        /// e to `rawValue`: the same for one unit, such as a category against the first one.
        public let rawOddsRatio: Double?
        /// Of `value`; like all that follows absent where the fit has no inference.
        public let standardError: Double?
        /// Wald's interval of `value` at 95 %.
        public let lower95: Double?
        public let upper95: Double?
        public let zValue: Double?
        public let pValue: Double?

        /// - Parameter standardError: one that is not positive and finite is none.
        fileprivate init(name: String, value: Double, rawValue: Double, standardError given: Double?) {
            self.name = name
            self.value = value
            self.rawValue = rawValue
            oddsRatio = Self.oddsRatio(value)
            rawOddsRatio = Self.oddsRatio(rawValue)
            let error = given.flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
            standardError = error
            lower95 = error.map { value - NormalDistribution.quantile975 * $0 }
            upper95 = error.map { value + NormalDistribution.quantile975 * $0 }
            zValue = error.map { value / $0 }
            pValue = error.map { NormalDistribution.twoSidedPValue(value / $0) }
        }

        private static func oddsRatio(_ value: Double) -> Double? {
            let ratio = PortableMath.exp(value)
            return ratio.isFinite ? ratio : nil
        }
    }

    /// One for each column of the design matrix, in order.
    public var coefficients: [Coefficient] {
        preprocessing.designColumns.enumerated().map { number, column in
            let value = model.coefficients[number]
            // What a penalty alone keeps finite has no error that means anything.
            let isHeld = model.certificate.separated.contains(column.name) && !model.usesFirth
            return Coefficient(
                name: column.name,
                value: value,
                rawValue: value / column.standardDeviation,
                standardError: isHeld ? nil : standardError(number + 1)
            )
        }
    }

    /// The intercept as a coefficient of the column of ones. It has no error under class weights, where it is not the one that
    /// was fitted, and where a penalty alone keeps coefficients finite.
    public var interceptCoefficient: Coefficient {
        let hasError = model.classWeights == nil && (model.certificate.separated.isEmpty || model.usesFirth)
        return Coefficient(
            name: "(intercept)",
            value: model.intercept,
            rawValue: rawIntercept,
            standardError: hasError ? standardError(0) : nil
        )
    }

    private func standardError(_ element: Int) -> Double? {
        guard let errors = model.inference?.standardErrors, errors.indices.contains(element) else { return nil }
        return errors[element]
    }

    /// The same log-odds in terms of another preprocessing's columns, as far as both have them.
    private func model(of other: Preprocessing) -> FittedLogisticRegression {
        var raw: [String: Double] = [:]
        for (column, coefficient) in zip(preprocessing.designColumns, model.coefficients) {
            raw[column.name] = coefficient / column.standardDeviation
        }
        let own = other.designColumns.map { raw[$0.name] ?? 0 }
        return FittedLogisticRegression(
            intercept: zip(own, other.designColumns).reduce(rawIntercept) { $0 + $1.0 * $1.1.mean },
            coefficients: zip(own, other.designColumns).map { $0 * $1.standardDeviation }
        )
    }

    /// The intercept of the model written in the columns' own units.
    public var rawIntercept: Double {
        preprocessing.designColumns.enumerated().reduce(model.intercept) { sum, entry in
            sum - model.coefficients[entry.offset] * entry.element.mean / entry.element.standardDeviation
        }
    }
}

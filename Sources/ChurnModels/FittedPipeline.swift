import ChurnNumerics

/// A fitted model with the preprocessing that belongs to it: predictors in, probabilities and contributions out.
public struct FittedPipeline: Sendable, Equatable {
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

    /// Fits both on the rows of a table.
    /// - Parameters:
    ///   - labels: one a row.
    ///   - weights: one a row, none negative; `nil` for all 1.
    ///   - clusters: one a row: who repeats is not independent; `nil` where every row is another customer.
    public static func fit(
        _ table: PredictorTable,
        labels: [Bool],
        weights: [Double]? = nil,
        clusters: [Int32]? = nil,
        imputation: Imputation,
        estimator: LogisticRegression,
        threads: Int
    ) throws(ModelError) -> FittedPipeline {
        let (preprocessing, design) = try Preprocessing.fit(
            table,
            imputation: imputation,
            weights: weights,
            threads: threads
        )
        let data = try TrainingData(
            design: design,
            columnNames: preprocessing.designNames,
            labels: labels,
            weights: weights,
            clusters: clusters
        )
        var model = try estimator.fit(data, threads: threads)
        model.certificate.aliased = preprocessing.aliased
        model.certificate.dropped = preprocessing.dropped
        return try FittedPipeline(preprocessing: preprocessing, model: model)
    }

    /// The log-odds of each row.
    public func linearPredictor(_ table: PredictorTable) throws(ModelError) -> [Double] {
        try model.linearPredictor(preprocessing.apply(to: table))
    }

    /// The probability of the positive class for each row.
    public func probabilities(_ table: PredictorTable) throws(ModelError) -> [Double] {
        try linearPredictor(table).map(StableFunctions.sigmoid)
    }

    /// What each predictor adds to the log-odds of each row, against the average training row.
    ///
    /// The columns that a predictor became are added up. With the intercept a row's contributions sum to its log-odds.
    /// - Returns: rows x predictors, in the order of `predictorNames`.
    public func contributions(_ table: PredictorTable) throws(ModelError) -> Matrix {
        let design = try preprocessing.apply(to: table)
        var result = Matrix(rowCount: design.rowCount, columnCount: preprocessing.encodings.count)
        let rows = design.rowCount
        result.withMutableElements { elements in
            design.withBlock { block in
                for (number, column) in preprocessing.designColumns.enumerated() {
                    let coefficient = model.coefficients[number]
                    let values = block.column(number)
                    for row in 0..<rows { elements[column.source * rows + row] += coefficient * values[row] }
                }
            }
        }
        return result
    }

    /// The predictors, in the order of training.
    public var predictorNames: [String] { preprocessing.encodings.map(\.column) }

    // MARK: Coefficients

    /// A coefficient with its inference, on both scales.
    public struct Coefficient: Sendable, Equatable, Codable {
        public let name: String
        /// Per standard deviation of the column.
        public let value: Double
        /// Per unit of the column.
        public let rawValue: Double
        /// Of `value`.
        public let standardError: Double?
        public let zValue: Double?
        public let pValue: Double?
    }

    /// One for each column of the design matrix, in order.
    public var coefficients: [Coefficient] {
        preprocessing.designColumns.enumerated().map { number, column in
            let value = model.coefficients[number]
            let error = model.standardErrors[number + 1]
            let isUsable = error > 0 && error.isFinite
            return Coefficient(
                name: column.name,
                value: value,
                rawValue: value / column.standardDeviation,
                standardError: isUsable ? error : nil,
                zValue: isUsable ? value / error : nil,
                pValue: isUsable ? NormalDistribution.twoSidedPValue(value / error) : nil
            )
        }
    }

    /// The intercept of the model written in the columns' own units.
    public var rawIntercept: Double {
        preprocessing.designColumns.enumerated().reduce(model.intercept) { sum, entry in
            sum - model.coefficients[entry.offset] * entry.element.mean / entry.element.standardDeviation
        }
    }
}

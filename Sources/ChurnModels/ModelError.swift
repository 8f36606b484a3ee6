import ChurnNumerics

/// What can go wrong in fitting or applying a model.
public enum ModelError: Error, Equatable, Sendable {
    /// A hyperparameter is outside what it may be.
    case invalidHyperparameter(name: String, value: Double, allowed: String)
    /// Hyperparameters that exclude each other, in words.
    case incompatibleHyperparameters(String)
    /// Arrays that must have one element a row do not.
    case rowCountMismatch(what: String, expected: Int, got: Int)
    case noRows
    /// A weight is neither 0 nor from 1e-100 to 1e100. Rows count from 0.
    case invalidWeight(row: Int, value: Double)
    /// No row has a weight above zero.
    case weightsAllZero
    /// All labels are the same: there is nothing to tell apart.
    case oneClass(positives: Int, rows: Int)
    /// NaN or infinity in the design matrix. Rows count from 0.
    case notFinite(row: Int, column: String, value: Double)
    /// There were predictors, but none varies.
    case everyColumnConstant(columns: [String])
    /// An unpenalised fit needs more rows than coefficients.
    case tooFewRows(rows: Int, coefficients: Int)
    /// Held-out rows, or those that are left, would be of one class.
    case nothingHeldOut(rows: Int)
    /// A combination of these columns tells the classes apart: without a penalty the optimum is at infinity.
    case separated(columns: [String])
    /// A table lacks a column that the model was trained with.
    case missingColumn(String, nearest: String?)
    /// A term or a penalty factor names a predictor that there is not.
    case unknownPredictor(String, nearest: String?)
    /// A column is a number here and a category there.
    case columnKindMismatch(String, trainedAs: String)
    /// Values that differ by more, or less, than a double can square.
    case unscalable(column: String)
    /// A spline needs at least three different knots among the quantiles of the training rows.
    case tooFewKnots(column: String, knots: Int)
    case splineOfCategory(String)
    /// More than nine tenths of the rows have a text of their own.
    case namesOfRows(column: String, texts: Int, rows: Int)
    case tooManyCategories(column: String, categories: Int, rows: Int, limit: Int)
    /// The product of two predictors has more columns than are fitted.
    case tooManyProducts(name: String, columns: Int, limit: Int)
    /// The optimiser met a matrix that it cannot factor although there is a penalty or full rank.
    case diverged(advice: String)
    /// A customer's purchases that cannot be: a recency beyond the age, say. Customers count from 0.
    case invalidHistory(row: Int, frequency: Int, recency: Double, age: Double)
    /// Spending that cannot be: no purchase, or a mean that is not above zero. Customers count from 0.
    case invalidSpending(row: Int, purchases: Int, mean: Double)
    /// The customers do not tell the parameters of a buy-till-you-die model, in words.
    case notIdentified(model: String, reason: String)
    /// What libxgboost could not do, in its words.
    case boostingFailed(String)
    /// More numbers than trees are grown on.
    case tooManyNumbers(rows: Int, columns: Int)
    /// More or less of a category is nothing.
    case monotoneCategory(String)
    /// A calibration that would mean nothing, in words.
    case notCalibrated(String)
    /// A class has fewer customers than there are folds.
    case tooFewForFolds(customers: Int, churned: Bool, folds: Int)
    case numerics(NumericsError)
    /// A stored model does not hold together.
    case malformedModel(String)
}

extension ModelError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidHyperparameter(let name, let value, let allowed):
            "\(name) is \(Int(exactly: value).map(String.init) ?? "\(value)"); it must be \(allowed)"
        case .incompatibleHyperparameters(let reason):
            reason
        case .rowCountMismatch(let what, let expected, let got):
            "there are \(got) \(what) for \(expected) rows"
        case .noRows:
            "there are no rows to train on. Fix: choose cutoffs with examples (`churn features` counts them), or check the file"
        case .invalidWeight(let row, let value):
            "the weight of row \(row + 1) is \(value); a weight must be \(Magnitude.words)"
        case .weightsAllZero:
            "every weight is zero, so no row counts"
        case .invalidHistory(let row, let frequency, let recency, let age):
            "customer \(row + 1) bought \(frequency) times again, last after \(recency), and is \(age) old: a purchase lies"
                + " between the first one and the end"
        case .invalidSpending(let row, let purchases, let mean):
            "customer \(row + 1) has \(purchases) purchases of \(mean) on average: there must be some, worth more than 0."
                + " Fix: leave customers without paid purchases out"
        case .notIdentified(let model, let reason):
            "the customers do not tell the parameters of \(model): \(reason). Fix: take more customers or a longer time"
        case .oneClass(let positives, let rows):
            "all \(rows) rows have the same label (\(positives) positive): there is nothing to tell apart."
                + " Fix: check the label and its positive value, weights of 0, or a study's horizon"
        case .notFinite(let row, let column, let value):
            "row \(row + 1), column \"\(column)\" is \(value); every predictor must be "
                + (value.isFinite ? "small enough for what the model does with it" : "finite")
        case .everyColumnConstant(let columns):
            "none of the \(columns.count) predictors varies in the training rows (\(columns.prefix(5).joined(separator: ", ")))"
        case .tooFewRows(let rows, let coefficients):
            "\(rows) rows cannot determine \(coefficients) coefficients. Fix: use a penalty (--l2 1) or fewer columns"
        case .nothingHeldOut(let rows):
            "\(rows == 1 ? "1 row" : "\(rows) rows") to hold out cannot tell when to stop: both classes must be among them and"
                + " among the others. Fix: --model logistic, or --held-out 0 to train all epochs"
        case .separated(let columns):
            "\(Self.list(columns)) \(columns.count == 1 ? "tells" : "tell") the classes apart without error on some rows, so"
                + " the unpenalised coefficients grow without bound. Fix: --l2 1 (with no penalty factor of 0) or --firth,"
                + " or --exclude the predictor if it knows the answer"
                + (columns.contains { $0.hasSuffix(ColumnEncoding.missingSuffix) }
                    ? "; --impute zero makes no column of gaps" : "")
        case .missingColumn(let name, let nearest):
            "the table has no column \"\(name)\", which the model was trained with."
                + (nearest.map { " Did you mean \"\($0)\"?" } ?? "")
        case .unknownPredictor(let name, let nearest):
            "there is no predictor \"\(name)\"." + (nearest.map { " Did you mean \"\($0)\"?" } ?? "")
        case .columnKindMismatch(let name, let trainedAs):
            "column \"\(name)\" was \(trainedAs) when the model was trained, and is not here"
        case .namesOfRows(let column, let texts, let rows):
            "column \"\(column)\" has \(texts) different texts in \(rows) rows: it names them and predicts nothing."
                + " Fix: --id \(column) if it names the customer, else --exclude \(column)"
        case .tooManyCategories(let column, let categories, let rows, let limit):
            "column \"\(column)\" has \(categories) different texts in \(rows) training rows, more than the \(limit) that are"
                + " encoded. Fix: --id \(column) if it names the customer, \(Self.hashing(rows: rows, texts: categories)), else"
                + " --exclude \(column)"
        case .tooManyProducts(let name, let columns, let limit):
            "the product \(name) has \(columns) columns, more than the \(limit) that are fitted. Fix: leave it out, or"
                + " --hash-bits with fewer bits (6 and 6 make 64 x 64 columns at most)"
        case .unscalable(let column):
            "column \"\(column)\" has values whose differences are too large or too small to be squared."
                + " Fix: write it in another unit"
        case .tooFewKnots(let column, let knots):
            "column \"\(column)\" has too few different values for a spline of \(knots) knots: fewer than three of its quantiles"
                + " differ. Fix: leave the spline out"
        case .splineOfCategory(let column):
            "column \"\(column)\" is a category, which no spline can bend"
        case .boostingFailed(let words):
            "libxgboost failed: \(words)"
        case .tooManyNumbers(let rows, let columns):
            "\(rows) rows x \(columns) columns are too many for boosted trees: a category has a column for each of its levels."
                + " Fix: --exclude columns of many categories, or --model sgd"
        case .monotoneCategory(let name):
            "column \"\(name)\" is a category, of which there is no more or less. Fix: leave --monotone \(name) out"
        case .notCalibrated(let reason):
            "the model cannot be calibrated: \(reason). Fix: leave --calibrate out"
        case .tooFewForFolds(let customers, let churned, let folds):
            "\(customers) customer\(customers == 1 ? "" : "s") who \(churned ? "churned" : "stayed") cannot be dealt into \(folds) folds"
                + ". Fix: take fewer --folds, or leave --calibrate out"
        case .diverged(let advice):
            "the fit diverged. Fix: \(advice)"
        case .numerics(let error):
            "\(error)"
        case .malformedModel(let problem):
            "the stored model does not hold together: \(problem)"
        }
    }

    /// The option that hashes a column's texts, and what else it does.
    private static func hashing(rows: Int, texts: Int) -> String {
        let bits = ColumnEncoding.advisedHashBits(rows: rows, texts: texts)
        return "--hash-bits \(bits) with --model logistic or sgd (hashes every column of more than \(1 << bits) texts)"
    }

    static func list(_ columns: [String]) -> String {
        columns.prefix(8).map { "\"\($0)\"" }.joined(separator: ", ")
            + (columns.count > 8 ? " and \(columns.count - 8) more" : "")
    }
}

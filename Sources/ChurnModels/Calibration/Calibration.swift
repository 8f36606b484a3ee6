import ChurnNumerics

/// Makes probabilities that can be trusted of a model's log-odds, as learnt from rows whose labels had no part in the model.
///
/// None but `isotonic` changes the order of customers, and that only by giving neighbours the same probability.
public enum Calibration: Sendable, Equatable {
    /// The log-odds are slope·z + intercept (Platt 1999).
    case platt(slope: Double, intercept: Double)
    /// The log-odds are a·log p - b·log(1 - p) + intercept, a and b at least 0 (Kull, Silva Filho and Flach 2017).
    case beta(a: Double, b: Double, intercept: Double)
    /// A rising step function, straight between the ends of its steps (Zadrozny and Elkan 2002). Probabilities stay within
    /// `bounds`, as no number of rows proves that something cannot happen.
    case isotonic(IsotonicRegression, bounds: ClosedRange<Double>)

    public enum Method: String, Sendable, Codable, CaseIterable {
        case platt, isotonic, beta
    }

    public var method: Method {
        switch self {
        case .platt: .platt
        case .beta: .beta
        case .isotonic: .isotonic
        }
    }

    public func probability(ofLogOdds logOdds: Double) -> Double {
        switch outcome(logOdds) {
        case .logOdds(let calibrated): StableFunctions.sigmoid(calibrated)
        case .probability(let probability): probability
        }
    }

    /// The log loss of a row, right also where its probability rounds to 0 or 1.
    func logLoss(ofLogOdds logOdds: Double, label: Bool) -> Double {
        switch outcome(logOdds) {
        case .logOdds(let calibrated): StableFunctions.softplus(label ? -calibrated : calibrated)
        case .probability(let probability): -PortableMath.log(label ? probability : 1 - probability)
        }
    }

    private enum Outcome {
        case logOdds(Double)
        /// Neither 0 nor 1.
        case probability(Double)
    }

    private func outcome(_ logOdds: Double) -> Outcome {
        switch self {
        case .platt(let slope, let intercept): .logOdds(slope * logOdds + intercept)
        case .beta(let a, let b, let intercept):
            .logOdds(b * StableFunctions.softplus(logOdds) - a * StableFunctions.softplus(-logOdds) + intercept)
        case .isotonic(let regression, let bounds):
            .probability(min(max(regression.value(at: logOdds), bounds.lowerBound), bounds.upperBound))
        }
    }

    // MARK: Fitting

    /// Fits to log-odds of rows whose labels are known.
    ///
    /// `platt` and `beta` are fitted to Platt's targets, (n₁ + 1)/(n₁ + 2) for the n₁ positive rows and 1/(n₀ + 2) for the others, so
    /// that classes which the log-odds tell apart without error do not lead to infinity.
    /// - Parameters:
    ///   - logOdds: finite, one a row, from a model that did not see the row's label.
    ///   - weights: one a row, none negative; `nil` for all 1.
    ///   - threads: positive; the result does not depend on it.
    /// - Throws: `oneClass`, `rowCountMismatch`, `invalidWeight`, `notFinite`; `notCalibrated` where all log-odds are the same, or
    ///   where higher ones mean less churn.
    public init(
        _ method: Method,
        logOdds: [Double],
        labels: [Bool],
        weights: [Double]? = nil,
        threads: Int = 1
    ) throws(ModelError) {
        guard labels.count == logOdds.count else {
            throw .rowCountMismatch(what: "labels", expected: logOdds.count, got: labels.count)
        }
        try TrainingData.check(weights: weights, rowCount: logOdds.count)
        if let row = logOdds.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(row: row, column: "log-odds", value: logOdds[row])
        }
        // Rows, not their weight: what weights are in units of must not matter.
        var counts = (positive: 0.0, negative: 0.0)
        for row in labels.indices where (weights?[row] ?? 1) > 0 {
            if labels[row] { counts.positive += 1 } else { counts.negative += 1 }
        }
        guard counts.positive > 0, counts.negative > 0 else {
            throw .oneClass(positives: labels.count { $0 }, rows: labels.count)
        }
        guard let lowest = logOdds.min(), let highest = logOdds.max(), lowest < highest else {
            throw .notCalibrated("the model gives all rows the same log-odds")
        }
        switch method {
        case .isotonic:
            let least = 1 / (counts.positive + counts.negative + 2)
            self = .isotonic(
                IsotonicRegression(places: logOdds, values: labels.map { $0 ? 1 : 0 }, weights: weights),
                bounds: least...(1 - least)
            )
        case .platt:
            let targets = Targets(labels, weights, counts)
            let fit = try targets.regression(on: [logOdds], threads: threads)
            guard fit.coefficients[0] > 0 else { throw Self.reversed }
            self = .platt(slope: fit.coefficients[0], intercept: fit.intercept)
        case .beta:
            let targets = Targets(labels, weights, counts)
            let logarithm = logOdds.map { -StableFunctions.softplus(-$0) }
            let complement = logOdds.map { StableFunctions.softplus($0) }
            let both = try targets.regression(on: [logarithm, complement], threads: threads)
            var (a, b, intercept) = (both.coefficients[0], both.coefficients[1], both.intercept)
            // Falling parts are left out, as the method's authors do.
            if a < 0 || b < 0 {
                let kept = try targets.regression(on: [a < 0 ? complement : logarithm], threads: threads)
                (a, b) = a < 0 ? (0, kept.coefficients[0]) : (kept.coefficients[0], 0)
                intercept = kept.intercept
            }
            guard a >= 0, b >= 0, a + b > 0 else { throw Self.reversed }
            self = .beta(a: a, b: b, intercept: intercept)
        }
    }

    private static let reversed = ModelError.notCalibrated("higher log-odds of the model mean less churn")

    /// Every row twice, as positive and as negative with the weights that its target has.
    private struct Targets {
        let labels: [Bool]
        let weights: [Double]

        init(_ given: [Bool], _ rowWeights: [Double]?, _ counts: (positive: Double, negative: Double)) {
            let positive = (counts.positive + 1) / (counts.positive + 2)
            let negative = 1 / (counts.negative + 2)
            let targets = given.map { $0 ? positive : negative }
            labels = given.map { _ in true } + given.map { _ in false }
            weights =
                targets.indices.map { (rowWeights?[$0] ?? 1) * targets[$0] }
                + targets.indices.map { (rowWeights?[$0] ?? 1) * (1 - targets[$0]) }
        }

        func regression(on columns: [[Double]], threads: Int) throws(ModelError) -> FittedLogisticRegression {
            var matrix = Matrix(rowCount: labels.count, columnCount: columns.count)
            matrix.withMutableElements { elements in
                for (number, column) in columns.enumerated() {
                    for row in labels.indices {
                        elements[number * labels.count + row] = column[row < column.count ? row : row - column.count]
                    }
                }
            }
            let fitted = try LogisticRegression(penalty: .none).fit(
                TrainingData(
                    design: matrix,
                    columnNames: columns.indices.map { "log-odds \($0 + 1)" },
                    labels: labels,
                    weights: weights,
                    threads: threads
                ),
                threads: threads
            )
            guard fitted.certificate.status == .converged else {
                throw .notCalibrated("the fit of the calibration did not converge")
            }
            return fitted
        }
    }
}

extension Calibration: Codable {
    private enum CodingKeys: String, CodingKey {
        case method, slope, intercept, a, b, logOdds, probabilities, lowest, highest
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func number(_ key: CodingKeys) throws -> Double {
            let value = try container.decode(Double.self, forKey: key)
            guard value.isFinite else { throw ModelError.malformedModel("\(key.stringValue) is not finite") }
            return value
        }
        switch try container.decode(Method.self, forKey: .method) {
        case .platt:
            self = .platt(slope: try number(.slope), intercept: try number(.intercept))
            guard try number(.slope) > 0 else { throw ModelError.malformedModel("the calibration falls") }
        case .beta:
            let (a, b) = (try number(.a), try number(.b))
            guard a >= 0, b >= 0, a + b > 0 else { throw ModelError.malformedModel("the calibration falls") }
            self = .beta(a: a, b: b, intercept: try number(.intercept))
        case .isotonic:
            let (lowest, highest) = (try number(.lowest), try number(.highest))
            guard 0 < lowest, lowest <= highest, highest < 1 else {
                throw ModelError.malformedModel("the bounds of the calibration are no probabilities")
            }
            self = .isotonic(
                try IsotonicRegression(
                    knots: container.decode([Double].self, forKey: .logOdds),
                    values: container.decode([Double].self, forKey: .probabilities)
                ),
                bounds: lowest...highest
            )
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(method, forKey: .method)
        switch self {
        case .platt(let slope, let intercept):
            try container.encode(slope, forKey: .slope)
            try container.encode(intercept, forKey: .intercept)
        case .beta(let a, let b, let intercept):
            try container.encode(a, forKey: .a)
            try container.encode(b, forKey: .b)
            try container.encode(intercept, forKey: .intercept)
        case .isotonic(let regression, let bounds):
            try container.encode(regression.knots, forKey: .logOdds)
            try container.encode(regression.values, forKey: .probabilities)
            try container.encode(bounds.lowerBound, forKey: .lowest)
            try container.encode(bounds.upperBound, forKey: .highest)
        }
    }
}

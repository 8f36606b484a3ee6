import ChurnNumerics

/// A fitted logistic regression on the scale of its design matrix.
public struct FittedLogisticRegression: Sendable, Equatable {
    /// What the standard errors assume of the rows; see `StandardErrors`.
    public enum StandardErrorKind: String, Sendable, Codable {
        case model, sandwich, clustered
    }

    static let formatVersion = 1

    public let l2Strength: Double
    public let intercept: Double
    /// One a column of the design matrix.
    public let coefficients: [Double]
    /// One more than coefficients: the intercept's first.
    public let standardErrors: [Double]
    public let standardErrorKind: StandardErrorKind
    /// Of the (weighted) training rows, without the penalty.
    public let logLikelihood: Double
    public internal(set) var certificate: FitCertificate

    /// The log-odds of each row, summed in column order without BLAS, so that the bits are the same on every machine.
    /// - Parameter design: columns as in training.
    public func linearPredictor(_ design: Matrix) throws(ModelError) -> [Double] {
        guard design.columnCount == coefficients.count else {
            throw .numerics(
                .shapeMismatch(what: "design columns", expected: coefficients.count, got: design.columnCount)
            )
        }
        var result = [Double](repeating: intercept, count: design.rowCount)
        design.withBlock { block in
            for (column, coefficient) in coefficients.enumerated() {
                let values = block.column(column)
                for row in 0..<block.rowCount { result[row] += coefficient * values[row] }
            }
        }
        return result
    }
}

extension FittedLogisticRegression: Codable {
    private enum CodingKeys: String, CodingKey {
        case formatVersion, kind, l2Strength, intercept, coefficients, standardErrors, standardErrorType, logLikelihood
        case certificate
    }

    private static let kind = "logistic"

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let version = try container.decode(Int.self, forKey: .formatVersion)
        guard version == Self.formatVersion else {
            throw ModelError.malformedModel("the model has format version \(version), not \(Self.formatVersion)")
        }
        let kind = try container.decode(String.self, forKey: .kind)
        guard kind == Self.kind else { throw ModelError.malformedModel("a model of kind \(kind) is not known here") }
        l2Strength = try container.decode(Double.self, forKey: .l2Strength)
        intercept = try container.decode(Double.self, forKey: .intercept)
        coefficients = try container.decode([Double].self, forKey: .coefficients)
        standardErrors = try container.decode([Double].self, forKey: .standardErrors)
        standardErrorKind = try container.decode(StandardErrorKind.self, forKey: .standardErrorType)
        logLikelihood = try container.decode(Double.self, forKey: .logLikelihood)
        certificate = try container.decode(FitCertificate.self, forKey: .certificate)
        guard intercept.isFinite, coefficients.allSatisfy(\.isFinite) else {
            throw ModelError.malformedModel("a coefficient is not finite")
        }
        guard l2Strength >= 0, l2Strength.isFinite, standardErrors.allSatisfy({ $0 >= 0 }) else {
            throw ModelError.malformedModel("its penalty or a standard error is negative")
        }
        guard standardErrors.count == coefficients.count + 1 else {
            throw ModelError.malformedModel(
                "\(standardErrors.count) standard errors for \(coefficients.count) coefficients and an intercept"
            )
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.formatVersion, forKey: .formatVersion)
        try container.encode(Self.kind, forKey: .kind)
        try container.encode(l2Strength, forKey: .l2Strength)
        try container.encode(intercept, forKey: .intercept)
        try container.encode(coefficients, forKey: .coefficients)
        try container.encode(standardErrors, forKey: .standardErrors)
        try container.encode(standardErrorKind, forKey: .standardErrorType)
        try container.encode(logLikelihood, forKey: .logLikelihood)
        try container.encode(certificate, forKey: .certificate)
    }
}

import ChurnNumerics

/// What the data say of a fitted logistic regression's coefficients, beside their values.
public struct LogisticInference: Sendable, Equatable, Codable {
    /// What is assumed of the rows: nothing but the model (`model`); not even that, under weights (`sandwich`); or that rows
    /// of one cluster depend on each other (`clustered`).
    public enum Kind: String, Sendable, Codable {
        case model, sandwich, clustered
    }

    /// Whether all coefficients but the intercept could be 0.
    public struct GlobalTest: Sendable, Equatable, Codable {
        public enum Kind: String, Sendable, Codable {
            /// Twice the gain in log-likelihood, for independent rows without weights.
            case likelihoodRatio
            /// bᵀV⁻¹b with the covariance V of the coefficients, where rows are weighted or depend on each other.
            case wald
        }

        public let kind: Kind
        /// About chi-squared where all are 0.
        public let statistic: Double
        public let degreesOfFreedom: Int
        public let pValue: Double
    }

    public let kind: Kind
    /// One more than coefficients, the intercept's first; empty where there are too few clusters for any, or one is not finite.
    public let standardErrors: [Double]
    /// Of the model with the intercept alone, and the offsets.
    public let nullLogLikelihood: Double
    /// Trace of H⁻¹·I with the information I: the number of coefficients where there is no penalty, less under one.
    public let effectiveDegreesOfFreedom: Double
    /// -2 log L + 2·df, of the effective degrees of freedom.
    public let aic: Double
    /// -2 log L + log(n)·df, n the number of rows that count.
    public let bic: Double
    /// `nil` under a penalty, where it has no known distribution, and where there is no coefficient.
    public let globalTest: GlobalTest?

    /// - Parameters:
    ///   - loss: at the point.
    init(
        _ problem: LogisticProblem,
        at point: [Double],
        loss: Double,
        _ covariance: CoefficientCovariance,
        _ estimator: LogisticRegression
    ) throws(NumericsError) {
        kind = covariance.kind
        standardErrors = covariance.standardErrors
        nullLogLikelihood = -problem.nullLoss()
        let size = point.count
        if problem.penalty.l2.contains(where: { $0 > 0 }) {
            // H⁻¹·I = 1 - H⁻¹·diag(l2)
            effectiveDegreesOfFreedom = (0..<size).reduce(Double(size)) {
                $0 - covariance.bread[$1, $1] * problem.penalty.l2[$1]
            }
        } else {
            effectiveDegreesOfFreedom = Double(size)
        }
        aic = 2 * loss + 2 * effectiveDegreesOfFreedom
        bic = 2 * loss + PortableMath.log(Double(problem.data.effectiveRowCount)) * effectiveDegreesOfFreedom
        globalTest = try Self.globalTest(
            covariance,
            point,
            gain: nullLogLikelihood + loss,
            isPenalised: !estimator.penalty.isNone || estimator.usesFirth
        )
    }

    private static func globalTest(
        _ covariance: CoefficientCovariance,
        _ point: [Double],
        gain: Double,
        isPenalised: Bool
    ) throws(NumericsError) -> GlobalTest? {
        let count = point.count - 1
        guard count > 0, !isPenalised, !covariance.standardErrors.isEmpty else { return nil }
        let statistic: Double
        let kind: GlobalTest.Kind
        if covariance.kind == .model {
            kind = .likelihoodRatio
            statistic = max(0, -2 * gain)
        } else {
            kind = .wald
            var part = Matrix(rowCount: count, columnCount: count)
            for column in 0..<count {
                for row in 0..<count { part[row, column] = covariance.matrix[row + 1, column + 1] }
            }
            let coefficients = Array(point.dropFirst())
            guard let factor = try? CholeskyFactor(part) else { return nil }
            statistic = VectorOperations.dot(coefficients, try factor.solve(coefficients))
        }
        guard statistic.isFinite else { return nil }
        return GlobalTest(
            kind: kind,
            statistic: statistic,
            degreesOfFreedom: count,
            pValue: ChiSquaredDistribution.survival(statistic, degreesOfFreedom: Double(count))
        )
    }
}

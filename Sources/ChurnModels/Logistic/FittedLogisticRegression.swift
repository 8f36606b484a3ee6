import ChurnNumerics
import Foundation

/// A fitted logistic regression on the scale of its design matrix.
public struct FittedLogisticRegression: Sendable, Equatable {
    static let formatVersion = 2

    public let penalty: Penalty
    public let usesFirth: Bool
    /// Of the stochastic descent that found it; `nil` where an exact solver did.
    public let descent: StochasticDescent.Method?
    /// Weights of a positive and of a negative row beside their own; `nil` for none.
    public let classWeights: ClassFactors?
    /// By coefficient, how much of the penalty it bears; `nil` for all 1.
    public let penaltyFactors: [Double]?
    public let intercept: Double
    /// One a column of the design matrix.
    public let coefficients: [Double]
    /// `nil` where the fit was not asked for it.
    public let inference: LogisticInference?
    /// Of the (weighted) training rows, without the penalty, with the intercept before it was calibrated.
    public let logLikelihood: Double
    public internal(set) var certificate: FitCertificate

    /// The log-odds of each row, summed in column order without BLAS, so that the bits are the same on every machine.
    /// - Parameters:
    ///   - design: columns as in training.
    ///   - offsets: one a row; `nil` for all 0.
    ///   - threads: positive; the result does not depend on it.
    public func linearPredictor(
        _ design: any ColumnarDesign,
        offsets: [Double]? = nil,
        threads: Int = 1
    ) throws(ModelError) -> [Double] {
        guard design.columnCount == coefficients.count else {
            throw .numerics(
                .shapeMismatch(what: "design columns", expected: coefficients.count, got: design.columnCount)
            )
        }
        if let offsets, offsets.count != design.rowCount {
            throw .rowCountMismatch(what: "offsets", expected: design.rowCount, got: offsets.count)
        }
        return [Double](unsafeUninitializedCapacity: design.rowCount) { buffer, initialized in
            nonisolated(unsafe) let base = buffer.baseAddress
            RowTiles(rowCount: design.rowCount).forEach(threads: threads) { rows in
                guard let base else { return }
                addTerms(of: design, rows: rows, offsets: offsets, to: base + rows.lowerBound)
            }
            initialized = design.rowCount
        }
    }

    private func addTerms(
        of design: any ColumnarDesign,
        rows: Range<Int>,
        offsets: [Double]?,
        to result: UnsafeMutablePointer<Double>
    ) {
        for row in 0..<rows.count {
            (result + row).initialize(to: intercept + (offsets?[rows.lowerBound + row] ?? 0))
        }
        forEachTerm(of: design, rows: rows) { column, values in
            let coefficient = coefficients[column]
            for row in 0..<rows.count { result[row] += coefficient * values[row] }
        }
    }

    /// Columns that are fetched together; see `NumericColumn.copy`.
    private static let columnsTogether = 4

    /// Calls `body` with the elements of each column whose coefficient is not 0, in the order of the columns.
    func forEachTerm(
        of design: any ColumnarDesign,
        rows: Range<Int>,
        _ body: (_ column: Int, UnsafeMutablePointer<Double>) -> Void
    ) {
        let count = coefficients.count
        withUnsafeTemporaryAllocation(of: Double.self, capacity: Self.columnsTogether * rows.count) { scratch in
            guard let values = scratch.baseAddress else { return }
            for first in stride(from: 0, to: count, by: Self.columnsTogether) {
                let part = first..<min(count, first + Self.columnsTogether)
                if part.allSatisfy({ coefficients[$0] == 0 }) { continue }
                design.copy(columns: part, rows: rows, to: values, leadingDimension: rows.count)
                for column in part where coefficients[column] != 0 {
                    body(column, values + (column - first) * rows.count)
                }
            }
        }
    }
}

extension FittedLogisticRegression {
    /// A point of a path, without inference.
    init(_ point: LogisticPath.Point, alpha: Double) throws(ModelError) {
        self.init(
            penalty: try .glmnet(lambda: point.lambda, alpha: alpha),
            usesFirth: false,
            descent: nil,
            classWeights: nil,
            penaltyFactors: nil,
            intercept: point.intercept,
            coefficients: point.coefficients,
            inference: nil,
            logLikelihood: .nan,
            certificate: FitCertificate(
                status: point.status,
                iterations: point.iterations,
                gradientNorm: point.residual,
                conditionEstimate: nil
            )
        )
    }

    /// Coefficients from elsewhere, of which no fit is known.
    init(intercept: Double, coefficients: [Double]) {
        self.init(
            penalty: .none,
            usesFirth: false,
            descent: nil,
            classWeights: nil,
            penaltyFactors: nil,
            intercept: intercept,
            coefficients: coefficients,
            inference: nil,
            logLikelihood: .nan,
            certificate: FitCertificate(
                status: .notConverged,
                iterations: 0,
                gradientNorm: .nan,
                conditionEstimate: nil
            )
        )
    }

    /// Clusters below which errors from them are known to be too small (Cameron and Miller 2015).
    private static let fewClusters = 30

    private static func warning(of covariance: CoefficientCovariance) -> String? {
        if covariance.standardErrors.isEmpty, !covariance.hasTooFewClusters {
            return "standard errors are no finite numbers: there are none. Scale what is extreme"
        }
        guard let count = covariance.clusterCount, count < max(fewClusters, covariance.matrix.rowCount + 1) else {
            return nil
        }
        let rows = "rows repeat \(count) customer\(count == 1 ? "" : "s") only"
        return covariance.hasTooFewClusters
            ? "\(rows), too few for standard errors of \(covariance.matrix.rowCount) coefficients: there are none. Check the column"
                + " of ids"
            : "\(rows): standard errors from so few are too small. Check the column of ids"
    }

    static func warnings(ofSeparation columns: [String], usesFirth: Bool) -> [String] {
        guard !columns.isEmpty else { return [] }
        let subject =
            "\(ModelError.list(columns)) \(columns.count == 1 ? "separates" : "separate") the classes on some rows"
        return [
            usesFirth
                ? "\(subject): Firth's likelihood keeps coefficients finite, but Wald's intervals and p-values are rough"
                : "\(subject): the penalty alone keeps coefficients finite, and their errors would mean nothing"
        ]
    }

    /// - Parameter solution: of the problem, in its own weights.
    init(
        _ estimator: LogisticRegression,
        _ problem: LogisticProblem,
        _ solution: Solution,
        separated: [String],
        threads: Int
    ) throws(NumericsError) {
        var warnings = Self.warnings(ofSeparation: separated, usesFirth: estimator.usesFirth)
        if solution.status == .notConverged {
            warnings.append(
                "not converged after \(solution.iterations) iteration\(solution.iterations == 1 ? "" : "s"): the gradient is still \(solution.gradientNorm). "
                    + (solution.iterations >= estimator.maximumIterations
                        ? "Raise --max-iterations, or scale what is extreme"
                        : "No step leads further: scale what is extreme, raise the penalty, or leave out columns that nearly"
                            + " repeat others")
            )
        }
        let loss =
            estimator.usesFirth
            ? problem.loss.loss(at: solution.point) : solution.value - problem.penalty.value(at: solution.point)
        let curvature: LogisticProblem.Curvature? =
            estimator.infers && !problem.penalty.hasL1 ? try problem.curvature(at: solution.point) : nil
        var status = solution.status
        if let curvature, !estimator.usesFirth, status == .converged, !curvature.isNear(solution, problem, estimator) {
            status = .notConverged
            warnings.append(curvature.warning(solution, problem, estimator))
        }
        inference = try curvature.map { (curvature) throws(NumericsError) -> LogisticInference in
            let covariance = try CoefficientCovariance(
                problem,
                at: solution.point,
                information: curvature.information,
                hessian: curvature.hessian,
                threads: threads
            )
            if let warning = Self.warning(of: covariance) { warnings.append(warning) }
            return try LogisticInference(problem, at: solution.point, loss: loss, covariance, estimator)
        }
        penalty = estimator.penalty
        usesFirth = estimator.usesFirth
        descent = nil
        classWeights = problem.classFactors
        penaltyFactors = problem.data.penaltyFactors
        intercept =
            estimator.classWeights == .none
            ? solution.point[0] : problem.calibratedIntercept(of: solution.point, threads: threads)
        coefficients = Array(solution.point.dropFirst())
        logLikelihood = -loss
        certificate = FitCertificate(
            status: status,
            iterations: solution.iterations,
            gradientNorm: solution.gradientNorm,
            conditionEstimate: try curvature.map { (curvature) throws(NumericsError) -> Double in
                min(try curvature.hessian.conditionEstimate(), .greatestFiniteMagnitude)
            },
            separated: separated,
            warnings: warnings
        )
    }
}

extension FittedLogisticRegression {
    /// How it was found, in words behind the kind of model; empty for exact solvers.
    public var descentText: String {
        switch descent {
        case nil: ""
        case .momentum: " by stochastic descent with momentum"
        case .adam: " by stochastic descent with Adam"
        case .svrg: " by stochastic descent with variance reduction"
        }
    }

    /// For how long it was looked for, in words.
    public var effortText: String {
        let (count, unit) = (certificate.iterations, descent == nil ? "iteration" : "epoch")
        return "\(count) \(unit)\(count == 1 ? "" : "s")"
    }

    /// The penalty in words.
    public var penaltyText: String {
        if usesFirth { return "Firth's penalised likelihood" }
        if penalty.isNone { return "without a penalty" }
        let strengths = [("L1", penalty.l1), ("L2", penalty.l2)].filter { $0.1 > 0 }
            .map { "\($0.0) strength \(String(format: "%.12g", $0.1))" }.joined(separator: " and ")
        return strengths + (penalty.scale == .mean ? " against the mean loss" : "")
            + (penalty.penalisesIntercept ? ", of the intercept, too" : "")
    }
}

extension LogisticProblem.Curvature {
    /// Whether the optimum is near where a fit ended, which may be where rounding let it get.
    fileprivate func isNear(
        _ solution: Solution,
        _ problem: LogisticProblem,
        _ estimator: LogisticRegression
    ) -> Bool {
        Nearness(atRoundingOf: estimator.tolerance, decrementTolerance: estimator.tolerance).isReached(
            gradientNorm: solution.gradientNorm,
            decrement: decrement,
            point: solution.point,
            step: step,
            scale: problem.loss.scale
        )
    }

    /// What a fit is told that is not near.
    fileprivate func warning(
        _ solution: Solution,
        _ problem: LogisticProblem,
        _ estimator: LogisticRegression
    ) -> String {
        let length = Nearness.relativeLength(of: step, at: solution.point)
        let left =
            decrement > estimator.tolerance * problem.loss.scale
            ? "the objective could still fall by \(decrement / 2)"
            : "the next step would still be \(length) of the largest coefficient"
        let advice = estimator.solver == .lbfgs ? "Use --solver newton, or scale" : "Scale"
        return
            "the gradient is small, but \(left): some columns nearly repeat others, or few rows have nearly all of the"
            + " weight. \(advice) what is extreme, or leave one of such columns out"
    }
}

extension FittedLogisticRegression: Codable {
    private enum CodingKeys: String, CodingKey {
        case formatVersion, kind, penalty, usesFirth, descent, classWeights, penaltyFactors, intercept, coefficients,
            inference
        case logLikelihood, certificate
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
        penalty = try container.decode(Penalty.self, forKey: .penalty)
        usesFirth = try container.decode(Bool.self, forKey: .usesFirth)
        descent = try container.decodeIfPresent(StochasticDescent.Method.self, forKey: .descent)
        classWeights = try container.decodeIfPresent(ClassFactors.self, forKey: .classWeights)
        penaltyFactors = try container.decodeIfPresent([Double].self, forKey: .penaltyFactors)
        intercept = try container.decode(Double.self, forKey: .intercept)
        coefficients = try container.decode([Double].self, forKey: .coefficients)
        inference = try container.decodeIfPresent(LogisticInference.self, forKey: .inference)
        logLikelihood = try container.decode(Double.self, forKey: .logLikelihood)
        certificate = try container.decode(FitCertificate.self, forKey: .certificate)
        guard intercept.isFinite, coefficients.allSatisfy(\.isFinite) else {
            throw ModelError.malformedModel("a coefficient is not finite")
        }
        guard let inference else { return }
        guard inference.standardErrors.allSatisfy({ $0 >= 0 }) else {
            throw ModelError.malformedModel("a standard error is negative")
        }
        guard [0, coefficients.count + 1].contains(inference.standardErrors.count) else {
            throw ModelError.malformedModel(
                "\(inference.standardErrors.count) standard errors for \(coefficients.count) coefficients and an intercept"
            )
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.formatVersion, forKey: .formatVersion)
        try container.encode(Self.kind, forKey: .kind)
        try container.encode(penalty, forKey: .penalty)
        try container.encode(usesFirth, forKey: .usesFirth)
        try container.encodeIfPresent(descent, forKey: .descent)
        try container.encodeIfPresent(classWeights, forKey: .classWeights)
        try container.encodeIfPresent(penaltyFactors, forKey: .penaltyFactors)
        try container.encode(intercept, forKey: .intercept)
        try container.encode(coefficients, forKey: .coefficients)
        try container.encodeIfPresent(inference, forKey: .inference)
        try container.encode(logLikelihood, forKey: .logLikelihood)
        try container.encode(certificate, forKey: .certificate)
    }
}

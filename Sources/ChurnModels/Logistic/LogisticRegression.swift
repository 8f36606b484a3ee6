import ChurnNumerics

/// Logistic regression, unpenalised or with an L2 penalty, fitted by Newton's method. The intercept is never penalised.
///
/// Minimises Σ wᵢ·loss(yᵢ, β₀ + xᵢβ) + l2Strength/2·|β|². This is scikit-learn's objective divided by its C, so that
/// `l2Strength` is 1/C; the strength counts against the sum over rows, not the mean.
public struct LogisticRegression: Sendable, Equatable {
    /// 0 for no penalty.
    public let l2Strength: Double
    public let maximumIterations: Int

    /// - Throws: `invalidHyperparameter` for a strength that is negative or not finite, or fewer than one iteration.
    public init(l2Strength: Double, maximumIterations: Int = 100) throws(ModelError) {
        guard l2Strength >= 0, l2Strength.isFinite else {
            throw .invalidHyperparameter(name: "l2Strength", value: l2Strength, allowed: "0 or more, and finite")
        }
        guard maximumIterations >= 1 else {
            throw .invalidHyperparameter(
                name: "maximumIterations",
                value: Double(maximumIterations),
                allowed: "at least 1"
            )
        }
        self.l2Strength = l2Strength
        self.maximumIterations = maximumIterations
    }

    /// - Parameter threads: must be positive; the result does not depend on it.
    /// - Throws: `separated` or `tooFewRows` where an unpenalised fit has no optimum, `diverged` where arithmetic fails.
    public func fit(_ data: TrainingData, threads: Int) throws(ModelError) -> FittedLogisticRegression {
        let isPenalised = l2Strength > 0
        if !isPenalised, data.effectiveRowCount <= data.design.columnCount {
            throw .tooFewRows(rows: data.effectiveRowCount, coefficients: data.design.columnCount + 1)
        }
        let separated = SeparationCheck.separatedColumns(of: data, threads: threads).map { data.columnNames[$0] }
        if !separated.isEmpty, !isPenalised { throw .separated(columns: separated) }
        return try data.design.withBlock { (block) throws(ModelError) -> FittedLogisticRegression in
            var objective = LogisticObjective(
                design: block,
                labels: data.labels,
                weights: data.weights,
                l2Strength: l2Strength,
                threads: threads
            )
            do throws(NumericsError) {
                var start = [Double](repeating: 0, count: objective.dimension)
                start[0] = Self.baseLogit(data)
                let solution = try NewtonSolver(maximumIterations: maximumIterations)
                    .minimise(&objective, from: start)
                return try fitted(data, objective, solution, separated: separated, threads: threads)
            } catch .notPositiveDefinite {
                throw .diverged(
                    advice: isPenalised
                        ? "scale the columns, or raise --l2"
                        : "use a penalty (--l2 1), or leave out columns that nearly repeat others"
                )
            } catch {
                throw .numerics(error)
            }
        }
    }

    private static func baseLogit(_ data: TrainingData) -> Double {
        var total = 0.0
        var positive = 0.0
        for (row, label) in data.labels.enumerated() {
            let weight = data.weights?[row] ?? 1
            total += weight
            positive += weight * label
        }
        return StableFunctions.logit(positive / total)
    }

    private func fitted(
        _ data: TrainingData,
        _ objective: LogisticObjective,
        _ solution: NewtonSolver.Solution,
        separated: [String],
        threads: Int
    ) throws(NumericsError) -> FittedLogisticRegression {
        let hessian = try CholeskyFactor(objective.hessian())
        let inference = try StandardErrors(
            objective: objective,
            hessian: hessian,
            data: data,
            isPenalised: l2Strength > 0,
            threads: threads
        )
        var warnings: [String] = []
        if !separated.isEmpty {
            warnings.append(
                "\(separated.joined(separator: ", ")) \(separated.count == 1 ? "separates" : "separate") the classes on"
                    + " some rows: the penalty alone keeps coefficients finite"
            )
        }
        if solution.status == .notConverged {
            warnings.append(
                "not converged after \(solution.iterations) iterations: the gradient is still \(solution.gradientNorm)"
            )
        }
        let penalty = 0.5 * l2Strength * solution.point.dropFirst().reduce(0) { $0 + $1 * $1 }
        return FittedLogisticRegression(
            l2Strength: l2Strength,
            intercept: solution.point[0],
            coefficients: Array(solution.point.dropFirst()),
            standardErrors: inference.values,
            standardErrorKind: inference.kind,
            logLikelihood: penalty - solution.value,
            certificate: FitCertificate(
                status: solution.status,
                iterations: solution.iterations,
                gradientNorm: solution.gradientNorm,
                conditionEstimate: min(try hessian.conditionEstimate(), .greatestFiniteMagnitude),
                aliased: [],
                dropped: [],
                separated: separated,
                warnings: warnings
            )
        )
    }
}

import ChurnNumerics

/// Elastic-net logistic regression over a whole path of strengths, each fit beginning where the last one ended.
///
/// Minimises glmnet's objective, the mean loss + lambda·(alpha·Σ fⱼ|βⱼ| + (1 - alpha)/2·Σ fⱼβⱼ²), for lambdas that fall from
/// the smallest at which nothing is fitted (Friedman, Hastie and Tibshirani 2010). Columns are taken as the design has them.
public struct LogisticPath: Sendable, Equatable {
    /// 1 for L1, towards 0 for L2; more than 0.
    public let alpha: Double
    /// Lambdas of the path.
    public let count: Int
    /// The last lambda as a share of the first; `nil` for glmnet's 1e-4, or 0.01 where there are more columns than rows.
    public let smallestRatio: Double?
    /// Without an intercept the log-odds of a row of zeros are its offset, as in peers that fit none.
    public let fitsIntercept: Bool
    /// What the optimality conditions may leave over, per unit of the rows' weight.
    public let tolerance: Double
    public let maximumIterations: Int

    /// - Throws: `invalidHyperparameter`.
    public init(
        alpha: Double = 1,
        count: Int = 100,
        smallestRatio: Double? = nil,
        fitsIntercept: Bool = true,
        tolerance: Double = 1e-8,
        maximumIterations: Int = 500
    ) throws(ModelError) {
        guard alpha > 0, alpha <= 1 else {
            throw .invalidHyperparameter(name: "alpha", value: alpha, allowed: "more than 0 and at most 1")
        }
        guard count >= 1 else {
            throw .invalidHyperparameter(name: "count", value: Double(count), allowed: "at least 1")
        }
        if let smallestRatio, !(smallestRatio > 0 && smallestRatio < 1) {
            throw .invalidHyperparameter(name: "smallestRatio", value: smallestRatio, allowed: "between 0 and 1")
        }
        guard tolerance > 0, tolerance <= 0.01 else {
            throw .invalidHyperparameter(name: "tolerance", value: tolerance, allowed: "more than 0 and at most 0.01")
        }
        self.alpha = alpha
        self.count = count
        self.smallestRatio = smallestRatio
        self.fitsIntercept = fitsIntercept
        self.tolerance = tolerance
        self.maximumIterations = maximumIterations
    }

    /// The fit at one lambda.
    public struct Point: Sendable, Equatable {
        public let lambda: Double
        public let intercept: Double
        public let coefficients: [Double]
        /// Share of the null deviance that is explained.
        public let devianceRatio: Double
        /// What is left over of the optimality conditions, per unit of the rows' weight.
        public let residual: Double
        public let iterations: Int
        public let status: FitCertificate.Status

        /// Coefficients that are not 0.
        public var degreesOfFreedom: Int { coefficients.count { $0 != 0 } }
    }

    /// The lambdas of the data's own path, falling.
    /// - Parameter threads: positive; the result does not depend on it.
    public func lambdas(of data: TrainingData, threads: Int) throws(ModelError) -> [Double] {
        let problem = try problem(data, threads: threads)
        let unpenalised = problem.penalty.l1.indices.filter { problem.penalty.l1[$0] == 0 }
        return lambdas(problem, gradient: nullState(problem, unpenalised, solver).evaluation.gradient)
    }

    private func problem(_ data: TrainingData, threads: Int) throws(ModelError) -> LogisticProblem {
        try LogisticProblem(
            data,
            penalty: .glmnet(lambda: 1, alpha: alpha),
            classWeights: .none,
            threads: threads
        )
    }

    private var solver: ElasticNetSolver {
        ElasticNetSolver(tolerance: tolerance, maximumIterations: maximumIterations, confirms: false)
    }

    private func lambdas(_ problem: LogisticProblem, gradient: [Double]) -> [Double] {
        var largest = problem.penalty.leastStrengthOfZeros(gradient: gradient)
        if largest == 0 { largest = 1 }
        let data = problem.data
        let ratio = smallestRatio ?? (data.design.columnCount > data.labels.count ? 0.01 : 1e-4)
        return (0..<count).map { number in
            let place = count > 1 ? Double(number) / Double(count - 1) : 0
            return largest * PortableMath.exp(place * PortableMath.log(ratio))
        }
    }

    /// - Parameters:
    ///   - lambdas: falling; `nil` for the data's own.
    ///   - threads: positive; the result does not depend on it.
    /// - Returns: by falling lambda; fewer points where one did not converge, which is then the last.
    public func fit(
        _ data: TrainingData,
        lambdas given: [Double]? = nil,
        threads: Int
    ) throws(ModelError) -> [Point] {
        let problem = try problem(data, threads: threads)
        let loss = problem.loss
        let solver = solver
        let unpenalised = problem.penalty.l1.indices.filter { problem.penalty.l1[$0] == 0 }
        var state = nullState(problem, unpenalised, solver)
        let nullLoss = state.evaluation.value
        var points: [Point] = []
        var previous: [Double]?
        for lambda in given ?? lambdas(problem, gradient: state.evaluation.gradient) {
            let penalty = problem.penalty.scaled(by: lambda).withIntercept(fitsIntercept)
            let solution = solver.minimise(loss, penalty: penalty, state: &state, previousL1: previous)
            previous = penalty.l1
            points.append(
                Point(
                    lambda: lambda,
                    intercept: solution.point[0],
                    coefficients: Array(solution.point.dropFirst()),
                    devianceRatio: nullLoss > 0 ? 1 - state.evaluation.value / nullLoss : 0,
                    residual: solution.gradientNorm / max(loss.scale, .leastNormalMagnitude),
                    iterations: solution.iterations,
                    status: solution.status
                )
            )
            if !solution.status.isTrustworthy { break }
        }
        return points
    }

    /// The fit of the intercept and of the columns that bear no penalty.
    private func nullState(
        _ problem: LogisticProblem,
        _ elements: [Int],
        _ solver: ElasticNetSolver
    ) -> ElasticNetSolver.State {
        let part = problem.loss.restricted(to: elements)
        let start = elements.map { fitsIntercept ? problem.start[$0] : 0 }
        var state = ElasticNetSolver.State(point: start, evaluation: part.evaluate(at: start, curvature: true))
        let none = CoefficientPenalty(
            l1: [Double](repeating: 0, count: elements.count),
            l2: [Double](repeating: 0, count: elements.count)
        ).withIntercept(fitsIntercept)
        let solution = solver.minimise(part, penalty: none, state: &state)
        var point = [Double](repeating: 0, count: problem.start.count)
        for (place, element) in elements.enumerated() { point[element] = solution.point[place] }
        let isSmall = point.count <= solver.mostTogether
        return ElasticNetSolver.State(
            point: point,
            evaluation: problem.loss.evaluate(at: point, curvature: isSmall)
        )
    }
}

extension CoefficientPenalty {
    /// The same, or with a strength at which the intercept, the first coefficient, stays 0.
    func withIntercept(_ isFitted: Bool) -> CoefficientPenalty {
        if isFitted { return self }
        return CoefficientPenalty(l1: [.greatestFiniteMagnitude] + l1.dropFirst(), l2: l2)
    }

    /// By how much the strengths must be multiplied for the optimum to be 0 wherever the L1 penalty reaches.
    /// - Parameter gradient: of the loss at the optimum of all other coefficients.
    func leastStrengthOfZeros(gradient: [Double]) -> Double {
        var least = 0.0
        for element in l1.indices where l1[element] > 0 { least = max(least, abs(gradient[element]) / l1[element]) }
        return least
    }

    func scaled(by factor: Double) -> CoefficientPenalty {
        CoefficientPenalty(l1: l1.map { $0 * factor }, l2: l2.map { $0 * factor })
    }
}

import ChurnNumerics

/// Logistic regression, unpenalised or with an elastic net. The intercept is penalised only where the penalty says so.
///
/// Minimises Σ wᵢ·loss(yᵢ, oᵢ + β₀ + xᵢβ) + l1·Σ fⱼ|βⱼ| + l2/2·Σ fⱼβⱼ², with factors f of the columns that are 1 unless the
/// data say otherwise. `Penalty` has the strengths as scikit-learn, glmnet and LIBLINEAR write them.
public struct LogisticRegression: LogisticEstimator, Equatable {
    /// How the optimum is found; all find the same.
    public enum Solver: String, Sendable, Codable, CaseIterable {
        /// `coordinateDescent` where there is an L1 penalty; else `lbfgs` where the rows are so many that a sample of them
        /// gives a metric, `newton` where they are not or where that does not get there soon, and `lbfgs` again beyond
        /// 2,048 coefficients.
        case automatic
        /// Newton's method with Cholesky: few iterations of n·p² operations.
        case newton
        /// Limited-memory BFGS, in the metric of a sample's Hessian where there is one: more iterations of n·p operations.
        case lbfgs
        /// Coordinate descent inside proximal Newton.
        case coordinateDescent
    }

    public let penalty: Penalty
    public let solver: Solver
    public let classWeights: ClassWeights
    /// Firth's penalised likelihood, which has a finite optimum under separation.
    public let usesFirth: Bool
    /// Largest element of the gradient, per unit of the rows' weight, at which a fit is done.
    public let tolerance: Double
    public let maximumIterations: Int
    /// Whether standard errors and tests are computed, which takes a Hessian of all rows.
    public internal(set) var infers: Bool

    /// Coefficients up to which few rows are fitted by Newton's method.
    static let mostNewtonCoefficients = 2048

    /// Iterations of L-BFGS after which Newton's method is the better one.
    private static let patience = 25
    /// Below it all digits are wanted that there are.
    private static let exactTolerance = 1e-9

    /// Whether a converged fit has all digits that there are, wherever it began.
    var endsAtOptimum: Bool { !usesFirth && penalty.l1 == 0 && tolerance < Self.exactTolerance }

    /// - Throws: `invalidHyperparameter` or `incompatibleHyperparameters`.
    public init(
        penalty: Penalty,
        solver: Solver = .automatic,
        classWeights: ClassWeights = .none,
        usesFirth: Bool = false,
        tolerance: Double = 1e-10,
        maximumIterations: Int = 1000,
        infers: Bool = true
    ) throws(ModelError) {
        guard tolerance > 0, tolerance <= 0.01 else {
            throw .invalidHyperparameter(name: "tolerance", value: tolerance, allowed: "more than 0 and at most 0.01")
        }
        guard maximumIterations >= 1 else {
            throw .invalidHyperparameter(
                name: "maximumIterations",
                value: Double(maximumIterations),
                allowed: "at least 1"
            )
        }
        try classWeights.check()
        if penalty.l1 > 0, solver == .newton || solver == .lbfgs {
            throw .incompatibleHyperparameters(
                "an L1 penalty needs the solver coordinateDescent, because its gradient jumps at 0"
            )
        }
        if usesFirth, !penalty.isNone || classWeights != .none || solver != .automatic {
            throw .incompatibleHyperparameters(
                "Firth's likelihood is a penalty of its own, with a solver of its own: it takes no other penalty, no class"
                    + " weights and no solver"
            )
        }
        self.penalty = penalty
        self.solver = solver
        self.classWeights = classWeights
        self.usesFirth = usesFirth
        self.tolerance = tolerance
        self.maximumIterations = maximumIterations
        self.infers = infers
    }

    /// With an L2 penalty as 1/C of scikit-learn; 0 for none.
    public init(l2Strength: Double, maximumIterations: Int = 1000) throws(ModelError) {
        try self.init(penalty: Penalty(l2: l2Strength), maximumIterations: maximumIterations)
    }

    /// - Parameters:
    ///   - model: where the search begins, for the time that it takes: there is one optimum.
    ///   - threads: must be positive; the result does not depend on it.
    /// - Throws: `separated` or `tooFewRows` where an unpenalised fit has no optimum, `diverged` where arithmetic fails.
    public func fit(
        _ data: TrainingData,
        from model: FittedLogisticRegression?,
        threads: Int
    ) throws(ModelError) -> FittedLogisticRegression {
        let problem = LogisticProblem(data, penalty: penalty, classWeights: classWeights, threads: threads)
        try problem.requireRows()
        let found = try problem.separation(isHeld: usesFirth, threads: threads)
        let isPenalised = problem.penalty.unpenalisedColumns.isEmpty
        let advice =
            isPenalised
            ? "scale the columns, or raise the penalty"
            : "use a penalty (--l2 1), or leave out columns that nearly repeat others"
        do throws(NumericsError) {
            let near = model.map { [$0.intercept] + $0.coefficients }.flatMap {
                $0.count == problem.start.count ? $0 : nil
            }
            let solution = try usesFirth ? firth(problem) : solve(problem, near: found.optimum, neighbour: near)
            if solution.status != .diverged {
                return try FittedLogisticRegression(
                    self,
                    problem,
                    solution,
                    separated: found.columns.map { data.columnNames[$0] },
                    threads: threads
                )
            }
        } catch .notPositiveDefinite {
            throw .diverged(advice: advice)
        } catch {
            throw .numerics(error)
        }
        throw .diverged(advice: advice)
    }

    private func firth(_ problem: LogisticProblem) throws(NumericsError) -> Solution {
        try FirthSolver(tolerance: tolerance, maximumIterations: maximumIterations)
            .minimise(problem.objective, from: problem.start)
    }

    /// - Parameters:
    ///   - guess: a point that may be near the optimum.
    ///   - neighbour: the optimum of nearly the same rows; `nil` where there is none.
    private func solve(
        _ problem: LogisticProblem,
        near guess: [Double]?,
        neighbour: [Double]?
    ) throws(NumericsError) -> Solution {
        switch solver {
        case .coordinateDescent:
            return coordinateDescent(problem)
        case .automatic where problem.penalty.hasL1:
            return coordinateDescent(problem)
        case .automatic, .newton, .lbfgs:
            let warm =
                neighbour.flatMap(problem.warmStart(atNeighbour:))
                ?? problem.warmStart(near: guess, tolerance: tolerance)
            let canFactor = warm.point.count <= Self.mostNewtonCoefficients
            var start = (point: warm.point, iterations: 0)
            if solver == .lbfgs || solver == .automatic && (warm.sample != nil || !canFactor) {
                let patience = solver == .automatic && canFactor ? Self.patience : maximumIterations
                let found = try LBFGSSolver(
                    gradientTolerance: tolerance,
                    maximumIterations: min(maximumIterations, patience),
                    takesLastStep: tolerance < Self.exactTolerance
                ).minimise(problem.objective, from: start.point, metric: warm.metric())
                // A sample may know nothing of rare categories, and its metric not what it is of nearly equal columns.
                let isFinal = solver == .lbfgs || !canFactor || found.iterations >= maximumIterations
                if found.status == .converged || isFinal { return found }
                start = (found.point, found.iterations)
            }
            let newton: Solution?
            do throws(NumericsError) {
                newton = try NewtonSolver(
                    gradientTolerance: tolerance,
                    decrementTolerance: 0.01 * tolerance,
                    maximumIterations: maximumIterations - start.iterations,
                    takesLastStep: tolerance < Self.exactTolerance
                ).minimise(problem.objective, from: start.point).after(iterations: start.iterations)
            } catch .notPositiveDefinite where solver == .automatic {
                newton = nil
            }
            if let newton {
                let isOver = newton.status == .converged || newton.iterations >= maximumIterations
                if isOver || solver == .newton { return newton }
                start = (newton.point, newton.iterations)
            }
            // Where the curvature has no digits, gradients still tell the way, but not that it has ended.
            var last = try LBFGSSolver(
                gradientTolerance: tolerance,
                maximumIterations: maximumIterations - start.iterations
            )
            .minimise(problem.objective, from: start.point)
            .after(iterations: start.iterations)
            guard last.status == .converged else { return last }
            let certified = try? NewtonSolver(
                gradientTolerance: tolerance,
                decrementTolerance: 0.01 * tolerance,
                maximumIterations: maximumIterations - last.iterations
            ).minimise(problem.objective, from: last.point).after(iterations: last.iterations)
            last.status = .notConverged
            return certified ?? last
        }
    }

    private func coordinateDescent(_ problem: LogisticProblem) -> Solution {
        let loss = problem.loss
        let solver = ElasticNetSolver(tolerance: tolerance, maximumIterations: maximumIterations)
        let isSmall = problem.start.count <= solver.mostTogether
        var state = ElasticNetSolver.State(
            point: problem.start,
            evaluation: loss.evaluate(at: problem.start, curvature: isSmall)
        )
        if isSmall { return solver.minimise(loss, penalty: problem.penalty, state: &state) }
        // Many coefficients: from a strength at which few are not 0 down to the one that is wanted, which keeps those few that
        // are worked on together.
        var iterations = 0
        var previous: [Double]?
        for strength in Self.strengthsOnTheWay(
            from: problem.penalty.leastStrengthOfZeros(gradient: state.evaluation.gradient)
        ) where iterations < maximumIterations {
            let penalty = problem.penalty.scaled(by: strength)
            let way = ElasticNetSolver(
                tolerance: max(tolerance, Self.toleranceOnTheWay),
                maximumIterations: maximumIterations - iterations,
                confirms: false
            )
            iterations += way.minimise(loss, penalty: penalty, state: &state, previousL1: previous).iterations
            previous = penalty.l1
        }
        return ElasticNetSolver(tolerance: tolerance, maximumIterations: maximumIterations - iterations)
            .minimise(loss, penalty: problem.penalty, state: &state, previousL1: previous)
            .after(iterations: iterations)
    }

    private static let strengthStep = 1.5
    private static let mostStrengthsOnTheWay = 40
    private static let toleranceOnTheWay = 1e-4

    /// Falling strengths between one and 1, without 1, each at most `strengthStep` times the next where that is not too many.
    private static func strengthsOnTheWay(from strongest: Double) -> [Double] {
        guard strongest > 1, strongest.isFinite else { return [] }
        let distance = PortableMath.log(strongest)
        let count = min(mostStrengthsOnTheWay, Int((distance / PortableMath.log(strengthStep)).rounded(.up)))
        return (1..<max(count, 1)).map { PortableMath.exp(distance * (1 - Double($0) / Double(count))) }
    }
}

import ChurnNumerics

/// A twice differentiable, convex function that remembers where it stands, so that a line search needs no new product.
protocol CurvedObjective {
    var dimension: Int { get }
    /// What gradients and decrements are measured against: the total weight of the rows.
    var scale: Double { get }
    var currentPoint: [Double] { get }
    /// Stands at `point` and returns the value there.
    mutating func move(to point: [Double]) -> Double
    mutating func setDirection(_ direction: [Double])
    /// The value at `step` times the direction from here.
    func value(atStep step: Double) -> Double
    mutating func take(step: Double)
    func gradient() -> [Double]
    func hessian() -> Matrix
}

/// Newton's method with Cholesky and a backtracking line search (Boyd and Vandenberghe 2004, algorithm 9.5).
///
/// Converged means that both the gradient's largest element and the squared Newton decrement are under their tolerances,
/// per unit of the objective's scale; "the objective stopped moving" alone is not. Where rounding leaves no step that
/// lowers the value, a gradient within a thousand times its tolerance counts too.
struct NewtonSolver {
    var gradientTolerance = 1e-10
    var decrementTolerance = 1e-14
    var maximumIterations = 100

    struct Solution {
        let point: [Double]
        let value: Double
        let gradientNorm: Double
        let iterations: Int
        let status: FitCertificate.Status
    }

    enum Progress {
        case proceed, stop
    }

    /// - Parameters:
    ///   - objective: left standing at the solution.
    ///   - observe: sees the objective with its newest direction set, before the step; may stop the search.
    /// - Throws: what the factorisation throws when the Hessian is not positive definite.
    func minimise<Objective: CurvedObjective>(
        _ objective: inout Objective,
        from start: [Double],
        observe: (Objective) -> Progress = { _ in .proceed }
    ) throws(NumericsError) -> Solution {
        var value = objective.move(to: start)
        let scale = max(objective.scale, .leastNormalMagnitude)
        var iterations = 0
        while true {
            let gradient = objective.gradient()
            let norm = gradient.reduce(0) { max($0, abs($1)) }
            guard value.isFinite, norm.isFinite else {
                return solution(objective, value, norm, iterations, .diverged)
            }
            let newton = try CholeskyFactor(objective.hessian()).solve(gradient).map { -$0 }
            let decrement = -zip(gradient, newton).reduce(0) { $0 + $1.0 * $1.1 }
            if norm <= gradientTolerance * scale, decrement <= decrementTolerance * scale {
                return polished(&objective, value, norm, newton, iterations)
            }
            if iterations == maximumIterations { return solution(objective, value, norm, iterations, .notConverged) }
            objective.setDirection(newton)
            if case .stop = observe(objective) { return solution(objective, value, norm, iterations, .notConverged) }
            guard let step = backtrack(objective, value: value, decrement: decrement) else {
                // No step lowers the value: rounding is all that is left, or the function is not what it says.
                let isAtRounding = norm <= 1e3 * gradientTolerance * scale
                return solution(objective, value, norm, iterations, isAtRounding ? .converged : .notConverged)
            }
            objective.take(step: step.length)
            value = step.value
            iterations += 1
        }
    }

    /// Takes the step that convergence left over: it costs one evaluation and doubles the digits.
    private func polished<Objective: CurvedObjective>(
        _ objective: inout Objective,
        _ value: Double,
        _ norm: Double,
        _ newton: [Double],
        _ iterations: Int
    ) -> Solution {
        objective.setDirection(newton)
        let candidate = objective.value(atStep: 1)
        guard candidate <= value + 1e-14 * abs(value) else {
            return solution(objective, value, norm, iterations, .converged)
        }
        objective.take(step: 1)
        let newNorm = objective.gradient().reduce(0) { max($0, abs($1)) }
        return solution(objective, candidate, newNorm, iterations + 1, .converged)
    }

    private func backtrack<Objective: CurvedObjective>(
        _ objective: Objective,
        value: Double,
        decrement: Double
    ) -> (length: Double, value: Double)? {
        var length = 1.0
        for _ in 0..<40 {
            let candidate = objective.value(atStep: length)
            // The last term forgives the rounding of two values that differ by less than it.
            if candidate <= value - 1e-4 * length * decrement + 1e-15 * abs(value) { return (length, candidate) }
            length /= 2
        }
        return nil
    }

    private func solution<Objective: CurvedObjective>(
        _ objective: Objective,
        _ value: Double,
        _ norm: Double,
        _ iterations: Int,
        _ status: FitCertificate.Status
    ) -> Solution {
        Solution(
            point: objective.currentPoint,
            value: value,
            gradientNorm: norm,
            iterations: iterations,
            status: status
        )
    }
}

import ChurnNumerics

/// Newton's method with Cholesky and a backtracking line search (Boyd and Vandenberghe 2004, algorithm 9.5).
///
/// A factor of the Hessian is kept as long as steps with it bring the gradient down fast (the chord method), because a
/// gradient costs a fraction of a Hessian. Where the Hessian cannot be factored, its factor comes from the rows by QR.
///
/// Converged means that the gradient's largest element and the squared Newton decrement are under their tolerances, per unit
/// of the objective's scale, and that the next step would be short (`Nearness`); "the objective stopped moving" alone is
/// not. Where rounding leaves no step that lowers the value, `Nearness(atRoundingOf:)` counts.
struct NewtonSolver {
    var gradientTolerance = 1e-10
    var decrementTolerance = 1e-14
    var maximumIterations = 100
    /// Whether a factor may serve for several steps.
    var keepsFactors = true
    /// Whether the step that convergence left over is taken, where it helps: it costs one evaluation and adds digits.
    var takesLastStep = true

    enum Progress {
        case proceed, stop
    }

    /// A step that does not bring the gradient below this share of what it was asks for a new factor.
    private static let goodContraction = 0.1

    /// - Parameter observe: sees each point with the direction from it, before the step; may stop the search.
    /// - Throws: what the factorisation throws when the Hessian is not positive definite.
    func minimise<Objective: SmoothObjective>(
        _ objective: Objective,
        from start: [Double],
        observe: (_ point: [Double], _ direction: [Double]) -> Progress = { _, _ in .proceed }
    ) throws(NumericsError) -> Solution {
        let scale = max(objective.scale, .leastNormalMagnitude)
        var point = start
        var current = objective.evaluate(at: point, curvature: true)
        guard current.isFinite else { return solution(point, current, 0, .diverged) }
        var factor = try self.factor(objective, current, point)
        var isFresh = true
        var wasDone = false
        var iterations = 0
        while true {
            let norm = current.gradientNorm
            let direction = try factor.solve(current.gradient).map { -$0 }
            let decrement = -VectorOperations.dot(current.gradient, direction)
            let nearness = Nearness(gradientTolerance, decrementTolerance: decrementTolerance)
            if nearness.isReached(
                gradientNorm: norm,
                decrement: decrement,
                point: point,
                step: direction,
                scale: scale
            ) {
                guard takesLastStep else { return solution(point, current, iterations, .converged) }
                return withLastStep(objective, point, current, direction, iterations)
            }
            if iterations == maximumIterations { return solution(point, current, iterations, .notConverged) }
            if case .stop = observe(point, direction) { return solution(point, current, iterations, .notConverged) }
            guard let step = backtrack(objective, point, current, direction, decrement) else {
                if !isFresh {
                    factor = try self.factor(objective, objective.evaluate(at: point, curvature: true), point)
                    isFresh = true
                    continue
                }
                if !current.isFinite { return solution(point, current, iterations, .diverged) }
                // No step lowers the value: rounding is all that is left, or the function is not what it says.
                let isAtRounding = Nearness(atRoundingOf: gradientTolerance).isReached(
                    gradientNorm: norm,
                    decrement: decrement,
                    point: point,
                    step: direction,
                    scale: scale
                )
                return solution(point, current, iterations, isAtRounding ? .converged : .notConverged)
            }
            (point, current) = step
            iterations += 1
            isFresh = false
            let isFast = keepsFactors && current.gradientNorm <= Self.goodContraction * norm
            // What is likely to be the last step needs no new factor.
            let isDone = current.gradientNorm <= gradientTolerance * scale
            if !isFast, !isDone || wasDone {
                current = objective.evaluate(at: point, curvature: true)
                factor = try self.factor(objective, current, point)
                isFresh = true
            }
            wasDone = isDone
        }
    }

    private func factor<Objective: SmoothObjective>(
        _ objective: Objective,
        _ evaluation: Evaluation,
        _ point: [Double]
    ) throws(NumericsError) -> CholeskyFactor {
        do {
            guard let hessian = evaluation.hessian else { return try objective.factorByRows(at: point) }
            return try CholeskyFactor(hessian)
        } catch .notPositiveDefinite {
            return try objective.factorByRows(at: point)
        }
    }

    private func withLastStep<Objective: SmoothObjective>(
        _ objective: Objective,
        _ point: [Double],
        _ current: Evaluation,
        _ direction: [Double],
        _ iterations: Int
    ) -> Solution {
        let candidate = VectorOperations.moved(point, along: direction, by: 1)
        let evaluation = objective.evaluate(at: candidate, curvature: false)
        guard evaluation.gradientNorm < current.gradientNorm else {
            return solution(point, current, iterations, .converged)
        }
        return solution(candidate, evaluation, iterations + 1, .converged)
    }

    private func backtrack<Objective: SmoothObjective>(
        _ objective: Objective,
        _ point: [Double],
        _ current: Evaluation,
        _ direction: [Double],
        _ decrement: Double
    ) -> (point: [Double], evaluation: Evaluation)? {
        var length = 1.0
        for _ in 0..<40 {
            let candidate = VectorOperations.moved(point, along: direction, by: length)
            let evaluation = objective.evaluate(at: candidate, curvature: false)
            guard evaluation.isFinite else {
                length /= 2
                continue
            }
            // Where rounding hides what the value does, the gradient tells (Hager and Zhang 2005).
            let isBetter =
                evaluation.isLevel(with: current, scale: objective.scale)
                ? evaluation.gradientNorm <= 0.5 * current.gradientNorm
                : evaluation.value <= current.value - 1e-4 * length * decrement
            if isBetter { return (candidate, evaluation) }
            length /= 2
        }
        return nil
    }

    private func solution(
        _ point: [Double],
        _ evaluation: Evaluation,
        _ iterations: Int,
        _ status: FitCertificate.Status
    ) -> Solution {
        Solution(
            point: point,
            value: evaluation.value,
            gradientNorm: evaluation.gradientNorm,
            iterations: iterations,
            status: status
        )
    }
}

import ChurnNumerics

/// Limited-memory BFGS (Nocedal and Wright 2006, algorithm 7.5) with a line search for the weak Wolfe conditions by
/// bisection (Lewis and Overton 2013).
///
/// Needs gradients alone, so that many coefficients cost little. A factor of an approximate Hessian, such as a sample's, as
/// the metric that the memory corrects makes of it nearly Newton's method.
struct LBFGSSolver {
    var gradientTolerance = 1e-10
    var maximumIterations = 1000
    /// Pairs of steps and changes of the gradient that are remembered.
    var memory = 20
    /// Whether one more step is taken at the end, where it helps: it costs one evaluation and adds digits.
    var takesLastStep = true

    private struct Pair {
        let step: [Double]
        let change: [Double]
        let inverseProduct: Double
    }

    /// - Parameter metric: of an approximate Hessian; `nil` for none.
    func minimise<Objective: SmoothObjective>(
        _ objective: Objective,
        from start: [Double],
        metric: CholeskyFactor? = nil
    ) throws(NumericsError) -> Solution {
        let scale = max(objective.scale, .leastNormalMagnitude)
        var point = start
        var current = objective.evaluate(at: point, curvature: false)
        var pairs: [Pair] = []
        var iterations = 0
        while true {
            let norm = current.gradientNorm
            func solution(_ status: FitCertificate.Status) -> Solution {
                Solution(
                    point: point,
                    value: current.value,
                    gradientNorm: norm,
                    iterations: iterations,
                    status: status
                )
            }
            guard current.isFinite else { return solution(.diverged) }
            let direction = try self.direction(current.gradient, pairs, metric)
            // In a metric near the Hessian's the direction is nearly Newton's step.
            let isDone =
                metric == nil
                ? norm <= gradientTolerance * scale
                : Nearness(gradientTolerance).isReached(
                    gradientNorm: norm,
                    decrement: -VectorOperations.dot(current.gradient, direction),
                    point: point,
                    step: direction,
                    scale: scale
                )
            if isDone, !takesLastStep { return solution(.converged) }
            if iterations == maximumIterations, !isDone { return solution(.notConverged) }
            if isDone {
                let last = VectorOperations.moved(point, along: direction, by: 1)
                let evaluation = objective.evaluate(at: last, curvature: false)
                if evaluation.gradientNorm < norm {
                    (point, current) = (last, evaluation)
                    iterations += 1
                    return Solution(
                        point: point,
                        value: current.value,
                        gradientNorm: current.gradientNorm,
                        iterations: iterations,
                        status: .converged
                    )
                }
                return solution(.converged)
            }
            guard let step = search(objective, point, current, direction, isFirst: pairs.isEmpty && metric == nil)
            else {
                if !pairs.isEmpty {
                    // What is remembered misleads: begin again from here.
                    pairs = []
                    continue
                }
                return solution(.notConverged)
            }
            let moved = zip(step.point, point).map { $0 - $1 }
            let change = zip(step.evaluation.gradient, current.gradient).map { $0 - $1 }
            let product = VectorOperations.dot(moved, change)
            if product > 1e-16 * VectorOperations.dot(change, change).squareRoot() {
                pairs.append(Pair(step: moved, change: change, inverseProduct: 1 / product))
                if pairs.count > memory { pairs.removeFirst() }
            }
            (point, current) = step
            iterations += 1
        }
    }

    private func direction(
        _ gradient: [Double],
        _ pairs: [Pair],
        _ metric: CholeskyFactor?
    ) throws(NumericsError) -> [Double] {
        var vector = gradient.map { -$0 }
        var products: [Double] = []
        for pair in pairs.reversed() {
            let product = pair.inverseProduct * VectorOperations.dot(pair.step, vector)
            products.append(product)
            for element in 0..<vector.count { vector[element] -= product * pair.change[element] }
        }
        if let metric {
            vector = try metric.solve(vector)
        } else if let last = pairs.last {
            let length = 1 / (last.inverseProduct * VectorOperations.dot(last.change, last.change))
            vector = vector.map { $0 * length }
        }
        for (pair, product) in zip(pairs, products.reversed()) {
            let correction = product - pair.inverseProduct * VectorOperations.dot(pair.change, vector)
            for element in 0..<vector.count { vector[element] += correction * pair.step[element] }
        }
        return vector
    }

    /// A point along the direction where the value has fallen enough and the slope has risen enough.
    private func search<Objective: SmoothObjective>(
        _ objective: Objective,
        _ point: [Double],
        _ current: Evaluation,
        _ direction: [Double],
        isFirst: Bool
    ) -> (point: [Double], evaluation: Evaluation)? {
        let slope = VectorOperations.dot(current.gradient, direction)
        guard slope < 0 else { return nil }
        var lower = 0.0
        var upper = Double.infinity
        // Without any knowledge of the curvature the first step is as long as one unit of the log-odds at most.
        var length = isFirst ? min(1, 1 / VectorOperations.dot(direction, direction).squareRoot()) : 1
        for _ in 0..<60 {
            let candidate = VectorOperations.moved(point, along: direction, by: length)
            let evaluation = objective.evaluate(at: candidate, curvature: false)
            let newSlope = VectorOperations.dot(evaluation.gradient, direction)
            // Where rounding hides what the value does, the slope tells (Hager and Zhang 2005).
            let isLevel = evaluation.isLevel(with: current, scale: objective.scale) && newSlope <= -0.8 * slope
            if !evaluation.isFinite || !isLevel && evaluation.value > current.value + 1e-4 * length * slope {
                upper = length
            } else if newSlope < 0.9 * slope {
                lower = length
            } else {
                return (candidate, evaluation)
            }
            length = upper < .infinity ? (lower + upper) / 2 : 2 * lower
        }
        return nil
    }
}

import ChurnNumerics

/// A likelihood whose rows have leverages: what Firth's correction needs beside value, gradient and Hessian.
protocol LeverageObjective: SmoothObjective {
    /// The gradient of ½·log det of the information at a point.
    /// - Parameter factor: of the information there.
    func logDeterminantGradient(at point: [Double], factor: CholeskyFactor) -> [Double]
}

/// Maximises Firth's penalised likelihood, log L + ½·log det I (Firth 1993; Heinze and Schemper 2002), by scoring with steps
/// that are halved until it rises.
///
/// It has a finite maximum under separation, too, and takes the first-order bias from the estimates. Converged is as `Nearness`
/// has it, with the information in place of the Hessian.
struct FirthSolver {
    var tolerance = 1e-10
    var maximumIterations = 1000

    private struct Place {
        let point: [Double]
        /// Of -log L - ½·log det I.
        let value: Double
        let gradient: [Double]
        let factor: CholeskyFactor

        var norm: Double { gradient.reduce(0) { max($0, abs($1)) } }
    }

    /// - Parameter loss: -log L, without any penalty.
    /// - Throws: `notPositiveDefinite` where the information is singular.
    func minimise<Objective: LeverageObjective>(
        _ loss: Objective,
        from start: [Double]
    ) throws(NumericsError) -> Solution {
        let scale = max(loss.scale, .leastNormalMagnitude)
        var place = try self.place(loss, start)
        var iterations = 0
        func solution(_ status: FitCertificate.Status) -> Solution {
            Solution(
                point: place.point,
                value: place.value,
                gradientNorm: place.norm,
                iterations: iterations,
                status: status
            )
        }
        while true {
            guard place.value.isFinite, place.norm.isFinite else { return solution(.diverged) }
            var direction = try place.factor.solve(place.gradient).map { -$0 }
            func isNear(_ nearness: Nearness) -> Bool {
                nearness.isReached(
                    gradientNorm: place.norm,
                    decrement: -VectorOperations.dot(place.gradient, direction),
                    point: place.point,
                    step: direction,
                    scale: scale
                )
            }
            if isNear(Nearness(tolerance)) { return solution(.converged) }
            if iterations == maximumIterations { return solution(.notConverged) }
            let isAtRounding = isNear(Nearness(atRoundingOf: tolerance))
            // A step that is longer than what the log-odds can bear is cut, as in logistf.
            let longest = direction.reduce(0) { max($0, abs($1)) }
            if longest > 5 { direction = direction.map { $0 * 5 / longest } }
            guard let next = try search(loss, place, direction) else {
                return solution(isAtRounding ? .converged : .notConverged)
            }
            place = next
            iterations += 1
        }
    }

    private func search<Objective: LeverageObjective>(
        _ loss: Objective,
        _ place: Place,
        _ direction: [Double]
    ) throws(NumericsError) -> Place? {
        var length = 1.0
        for _ in 0..<40 {
            let next = try self.place(loss, VectorOperations.moved(place.point, along: direction, by: length))
            // Where rounding hides what the value does, the gradient tells.
            let isLevel = Rounding.hides(next.value, place.value, scale: loss.scale, share: 1e-12)
            if next.value.isFinite, next.value < place.value || isLevel && next.norm < place.norm { return next }
            length /= 2
        }
        return nil
    }

    private func place<Objective: LeverageObjective>(
        _ loss: Objective,
        _ point: [Double]
    ) throws(NumericsError) -> Place {
        let evaluation = loss.evaluate(at: point, curvature: true)
        guard evaluation.isFinite, let hessian = evaluation.hessian else {
            throw .notPositiveDefinite(column: 0)
        }
        let factor = try loss.carefulFactor(of: hessian, at: point)
        let rise = loss.logDeterminantGradient(at: point, factor: factor)
        return Place(
            point: point,
            value: evaluation.value - 0.5 * factor.logDeterminant,
            gradient: zip(evaluation.gradient, rise).map { $0 - $1 },
            factor: factor
        )
    }
}

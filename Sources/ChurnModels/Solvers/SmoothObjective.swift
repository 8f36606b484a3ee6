import ChurnNumerics

/// A convex function with a gradient and a Hessian: what solvers minimise without knowing what it is.
protocol SmoothObjective {
    var dimension: Int { get }
    /// What gradients and decrements are measured against: the total weight of the rows.
    var scale: Double { get }
    /// - Parameter curvature: whether the Hessian is wanted, too.
    func evaluate(at point: [Double], curvature: Bool) -> Evaluation
    /// A factor of the Hessian that is computed with more care, for where the Hessian itself cannot be factored.
    /// - Throws: `notPositiveDefinite` where there is none.
    func factorByRows(at point: [Double]) throws(NumericsError) -> CholeskyFactor
}

extension SmoothObjective {
    /// The factor of a Hessian: from the rows where too few of the Hessian's digits are left.
    func carefulFactor(of hessian: Matrix, at point: [Double]) throws(NumericsError) -> CholeskyFactor {
        if let factor = try? CholeskyFactor(hessian), try factor.conditionEstimate() <= CholeskyFactor.safeCondition {
            return factor
        }
        return try factorByRows(at: point)
    }
}

extension CholeskyFactor {
    /// Beyond it a Hessian's factor has lost too many digits.
    static let safeCondition = 1e11
}

/// A function's value at a point, with its derivatives.
struct Evaluation {
    let value: Double
    let gradient: [Double]
    let hessian: Matrix?

    /// Largest absolute element of the gradient.
    var gradientNorm: Double { VectorOperations.largest(gradient) }
    var isFinite: Bool { value.isFinite && gradientNorm.isFinite }

    /// Whether two values are the same but for the rounding of a sum over rows.
    func isLevel(with other: Evaluation, scale: Double) -> Bool {
        Rounding.hides(value, other.value, scale: scale)
    }
}

/// Where a solver stopped, and why.
struct Solution {
    let point: [Double]
    let value: Double
    /// Largest absolute element of the gradient there; under an L1 penalty of what the optimality conditions leave over.
    let gradientNorm: Double
    let iterations: Int
    var status: FitCertificate.Status

    /// The same with the iterations that another solver took before.
    func after(iterations: Int) -> Solution {
        Solution(
            point: point,
            value: value,
            gradientNorm: gradientNorm,
            iterations: self.iterations + iterations,
            status: status
        )
    }
}

/// What sums over many rows leave of two values.
enum Rounding {
    /// The tolerance that counts where no step lowers the value any more: a thousand times the one that was asked for, but
    /// never more than 1e-7, unless that was asked for.
    static func reachable(_ tolerance: Double) -> Double { max(tolerance, min(1e3 * tolerance, 1e-7)) }

    /// Whether what lies between two values may be rounding alone.
    /// - Parameters:
    ///   - scale: total weight of the rows.
    ///   - share: of the values that may be lost; more where a determinant is part of them.
    static func hides(_ value: Double, _ other: Double, scale: Double, share: Double = 1e-13) -> Bool {
        abs(value - other) <= share * (abs(other) + scale)
    }
}

/// When a fit is near enough to its optimum.
///
/// The gradient alone does not tell where a few rows have nearly all of the weight, or columns nearly repeat others: a step of
/// Newton's method, which ends near the optimum, tells how far it still is and what the value could still fall by.
struct Nearness {
    let gradientTolerance: Double
    /// For gᵀH⁻¹g, twice what the value could still fall by.
    let decrementTolerance: Double
    /// Of the largest coefficient, or of 1.
    let stepTolerance: Double

    /// Steps of 1e-6 at a tolerance of 1e-10.
    private static let stepShare = 1e4
    private static let longestStep = 1e-2

    /// - Parameters:
    ///   - tolerance: for the gradient.
    ///   - decrementTolerance: the same, where it is not said.
    init(_ tolerance: Double, decrementTolerance: Double? = nil) {
        gradientTolerance = tolerance
        self.decrementTolerance = decrementTolerance ?? tolerance
        stepTolerance = min(Self.stepShare * tolerance, Self.longestStep)
    }

    /// Where no step lowers the value any more.
    init(atRoundingOf tolerance: Double, decrementTolerance: Double? = nil) {
        gradientTolerance = Rounding.reachable(tolerance)
        self.decrementTolerance = decrementTolerance ?? gradientTolerance
        stepTolerance = min(10 * Self.stepShare * tolerance, Self.longestStep)
    }

    /// - Parameters:
    ///   - gradientNorm: or what is left of the optimality conditions.
    ///   - step: from the point to where the optimum may be.
    ///   - scale: what gradients and decrements are measured against.
    func isReached(
        gradientNorm: Double,
        decrement: Double,
        point: [Double],
        step: [Double],
        scale: Double
    ) -> Bool {
        guard gradientNorm <= gradientTolerance * scale, decrement <= decrementTolerance * scale else { return false }
        return Self.relativeLength(of: step, at: point) <= stepTolerance
    }

    /// A step's largest element, in units of the largest coefficient, or of 1.
    static func relativeLength(of step: [Double], at point: [Double]) -> Double {
        VectorOperations.largest(step) / max(1, VectorOperations.largest(point))
    }
}

enum VectorOperations {
    /// The largest absolute element; 0 of none.
    static func largest(_ vector: [Double]) -> Double { vector.reduce(0) { max($0, abs($1)) } }

    @inline(__always)
    static func dot(_ left: [Double], _ right: [Double]) -> Double {
        var sum = 0.0
        for element in 0..<left.count { sum += left[element] * right[element] }
        return sum
    }

    /// point + length·direction.
    static func moved(_ point: [Double], along direction: [Double], by length: Double) -> [Double] {
        var result = point
        for element in 0..<point.count { result[element] += length * direction[element] }
        return result
    }
}

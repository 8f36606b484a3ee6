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

/// A function's value at a point, with its derivatives.
struct Evaluation {
    let value: Double
    let gradient: [Double]
    let hessian: Matrix?

    /// Largest absolute element of the gradient.
    var gradientNorm: Double { gradient.reduce(0) { max($0, abs($1)) } }
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
    /// Whether what lies between two values may be rounding alone.
    /// - Parameters:
    ///   - scale: total weight of the rows.
    ///   - share: of the values that may be lost; more where a determinant is part of them.
    static func hides(_ value: Double, _ other: Double, scale: Double, share: Double = 1e-13) -> Bool {
        abs(value - other) <= share * (abs(other) + scale)
    }
}

enum VectorOperations {
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

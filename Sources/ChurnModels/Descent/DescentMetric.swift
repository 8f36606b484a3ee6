import ChurnNumerics

/// In which metric a gradient is steepest: an approximate inverse of the Hessian, per unit of the rows' weight.
///
/// A step of length 1 along it is nearly Newton's. The Hessian is a sample's; its diagonal, the one of all rows where it is
/// larger, so that a column that the sample hardly knows takes no step without measure.
struct DescentMetric {
    enum Form {
        case inverse(Matrix)
        /// One number a coefficient.
        case diagonal([Double])
    }

    let form: Form
    /// The trace of the metric's product with the Hessian: in how many directions rows of a mini-batch pull apart.
    let effectiveDimension: Double

    /// Coefficients beyond which the metric is diagonal.
    static let mostCoefficients = 1024
    private static let leastSampleRows = 8192
    private static let sampleRowsPerCoefficient = 16
    private static let powerIterations = 20

    /// - Parameters:
    ///   - curvatures: of the loss along each coefficient, of all rows, where they are undecided.
    ///   - isDiagonal: whether each coefficient must have a step of its own, as under an L1 penalty.
    init(
        of loss: LogisticObjective,
        l2: [Double],
        at point: [Double],
        curvatures: [Double],
        isDiagonal: Bool
    ) {
        let scale = loss.scale
        let size = point.count
        let wanted = max(Self.leastSampleRows, Self.sampleRowsPerCoefficient * size)
        let step = max(1, loss.rowCount / wanted)
        let sample = step > 1 ? loss.sample(everyRun: step) : loss
        // How decided rows are at the point tells by how much the curvature is below its largest.
        if !isDiagonal, size <= Self.mostCoefficients,
            let hessian = sample.evaluate(at: point, curvature: true).hessian
        {
            let share = Self.share(hessian, of: curvatures)
            var matrix = hessian
            for element in 0..<size {
                let least = 0.5 * share * curvatures[element]
                matrix[element, element] = max(hessian[element, element], least) + l2[element]
                matrix[element, element] *= 1 + Self.ridge
                // A column without values has no gradient either.
                if !(matrix[element, element] > Self.nothing * scale) { matrix[element, element] = scale }
            }
            if let inverse = try? CholeskyFactor(matrix).inverse() {
                form = .inverse(inverse.scaled(by: scale))
                effectiveDimension = Double(size)
                return
            }
        }
        let bound: Double
        (form, bound) = Self.diagonal(sample, l2: l2, at: point, curvatures: curvatures)
        effectiveDimension = Double(size) / bound
    }

    private static let ridge = 1e-6
    /// Per unit of weight, a curvature that is none.
    private static let nothing = 1e-200

    /// The median share of the curvature where all rows are undecided.
    private static func share(_ hessian: Matrix, of curvatures: [Double]) -> Double {
        let shares = curvatures.indices.filter { curvatures[$0] > 0 }.map { hessian[$0, $0] / curvatures[$0] }.sorted()
        return shares.isEmpty ? 1 : shares[shares.count / 2]
    }

    /// The inverse of the diagonal, divided by the largest eigenvalue that the Hessian has in units of it: by iterated products,
    /// each a difference of gradients.
    private static func diagonal(
        _ sample: LogisticObjective,
        l2: [Double],
        at point: [Double],
        curvatures: [Double]
    ) -> (form: Form, bound: Double) {
        let scale = sample.scale
        let diagonal = zip(curvatures, l2).map { curvature, strength in
            let sum = (curvature + strength) / scale
            // A column without values has no gradient either.
            return sum > nothing ? sum : 1
        }
        let here = sample.evaluate(at: point, curvature: false).gradient
        var stream = RandomStream(seed: 0, purpose: "power iteration")
        var direction = diagonal.map { _ in stream.normal() }
        var largest = 0.0
        for _ in 0..<powerIterations {
            let length = VectorOperations.dot(direction, direction).squareRoot()
            guard length > 0, length.isFinite else { break }
            // In units in which the diagonal is 1.
            let unit = zip(direction, diagonal).map { $0 / (length * $1.squareRoot()) }
            let there = sample.evaluate(
                at: VectorOperations.moved(point, along: unit, by: smallStep),
                curvature: false
            ).gradient
            direction = unit.indices.map { element in
                ((there[element] - here[element]) / smallStep + l2[element] * unit[element])
                    / (scale * diagonal[element].squareRoot())
            }
            largest = VectorOperations.dot(direction, direction).squareRoot()
        }
        // Power iterations end below the eigenvalue, and a quarter is the most that a row's curvature can be.
        let bound = max(1.2 * largest, 1e-3)
        return (.diagonal(diagonal.map { 1 / ($0 * bound) }), bound)
    }

    private static let smallStep = 1e-3

    /// Writes the metric's product with a gradient.
    func apply(to gradient: [Double], into result: inout [Double]) {
        switch form {
        case .inverse(let matrix): matrix.multiply(gradient, into: &result)
        case .diagonal(let numbers):
            for element in 0..<gradient.count { result[element] = numbers[element] * gradient[element] }
        }
    }
}

import ChurnNumerics

/// A quadratic model of a loss with an elastic net: gᵀ(b - x) + (b - x)ᵀH(b - x)/2 + Σ l1ⱼ|bⱼ| + l2ⱼ/2·bⱼ².
///
/// Coordinate descent (Friedman, Hastie and Tibshirani 2010, with H in place of the rows: their covariance updates) finds
/// which coefficients are not 0; as soon as their signs stay, a linear system gives them to all digits.
struct ElasticNetQuadratic {
    /// Symmetric, filled on both sides.
    let hessian: Matrix
    let gradient: [Double]
    let point: [Double]
    let penalty: CoefficientPenalty

    private static let mostSweeps = 10_000
    /// Sweeps after which the signs are looked at, and looked at again: the linear system is tried when they have stayed.
    private static let patience = 3

    /// The coefficients that minimise the model.
    /// - Parameter tolerance: what the optimality conditions may leave over.
    func minimiser(tolerance: Double) -> [Double] {
        var coefficients = point
        // g + H(b - x)
        var slopes = gradient
        var sweeps = 0
        // Signs that were seen last, and those with which the linear system had no solution that keeps them.
        var seen: [FloatingPointSign?] = []
        var failed: [FloatingPointSign?] = []
        hessian.withBlock { block in
            var isActive = [Bool](repeating: true, count: point.count)
            while sweeps < Self.mostSweeps {
                let largest = sweep(block, isActive, &coefficients, &slopes)
                sweeps += 1
                let isSettled = largest <= tolerance
                if isSettled || sweeps % Self.patience == 0 {
                    // Those at 0 are looked at again only when the others have settled.
                    if isSettled, isActive.contains(false) {
                        isActive = [Bool](repeating: true, count: point.count)
                        continue
                    }
                    let signs = coefficients.map { $0 == 0 ? nil : $0.sign }
                    if isSettled || signs == seen, signs != failed {
                        if let exact = exactSolution(withSignsOf: coefficients, block, tolerance: tolerance) {
                            coefficients = exact
                            return
                        }
                        failed = signs
                    }
                    if isSettled { return }
                    seen = signs
                }
                for element in point.indices {
                    isActive[element] = coefficients[element] != 0 || penalty.l1[element] == 0
                }
            }
        }
        return coefficients
    }

    /// Minimises along each active coefficient in turn.
    /// - Returns: the largest change of a slope that a coefficient's own move made.
    private func sweep(
        _ block: MatrixBlock,
        _ isActive: [Bool],
        _ coefficients: inout [Double],
        _ slopes: inout [Double]
    ) -> Double {
        slopes.withUnsafeMutableBufferPointer { slopes in
            var largest = 0.0
            for element in isActive.indices where isActive[element] {
                let column = block.column(element)
                let curvature = column[element]
                let total = curvature + penalty.l2[element]
                guard total > 0 else { continue }
                let old = coefficients[element]
                let pull = curvature * old - slopes[element]
                let new = Self.shrunk(pull, by: penalty.l1[element]) / total
                guard new != old else { continue }
                coefficients[element] = new
                let change = new - old
                for row in 0..<slopes.count { slopes[row] += change * column[row] }
                largest = max(largest, abs(change) * total)
            }
            return largest
        }
    }

    @inline(__always)
    private static func shrunk(_ value: Double, by threshold: Double) -> Double {
        value > threshold ? value - threshold : value < -threshold ? value + threshold : 0
    }

    /// The minimum among coefficients with these signs, if it has them, too, and the others want to stay 0.
    private func exactSolution(
        withSignsOf coefficients: [Double],
        _ block: MatrixBlock,
        tolerance: Double
    ) -> [Double]? {
        let active = coefficients.indices.filter { coefficients[$0] != 0 || penalty.l1[$0] == 0 }
        var matrix = Matrix(rowCount: active.count, columnCount: active.count)
        var right = [Double](repeating: 0, count: active.count)
        // Those that go to 0 move as well.
        let leaving = point.indices.filter { point[$0] != 0 && coefficients[$0] == 0 && penalty.l1[$0] > 0 }
        for (place, element) in active.enumerated() {
            let column = block.column(element)
            for (other, row) in active.enumerated() { matrix[other, place] = column[row] }
            matrix[place, place] += penalty.l2[element]
            let sign: Double = coefficients[element] > 0 ? 1 : coefficients[element] < 0 ? -1 : 0
            var pull = -gradient[element] - penalty.l1[element] * sign
            for row in active { pull += column[row] * point[row] }
            for row in leaving { pull += column[row] * point[row] }
            right[place] = pull
        }
        guard let values = try? CholeskyFactor(matrix).solve(right) else { return nil }
        var result = [Double](repeating: 0, count: coefficients.count)
        for (place, element) in active.enumerated() {
            let value = values[place]
            guard penalty.l1[element] == 0 || value * coefficients[element] > 0 else { return nil }
            result[element] = value
        }
        let moves = result.indices.filter { result[$0] != point[$0] }
        for element in result.indices where result[element] == 0 && penalty.l1[element] > 0 {
            let column = block.column(element)
            var slope = gradient[element]
            for row in moves { slope += column[row] * (result[row] - point[row]) }
            guard abs(slope) <= penalty.l1[element] + tolerance else { return nil }
        }
        return result
    }
}

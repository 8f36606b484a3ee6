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

    private static let mostSweeps = 2000
    /// Sweeps after which the signs are looked at, and looked at again: the linear system is tried when they have stayed.
    private static let patience = 3

    /// The coefficients that minimise the model.
    /// - Parameter tolerance: what the optimality conditions may leave over.
    /// - Returns: with whether the sweeps came to an end before there were too many.
    func minimiser(tolerance: Double) -> (coefficients: [Double], isMinimum: Bool) {
        var coefficients = point
        var isMinimum = false
        // g + H(b - x)
        var slopes = gradient
        var sweeps = 0
        // Signs that were seen last, and those with which the linear system was tried last.
        var seen: [FloatingPointSign?] = []
        var tried: [FloatingPointSign?] = []
        hessian.withBlock { block in
            let all = [Bool](repeating: true, count: point.count)
            var isActive = all
            while sweeps < Self.mostSweeps {
                let largest = sweep(block, isActive, &coefficients, &slopes)
                sweeps += 1
                let isSettled = largest <= tolerance
                if isSettled || sweeps % Self.patience == 0 {
                    // Those at 0 are looked at again only when the others have settled.
                    if isSettled, isActive.contains(false) {
                        isActive = all
                        continue
                    }
                    let signs = coefficients.map { $0 == 0 ? nil : $0.sign }
                    if isSettled || signs == seen, signs != tried {
                        tried = signs
                        if let answer = solution(withSignsOf: coefficients, block, tolerance: tolerance) {
                            coefficients = answer.coefficients
                            isMinimum = answer.isMinimum
                            if isMinimum { return }
                            slopes = self.slopes(at: coefficients, block)
                            isActive = all
                            continue
                        }
                    }
                    if isSettled {
                        isMinimum = true
                        return
                    }
                    seen = signs
                }
                for element in point.indices {
                    isActive[element] = coefficients[element] != 0 || penalty.l1[element] == 0
                }
            }
        }
        return (coefficients, isMinimum)
    }

    /// g + H(b - x).
    private func slopes(at coefficients: [Double], _ block: MatrixBlock) -> [Double] {
        var result = gradient
        for element in point.indices where coefficients[element] != point[element] {
            let change = coefficients[element] - point[element]
            let column = block.column(element)
            for row in result.indices { result[row] += change * column[row] }
        }
        return result
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

    /// The way to the minimum among coefficients with these signs, up to where the first of them becomes 0: the model falls all
    /// along (the feature-sign search of Lee, Battle, Raina and Ng 2007). Where none does and the others want to stay 0, that
    /// is the minimum of all.
    /// - Returns: `nil` where the linear system has no solution.
    private func solution(
        withSignsOf coefficients: [Double],
        _ block: MatrixBlock,
        tolerance: Double
    ) -> (coefficients: [Double], isMinimum: Bool)? {
        let active = coefficients.indices.filter { coefficients[$0] != 0 || penalty.l1[$0] == 0 }
        var matrix = Matrix(rowCount: active.count, columnCount: active.count)
        var right = [Double](repeating: 0, count: active.count)
        // Those that go to 0 move as well.
        let leaving = point.indices.filter { point[$0] != 0 && coefficients[$0] == 0 && penalty.l1[$0] > 0 }
        matrix.withMutableElements { elements in
            for (place, element) in active.enumerated() {
                let column = block.column(element)
                let first = place * active.count
                for (other, row) in active.enumerated() { elements[first + other] = column[row] }
                elements[first + place] += penalty.l2[element]
                let sign: Double = coefficients[element] > 0 ? 1 : coefficients[element] < 0 ? -1 : 0
                var pull = -gradient[element] - penalty.l1[element] * sign
                for row in active { pull += column[row] * point[row] }
                for row in leaving { pull += column[row] * point[row] }
                right[place] = pull
            }
        }
        guard let values = try? CholeskyFactor(matrix).solve(right), values.allSatisfy(\.isFinite) else { return nil }
        var share = 1.0
        for (place, element) in active.enumerated() where penalty.l1[element] > 0 {
            let (old, new) = (coefficients[element], values[place])
            if old * new <= 0 { share = min(share, old / (old - new)) }
        }
        var result = [Double](repeating: 0, count: coefficients.count)
        for (place, element) in active.enumerated() {
            let (old, new) = (coefficients[element], values[place])
            let isCrossing = penalty.l1[element] > 0 && old * new <= 0 && old / (old - new) <= share
            result[element] = isCrossing ? 0 : share == 1 ? new : old + share * (new - old)
        }
        if share < 1 { return (result, false) }
        let slopes = slopes(at: result, block)
        let isMinimum = result.indices.allSatisfy { element in
            result[element] != 0 || penalty.l1[element] == 0
                || abs(slopes[element]) <= penalty.l1[element] + tolerance
        }
        return (result, isMinimum)
    }
}

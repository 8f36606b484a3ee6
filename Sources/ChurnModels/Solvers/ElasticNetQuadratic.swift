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
    /// Linear systems, after which sweeps go on alone.
    private static let mostSystems = 200
    /// Of each diagonal element, added to a matrix that has no factor.
    private static let ridge = 1e-10

    /// The coefficients that minimise the model.
    /// - Parameter tolerance: what the optimality conditions may leave over.
    /// - Returns: with whether they are the minimum: a linear system of those that are not 0 says so, sweeps alone never.
    func minimiser(tolerance: Double) -> (coefficients: [Double], isMinimum: Bool) {
        var coefficients = point
        var isMinimum = false
        // g + H(b - x)
        var slopes = gradient
        var sweeps = 0
        // Signs that were seen last, and those with which the linear system was tried last.
        var seen: [FloatingPointSign?] = []
        var tried: [FloatingPointSign?] = []
        var systems = 0
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
                    if isSettled || signs == seen && signs != tried {
                        tried = signs
                        if let answer = solution(withSignsOf: coefficients, block, systems: &systems) {
                            coefficients = answer
                            slopes = self.slopes(at: coefficients, block)
                            isMinimum = self.isMinimum(coefficients, slopes, block, tolerance: tolerance)
                            if isMinimum { return }
                            isActive = all
                            continue
                        }
                        if isSettled { return }
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
    static func shrunk(_ value: Double, by threshold: Double) -> Double {
        value > threshold ? value - threshold : value < -threshold ? value + threshold : 0
    }

    /// Whether the optimality conditions leave over no more than the tolerance, or than the rounding of coefficients leaves of
    /// slopes that would be 0, |Hᵢⱼ| being at most √(Hᵢᵢ·Hⱼⱼ).
    private func isMinimum(
        _ coefficients: [Double],
        _ slopes: [Double],
        _ block: MatrixBlock,
        tolerance: Double
    ) -> Bool {
        let roots = coefficients.indices.map { max(0, block.column($0)[$0]).squareRoot() }
        let sum = zip(roots, coefficients).reduce(0) { $0 + $1.0 * abs($1.1) }
        let left = penalty.optimalityResiduals(at: coefficients, gradient: slopes)
        return left.indices.allSatisfy { left[$0] <= max(tolerance, 0x1p-50 * roots[$0] * sum) }
    }

    /// The minimum among coefficients with these signs, those that become 0 on the way left there: the model falls all along
    /// (the feature-sign search of Lee, Battle, Raina and Ng 2007).
    /// - Parameter systems: linear systems so far; a way that needs too many ends before its end.
    /// - Returns: `nil` where a linear system has no solution, or there were too many before.
    private func solution(
        withSignsOf start: [Double],
        _ block: MatrixBlock,
        systems: inout Int
    ) -> [Double]? {
        guard systems < Self.mostSystems else { return nil }
        var coefficients = start
        while systems < Self.mostSystems {
            systems += 1
            let active = coefficients.indices.filter { coefficients[$0] != 0 || penalty.l1[$0] == 0 }
            guard let way = way(of: active, from: coefficients, block) else { return nil }
            // The part of the way after which each would change its sign.
            let crossings = active.indices.map { place in
                let (old, change) = (coefficients[active[place]], way[place])
                let isCrossing = penalty.l1[active[place]] > 0 && (old > 0) != (old + change > 0)
                return isCrossing ? -old / change : .infinity
            }
            let share = crossings.reduce(1, min)
            for (place, element) in active.enumerated() {
                coefficients[element] = crossings[place] <= share ? 0 : coefficients[element] + share * way[place]
            }
            if share == 1 { break }
        }
        return coefficients
    }

    /// What is left to the minimum of the model along some coefficients, with the penalty of their signs.
    /// - Returns: `nil` where there is none.
    private func way(of active: [Int], from coefficients: [Double], _ block: MatrixBlock) -> [Double]? {
        let slopes = slopes(at: coefficients, block)
        var matrix = Matrix(rowCount: active.count, columnCount: active.count)
        var right = [Double](repeating: 0, count: active.count)
        matrix.withMutableElements { elements in
            for (place, element) in active.enumerated() {
                let column = block.column(element)
                let first = place * active.count
                for (other, row) in active.enumerated() { elements[first + other] = column[row] }
                elements[first + place] += penalty.l2[element]
                let value = coefficients[element]
                let sign: Double = value > 0 ? 1 : value < 0 ? -1 : 0
                right[place] = -slopes[element] - penalty.l2[element] * value - penalty.l1[element] * sign
            }
        }
        var factor = try? CholeskyFactor(matrix)
        if factor == nil {
            // Columns that repeat each other: where their penalties agree nothing is moved along them, else up to where one
            // becomes 0.
            for place in active.indices { matrix[place, place] *= 1 + Self.ridge }
            factor = try? CholeskyFactor(matrix)
        }
        guard let way = try? factor?.solve(right), way.allSatisfy(\.isFinite) else { return nil }
        return way
    }
}

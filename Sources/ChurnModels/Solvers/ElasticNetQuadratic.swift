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
    /// Linear systems, each of which lowers the model; more are asked for only where rounding has them differ.
    private static let mostTrials = 100
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
        var trials = 0
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
                        trials += 1
                        if let answer = solution(withSignsOf: coefficients, block) {
                            coefficients = answer
                            slopes = self.slopes(at: coefficients, block)
                            isMinimum =
                                leftOver(coefficients, slopes) <= max(tolerance, rounding(at: coefficients, block))
                            if isMinimum || trials == Self.mostTrials { return }
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
    private static func shrunk(_ value: Double, by threshold: Double) -> Double {
        value > threshold ? value - threshold : value < -threshold ? value + threshold : 0
    }

    /// The largest element of what is left of the optimality conditions.
    private func leftOver(_ coefficients: [Double], _ slopes: [Double]) -> Double {
        penalty.optimalityResiduals(at: coefficients, gradient: slopes).reduce(0, max)
    }

    /// What coefficients that are rounded leave over of slopes that would be 0, |Hᵢⱼ| being at most √(Hᵢᵢ·Hⱼⱼ).
    private func rounding(at coefficients: [Double], _ block: MatrixBlock) -> Double {
        var largest = 0.0
        var sum = 0.0
        for element in coefficients.indices {
            let root = max(0, block.column(element)[element]).squareRoot()
            largest = max(largest, root)
            sum += root * abs(coefficients[element])
        }
        return 0x1p-50 * largest * sum
    }

    /// The minimum among coefficients with these signs, those that become 0 on the way left there: the model falls all along
    /// (the feature-sign search of Lee, Battle, Raina and Ng 2007).
    /// - Returns: `nil` where the linear system has no solution.
    private func solution(withSignsOf start: [Double], _ block: MatrixBlock) -> [Double]? {
        var coefficients = start
        while true {
            let active = coefficients.indices.filter { coefficients[$0] != 0 || penalty.l1[$0] == 0 }
            guard let way = way(of: active, from: coefficients, block) else { return nil }
            var share = 1.0
            for (place, element) in active.enumerated() where penalty.l1[element] > 0 {
                let (old, change) = (coefficients[element], way[place])
                if old * (old + change) <= 0 { share = min(share, -old / change) }
            }
            for (place, element) in active.enumerated() {
                let (old, change) = (coefficients[element], way[place])
                let isCrossing = penalty.l1[element] > 0 && old * (old + change) <= 0 && -old / change <= share
                coefficients[element] = isCrossing ? 0 : old + share * change
            }
            if share == 1 { return coefficients }
        }
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
            // Columns that repeat each other: along what they share nothing changes, and nothing is moved.
            for place in active.indices { matrix[place, place] *= 1 + Self.ridge }
            factor = try? CholeskyFactor(matrix)
        }
        guard let way = try? factor?.solve(right), way.allSatisfy(\.isFinite) else { return nil }
        return way
    }
}

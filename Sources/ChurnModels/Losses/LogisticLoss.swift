import ChurnNumerics

/// The logistic loss -log P(y) of a row with the label y, 0 or 1, as a function of its log-odds η: log(1 + eᵗ) - y·η.
///
/// Its slope is p - y and its curvature p·(1 - p), with p = 1/(1 + e⁻ᵗ) at t = η. Nothing is clipped, nothing overflows, and the
/// slope of a row that is nearly certain keeps its digits.
enum LogisticLoss {
    /// Rows as plain memory.
    struct Rows {
        let labels: UnsafePointer<Double>
        /// `nil` for all 1.
        let weights: UnsafePointer<Double>?
        let count: Int
    }

    /// The weighted loss of some rows, with what each adds to the gradient and the curvature.
    /// - Parameters:
    ///   - predictor: log-odds.
    ///   - slopes: gets w·(p - y).
    ///   - curvatures: gets w·p·(1 - p), where it is wanted.
    /// - Returns: Σ w·loss, summed in the order of the rows.
    static func evaluate(
        _ rows: Rows,
        predictor: UnsafePointer<Double>,
        slopes: UnsafeMutablePointer<Double>,
        curvatures: UnsafeMutablePointer<Double>?
    ) -> Double {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: groupRows) { scratch in
            guard let exponentials = scratch.baseAddress else { return 0 }
            var sum = 0.0
            for first in stride(from: 0, to: rows.count, by: groupRows) {
                let count = min(groupRows, rows.count - first)
                toExponentials(predictor + first, count: count, into: exponentials)
                // The logarithms of many small numbers are the logarithm of their product.
                var product = 1.0
                for place in 0..<count {
                    let row = first + place
                    let eta = predictor[row]
                    let label = rows.labels[row]
                    let weight = rows.weights?[row] ?? 1
                    // One exponential gives the loss, its slope and its curvature.
                    let small = exponentials[place]
                    let whole = 1 + small
                    let isRight = (eta >= 0) == (label > 0.5)
                    // The probability of the other class.
                    let missed = weight * (isRight ? small : 1) / whole
                    slopes[row] = label > 0.5 ? -missed : missed
                    curvatures?[row] = weight * small / (whole * whole)
                    sum += isRight ? 0 : weight * abs(eta)
                    if rows.weights == nil, small > tiny {
                        product *= whole
                    } else {
                        sum += weight * StableFunctions.log1pOfSmall(small)
                    }
                }
                sum += PortableMath.log(product)
            }
            return sum
        }
    }

    /// e to the power of -|η|.
    private static func toExponentials(
        _ predictor: UnsafePointer<Double>,
        count: Int,
        into result: UnsafeMutablePointer<Double>
    ) {
        for row in 0..<count { result[row] = -abs(predictor[row]) }
        PortableMath.exp(result, count: count, into: result)
    }

    /// What each row adds to the gradient, w·(p - y), alone.
    static func slopes(
        _ rows: Rows,
        predictor: UnsafePointer<Double>,
        into slopes: UnsafeMutablePointer<Double>
    ) {
        toExponentials(predictor, count: rows.count, into: slopes)
        for row in 0..<rows.count {
            let label = rows.labels[row]
            let small = slopes[row]
            let isRight = (predictor[row] >= 0) == (label > 0.5)
            let missed = (isRight ? small : 1) / (1 + small)
            slopes[row] = label > 0.5 ? -missed : missed
        }
        guard let weights = rows.weights else { return }
        for row in 0..<rows.count { slopes[row] *= weights[row] }
    }

    /// Whether both classes are among the rows that count.
    /// - Parameter weights: `nil` for all 1.
    static func hasBothClasses(_ labels: [Double], weights: [Double]?) -> Bool {
        var seen = (no: false, yes: false)
        for (row, label) in labels.enumerated() where (weights?[row] ?? 1) > 0 {
            if label > 0.5 { seen.yes = true } else { seen.no = true }
            if seen.no, seen.yes { return true }
        }
        return false
    }

    /// Rows whose factors, each at most 2, are multiplied.
    private static let groupRows = 256
    /// Below it a number beside 1 loses digits that count.
    private static let tiny = 1e-6
}

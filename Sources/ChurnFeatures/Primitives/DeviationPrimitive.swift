/// The population standard deviation of the amounts of the rows in the window; 0 for fewer than two.
///
/// With n amounts a: sqrt(n·Σa² - (Σa)²) / n, all of it in two doubles, so that the difference keeps its digits. Where it
/// cannot, because the history before the window or the amounts' own size outweigh their spread, the amounts of the window are
/// walked through again: the mean first, then the deviations from it.
enum DeviationPrimitive: PrimitiveDefinition {
    static let unit = "amount"
    static let formula =
        "population standard deviation of the amounts of the rows with c - W <= t < c; 0 for fewer than two"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "standard deviation of the amounts of \(feature.types) rows \(feature.period)"
    }

    /// The share of the squares summed so far below which a spread is not trusted. Prefixes in two doubles are right to some
    /// 2^-104 of their size an event: above this share a million events leave ten digits.
    private static let trustedShare = 0x1p-48

    /// - Parameters:
    ///   - sum, squares: of the amounts, in two doubles.
    ///   - total: sum of the squares of the whole history up to the window's end.
    /// - Returns: `nil` where the sums do not hold enough digits, or overflow.
    @inline(__always)
    static func value(count: Int, sum: DoubleDoubleSum, squares: DoubleDoubleSum, total: Double) -> Double? {
        guard count > 1 else { return 0 }
        let n = Double(count)
        let spread = squares.multiplied(by: n).subtracting(sum.squared)
        let difference = spread.high + spread.low
        guard difference > trustedShare * n * total else { return nil }
        return difference.squareRoot() / n
    }

    /// The same from the amounts themselves. What overflows here is no number, and is refused.
    static func value(_ amounts: UnsafeBufferPointer<Double>) -> Double {
        guard amounts.count > 1, let origin = amounts.first else { return 0 }
        let n = Double(amounts.count)
        var sum = 0.0
        for amount in amounts { sum += amount - origin }
        let mean = sum / n
        var squares = 0.0
        var rest = 0.0
        for amount in amounts {
            let deviation = amount - origin - mean
            squares += deviation * deviation
            // What the mean's own rounding leaves (Chan, Golub and LeVeque, American Statistician 37, 1983).
            rest += deviation
        }
        return (max(squares - rest * rest / n, 0) / n).squareRoot()
    }
}

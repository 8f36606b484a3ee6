/// The population standard deviation of the amounts of the rows in the window; 0 for fewer than two.
///
/// With n amounts a: sqrt(n·Σa² - (Σa)²) / n, all of it in two doubles, so that the difference keeps its digits.
enum DeviationPrimitive: PrimitiveDefinition {
    static let unit = "amount"
    static let formula =
        "population standard deviation of the amounts of the rows with c - W <= t < c; 0 for fewer than two"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "standard deviation of the amounts of \(feature.types) rows \(feature.period)"
    }

    /// - Parameters:
    ///   - sum, squares: of the amounts, in two doubles.
    @inline(__always)
    static func value(count: Int, sum: DoubleDoubleSum, squares: DoubleDoubleSum) -> Double {
        guard count > 1 else { return 0 }
        let n = Double(count)
        let total = squares.multiplied(by: n)
        let spread = total.subtracting(sum.squared)
        let difference = spread.high + spread.low
        // What has overflowed stays no number, and is refused.
        return (difference < 0 ? 0 : difference).squareRoot() / n
    }
}

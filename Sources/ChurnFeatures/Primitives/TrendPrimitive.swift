/// The least-squares slope of the weekly numbers of transactions, over the whole weeks of the window counted back from the
/// cutoff.
///
/// With n weeks, y the numbers from the oldest week to the newest: Σ(i - (n - 1)/2)·y_i / (n·(n² - 1)/12).
enum TrendPrimitive: PrimitiveDefinition {
    static let unit = "transactions a week, each week"
    static let formula =
        "least-squares slope of the weekly numbers of transactions over the whole weeks of W, counted back from c"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "by how many \(feature.types) transactions a week the weekly number changes \(feature.period)"
    }

    /// - Parameters:
    ///   - sum: of the weekly values.
    ///   - weighted: sum of week number (0 is the oldest) times weekly value.
    @inline(__always)
    static func value(weeks: Int, sum: Double, weighted: Double) -> Double {
        let n = Double(weeks)
        return (weighted - (n - 1) / 2 * sum) / (n * (n * n - 1) / 12)
    }
}

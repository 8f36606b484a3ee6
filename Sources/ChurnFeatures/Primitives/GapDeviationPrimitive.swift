/// The population standard deviation of the calendar days between neighbouring transactions.
///
/// With m gaps g: sqrt(m·Σg² - (Σg)²) / m. Both sums are whole numbers, so the difference under the root is exact.
enum GapDeviationPrimitive: PrimitiveDefinition {
    static let unit = "days"
    static let formula = "population standard deviation of the n - 1 gaps; 0 for fewer than two"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "standard deviation of the days between two \(feature.types) transactions"
    }

    @inline(__always)
    static func value(_ activity: ActivitySummary) -> Double {
        let gaps = activity.count - 1
        guard gaps > 1 else { return 0 }
        let span = activity.lastStart - activity.firstStart
        return Double(gaps &* activity.squaredGaps &- span &* span).squareRoot() / Double(gaps)
    }
}

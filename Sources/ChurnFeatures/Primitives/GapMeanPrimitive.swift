/// The mean number of calendar days between neighbouring transactions: (last - first) / (n - 1).
///
/// With a single transaction there is no gap yet; the time since then is the shortest that the gap can be, and is used.
enum GapMeanPrimitive: PrimitiveDefinition {
    static let unit = "days"
    static let formula = "(day of the last transaction - day of the first) / (n - 1); the recency after a single one"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "mean number of days between two \(feature.types) transactions"
    }

    @inline(__always)
    static func value(_ activity: ActivitySummary) -> Double {
        activity.count > 1
            ? Double(activity.lastStart - activity.firstStart) / Double(activity.count - 1)
            : RecencyPrimitive.value(activity)
    }
}

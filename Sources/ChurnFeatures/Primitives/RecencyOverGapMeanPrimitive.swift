/// Recency divided by the customer's own mean gap, which counts as at least one day: above 1, the customer is overdue.
enum RecencyOverGapMeanPrimitive: PrimitiveDefinition {
    static let unit = "mean gaps"
    static let formula = "recency / max(mean gap, 1 day)"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "days since the last \(feature.types), in multiples of the customer's own mean gap"
    }

    @inline(__always)
    static func value(_ activity: ActivitySummary) -> Double {
        RecencyPrimitive.value(activity) / max(GapMeanPrimitive.value(activity), 1)
    }
}

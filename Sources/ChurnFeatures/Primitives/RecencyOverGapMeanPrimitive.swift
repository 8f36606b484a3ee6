/// Recency divided by the customer's own mean gap, which counts as at least one day: above 1, the customer is overdue.
enum RecencyOverGapMeanPrimitive: PrimitiveDefinition {
    static func sentence(eventTypes: [String], window: FeatureWindow?) -> String {
        "days since the last \(words(eventTypes)), in multiples of the customer's own mean gap"
    }

    @inline(__always)
    static func value(_ activity: ActivitySummary) -> Double {
        RecencyPrimitive.value(activity) / max(GapMeanPrimitive.value(activity), 1)
    }
}

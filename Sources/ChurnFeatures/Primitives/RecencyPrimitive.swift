/// Calendar days from the last activity to the cutoff, the last line of an order included; one on the day before gives 1.
enum RecencyPrimitive: PrimitiveDefinition {
    static let unit = "days"
    static let formula = "day of c - day of the last row of activity"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "days since the last \(feature.types)"
    }

    @inline(__always)
    static func value(_ activity: ActivitySummary) -> Double { Double(activity.recency) }
}

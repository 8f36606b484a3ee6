/// Calendar days from the start of the first transaction to the cutoff.
enum TenurePrimitive: PrimitiveDefinition {
    static let unit = "days"
    static let formula = "day of c - day of the first transaction"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "days since the first \(feature.types)"
    }

    @inline(__always)
    static func value(_ activity: ActivitySummary) -> Double { Double(activity.tenure) }
}

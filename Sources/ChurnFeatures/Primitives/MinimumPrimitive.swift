/// The smallest amount of a row in the window; 0 without any.
enum MinimumPrimitive: PrimitiveDefinition {
    static let unit = "amount"
    static let formula = "smallest amount of a row with c - W <= t < c; 0 without any"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "smallest amount of a \(feature.types) row \(feature.period)"
    }
}

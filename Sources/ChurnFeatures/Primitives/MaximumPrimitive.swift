/// The largest amount of a row in the window; 0 without any.
enum MaximumPrimitive: PrimitiveDefinition {
    static let unit = "amount"
    static let formula = "largest amount of a row with c - W <= t < c; 0 without any"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "largest amount of a \(feature.types) row \(feature.period)"
    }
}

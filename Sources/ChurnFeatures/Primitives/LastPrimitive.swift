/// The amount of the last row in the window that has one; 0 without any.
enum LastPrimitive: PrimitiveDefinition {
    static let unit = "amount"
    static let formula = "amount of the last row with an amount and c - W <= t < c; 0 without any"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "amount of the last \(feature.types) row \(feature.period)"
    }
}

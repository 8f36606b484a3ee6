/// The sum of the quantities of all rows in the window.
enum QuantityPrimitive: PrimitiveDefinition {
    static let unit = "pieces"
    static let formula = "sum of the quantities of the rows with c - W <= t < c"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "sum of the quantities of \(feature.types) \(feature.period)"
    }
}

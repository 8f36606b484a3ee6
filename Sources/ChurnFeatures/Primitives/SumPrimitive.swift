/// The sum of the amounts of all rows in the window.
enum SumPrimitive: PrimitiveDefinition {
    static let unit = "amount"
    static let formula = "sum of the amounts of the rows with c - W <= t < c"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "sum of the amounts of \(feature.types) \(feature.period)"
    }
}

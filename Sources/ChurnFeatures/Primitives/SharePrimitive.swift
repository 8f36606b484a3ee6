/// The share of the transactions of some types among those of all types that the plan names; 0 without any.
enum SharePrimitive: PrimitiveDefinition {
    static let unit = "share"
    static let formula = "transactions of the type in the window / transactions of all types in it; 0 without any"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "share of \(feature.types) among all transactions \(feature.period)"
    }

    @inline(__always)
    static func value(_ part: Int, of whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }
}

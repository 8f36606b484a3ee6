/// How many transactions began in the window.
enum CountPrimitive: PrimitiveDefinition {
    static let unit = "transactions"
    static let formula = "number of transactions with c - W <= start < c"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "number of \(feature.types) transactions \(feature.period)"
    }

    @inline(__always)
    static func value(_ count: Int32) -> Double { Double(count) }
}

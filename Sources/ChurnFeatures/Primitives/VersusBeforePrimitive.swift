/// The transactions of the window in relation to the window before it: (a + 1) / (b + 1).
///
/// One is added on both sides so that nothing is divided by 0 and a single transaction does not look like a flood.
enum VersusBeforePrimitive: PrimitiveDefinition {
    static let unit = "ratio"
    static let emptyValue = 1.0
    static let formula =
        "(a + 1) / (b + 1), a the transactions with c - W <= start < c, b those with c - 2W <= start < c - W"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "\(feature.types) transactions \(feature.period), in relation to the same time before"
    }

    @inline(__always)
    static func value(_ now: Int, before: Int) -> Double { Double(now &+ 1) / Double(before &+ 1) }
}

/// The transactions of the window in relation to the same window a year earlier: (a + 1) / (b + 1).
enum VersusYearPrimitive: PrimitiveDefinition {
    static let unit = "ratio"
    static let emptyValue = 1.0
    static let formula =
        "(a + 1) / (b + 1), a the transactions with c - W <= start < c, b those with c - 1y - W <= start < c - 1y"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "\(feature.types) transactions \(feature.period), in relation to a year earlier"
    }
}

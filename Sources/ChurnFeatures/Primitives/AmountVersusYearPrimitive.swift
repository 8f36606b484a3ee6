/// The amounts of the window against the same window a year earlier: (a - b) / (|a| + |b|), from -1 to 1.
enum AmountVersusYearPrimitive: PrimitiveDefinition {
    static let unit = "share"
    static let formula =
        "(a - b) / (|a| + |b|), a the sum of amounts in the window, b in the same window a year earlier; 0 when both are 0"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "change of the sum of \(feature.types) amounts \(feature.period) against a year earlier, from -1 to 1"
    }
}

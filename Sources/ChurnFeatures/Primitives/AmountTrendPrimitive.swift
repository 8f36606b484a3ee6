/// The least-squares slope of the weekly sums of amounts; as `TrendPrimitive`, with sums in place of numbers.
enum AmountTrendPrimitive: PrimitiveDefinition {
    static let unit = "amount a week, each week"
    static let formula =
        "least-squares slope of the weekly sums of amounts over the whole weeks of W, counted back from c"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "by how much a week the weekly sum of \(feature.types) amounts changes \(feature.period)"
    }
}

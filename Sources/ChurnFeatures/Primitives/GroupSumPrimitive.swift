/// The sum of the amounts of all rows of the group of companies in the window, the customer's own included.
enum GroupSumPrimitive: PrimitiveDefinition {
    static let unit = "amount"
    static let formula =
        "sum of the members' sums of the amounts of the rows with c - W <= t < c, in the byte order of their ids"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "sum of the amounts of \(feature.types) of the whole group of companies \(feature.period)"
    }
}

/// How many transactions of all members of the group of companies began in the window, the customer's own included.
enum GroupCountPrimitive: PrimitiveDefinition {
    static let unit = "transactions"
    static let formula =
        "sum of the members' numbers of transactions with c - W <= start < c"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "number of \(feature.types) transactions of the whole group of companies \(feature.period)"
    }
}

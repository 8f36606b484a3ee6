/// How many customers of the group of companies had activity in the window, the customer himself included.
enum GroupActiveMembersPrimitive: PrimitiveDefinition {
    static let unit = "customers"
    static let formula =
        "members of the group at c with a row of activity in c - W <= t < c"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "number of customers of the group of companies with a \(feature.types) \(feature.period)"
    }
}

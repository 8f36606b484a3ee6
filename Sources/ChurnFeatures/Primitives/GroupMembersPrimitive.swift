/// How many customers of the group of companies were there before the cutoff, the customer himself included; 1 where he is alone.
enum GroupMembersPrimitive: PrimitiveDefinition {
    static let unit = "customers"
    static let emptyValue = 1.0
    static let formula =
        "customers of the group at c who have an event or the start of a contract before c"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "number of customers of the group of companies, the customer included"
    }
}

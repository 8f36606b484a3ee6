/// What a day with activity to come is worth: the customer's own mean, drawn to that of all the more the fewer days there were.
enum ExpectedValuePrimitive: PrimitiveDefinition {
    static let unit = "amount"
    static let formula =
        "E(amount of a day with activity | mean amount of those before c) by a gamma-gamma model of everybody's before c"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "amount to be expected on a day with \(feature.types)"
    }
}

/// On how many calendar days of the window a transaction began.
enum ActiveDaysPrimitive: PrimitiveDefinition {
    static let unit = "days"
    static let formula = "number of calendar days with a transaction that starts in c - W <= t < c"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "number of days with a \(feature.types) transaction \(feature.period)"
    }
}

/// How many different values of an attribute the rows in the window have; rows without a value do not count.
enum DistinctPrimitive: PrimitiveDefinition {
    static let unit = "values"
    static let formula = "number of different values of the attribute among the rows with c - W <= t < c"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "number of different values of \(feature.attribute ?? "") in \(feature.types) \(feature.period)"
    }
}

/// The median of the calendar days between neighbouring transactions; of an even number, the mean of the two in the middle.
///
/// After a single transaction the recency, as for the mean gap.
enum GapMedianPrimitive: PrimitiveDefinition {
    static let unit = "days"
    static let formula = "median of the n - 1 gaps; the recency after a single transaction"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "median number of days between two \(feature.types) transactions"
    }
}

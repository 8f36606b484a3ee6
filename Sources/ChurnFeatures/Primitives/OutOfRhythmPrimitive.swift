/// Recency divided by the customer's own median gap, which counts as at least one day.
///
/// Unlike the mean, the median forgives a single long break.
enum OutOfRhythmPrimitive: PrimitiveDefinition {
    static let unit = "median gaps"
    static let formula = "recency / max(median gap, 1 day)"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "days since the last \(feature.types), in multiples of the customer's own median gap"
    }

    @inline(__always)
    static func value(recency: Int, median: Double) -> Double { Double(recency) / max(median, 1) }
}

/// Days since the last event of some types, divided by the customer's own mean gap between days with one, which counts as at least
/// one day: above 1, the customer is silent for longer than usual.
///
/// With one day only there is no gap but the silence itself, and the value is 1.
enum SinceLastOverGapPrimitive: PrimitiveDefinition {
    static let unit = "mean gaps"
    static let formula =
        "days since the last row of the types / max(mean gap between days with one, 1 day); 1 without a gap"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "days since the last \(feature.types), in multiples of the customer's own mean gap between days with one"
    }

    /// - Parameters:
    ///   - days: since the last one.
    ///   - first: day of the first one.
    ///   - last: day of the last one.
    ///   - count: different days with one.
    @inline(__always)
    static func value(days: Int, first: Int, last: Int, count: Int) -> Double {
        let gap = count > 1 ? Double(last &- first) / Double(count &- 1) : Double(days)
        return Double(days) / max(gap, 1)
    }
}

/// The coefficient of variation of the gaps: standard deviation / mean; 0 for fewer than two gaps or a mean of 0.
enum GapVariationPrimitive: PrimitiveDefinition {
    static let unit = "ratio"
    static let formula = "standard deviation of the gaps / mean gap; 0 for fewer than two gaps or a mean of 0"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "how irregular the days between two \(feature.types) transactions are, in relation to their mean"
    }

    @inline(__always)
    static func value(_ activity: ActivitySummary) -> Double {
        let span = activity.lastStart - activity.firstStart
        guard activity.count > 2, span > 0 else { return 0 }
        return GapDeviationPrimitive.value(activity) / GapMeanPrimitive.value(activity)
    }
}

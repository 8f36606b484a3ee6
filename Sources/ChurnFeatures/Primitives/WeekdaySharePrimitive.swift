/// The share of the transactions in the window that began on one day of the week, on the study's calendar; 0 without any.
enum WeekdaySharePrimitive: PrimitiveDefinition {
    static let unit = "share"
    static let formula = "transactions in the window that start on the weekday / transactions in it; 0 without any"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "share of \(feature.types) transactions on a \(feature.partName) \(feature.period)"
    }
}

/// The share of the transactions in the window that began in one month of the year, on the study's calendar; 0 without any.
enum MonthSharePrimitive: PrimitiveDefinition {
    static let unit = "share"
    static let formula = "transactions in the window that start in the month / transactions in it; 0 without any"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "share of \(feature.types) transactions in \(feature.partName) \(feature.period)"
    }
}

/// The share of the transactions in the window that began in one part of the day, by the study's clock: night 0 to 6,
/// morning 6 to 12, afternoon 12 to 18, evening 18 to 24 o'clock; 0 without any.
enum DayPartSharePrimitive: PrimitiveDefinition {
    static let unit = "share"
    static let formula =
        "transactions in the window that start in the part of the day / transactions in it; 0 without any"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "share of \(feature.types) transactions in the \(feature.partName) \(feature.period)"
    }
}

/// By how many days the customer is late by his own median gap; 0 as long as he is not.
enum DaysOverduePrimitive: PrimitiveDefinition {
    static let unit = "days"
    static let formula = "max(0, recency - median gap)"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "days by which the next \(feature.types) is late, by the customer's own median gap"
    }

    @inline(__always)
    static func value(recency: Int, median: Double) -> Double { max(0, Double(recency) - median) }
}

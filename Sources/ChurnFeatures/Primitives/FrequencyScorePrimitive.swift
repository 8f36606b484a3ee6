/// The customer's fifth by number of transactions among the eligible customers of the cutoff: 5 for the most.
enum FrequencyScorePrimitive: PrimitiveDefinition {
    static let unit = "score"
    static let emptyValue = 1.0
    static let formula =
        "1 + number of cuts <= transactions before c; cuts are the 20, 40, 60, 80 % quantiles (type 7) among the eligible, plus 1"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "fifth by number of \(feature.types) transactions among all customers, 5 the most"
    }
}

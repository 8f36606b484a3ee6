/// The customer's fifth by sum of amounts among the eligible customers of the cutoff: 5 for the most.
enum MonetaryScorePrimitive: PrimitiveDefinition {
    static let unit = "score"
    static let emptyValue = 1.0
    static let formula =
        "1 + number of cuts <= sum of amounts before c; cuts are the 20, 40, 60, 80 % quantiles (type 7) among the eligible, plus 1"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "fifth by sum of \(feature.types) amounts among all customers, 5 the most"
    }
}

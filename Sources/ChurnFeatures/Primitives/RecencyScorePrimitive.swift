/// The customer's fifth by recency among the eligible customers of the cutoff: 5 for the most recent, 1 for the least.
///
/// As in the R package rfm: see `ScoreCuts`.
enum RecencyScorePrimitive: PrimitiveDefinition {
    static let unit = "score"
    static let emptyValue = 1.0
    static let formula =
        "5 - number of cuts <= recency; cuts are the 20, 40, 60, 80 % quantiles (type 7) among the eligible, plus 1"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "fifth by days since the last \(feature.types) among all customers, 5 the most recent"
    }
}

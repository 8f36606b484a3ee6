/// The probability that the customer has not left for good, from how often and how regularly there was activity.
enum AliveProbabilityPrimitive: PrimitiveDefinition {
    static let unit = "probability"
    static let formula = "P(not yet left | days with activity before c) by an MBG/NBD model of everybody's before c"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "probability of still being a customer, by the rhythm of \(feature.types)"
    }
}

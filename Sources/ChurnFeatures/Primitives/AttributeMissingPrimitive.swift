/// Whether nothing is known of a customer's attribute at the cutoff.
enum AttributeMissingPrimitive: PrimitiveDefinition {
    static let unit = "0 or 1"
    static let emptyValue = 1.0
    static let formula =
        "1 if there is no row with validFrom < c, or the last one is blank, or is no number where numbers are meant"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "whether \(feature.attribute ?? "") of the customer is not known"
    }
}

/// Whether a customer's attribute has one value, as it is known at the cutoff.
enum AttributeValuePrimitive: PrimitiveDefinition {
    static let unit = "0 or 1"
    static let formula = "1 if the last row with validFrom < c has the value"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "whether \(feature.attribute ?? "") of the customer is \(feature.value ?? "")"
    }
}

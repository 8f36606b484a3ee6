/// A customer's attribute as a number, as it is known at the cutoff; 0 where none is, which `_missing` tells apart.
enum AttributeNumberPrimitive: PrimitiveDefinition {
    static let unit = "as in the attribute"
    static let formula =
        "number of the last row with validFrom < c; 0 without one, or where the cell is blank or no number"

    static func sentence(_ feature: FeaturePlan.Feature) -> String { "\(feature.attribute ?? "") of the customer" }
}

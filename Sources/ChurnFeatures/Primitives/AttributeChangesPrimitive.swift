/// How often what is known of a customer changed before the cutoff.
enum AttributeChangesPrimitive: PrimitiveDefinition {
    static let unit = "changes"
    static let formula =
        "rows with validFrom < c that differ in any attribute from the customer's row before in the same entry of customers"

    static func sentence(_ feature: FeaturePlan.Feature) -> String { "number of changes of the customer's attributes" }

    @inline(__always)
    static func value(_ changes: AttributeChanges) -> Double { Double(changes.count) }
}

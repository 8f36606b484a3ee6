/// Calendar days since what is known of a customer last changed; since his first row where it never did, and 0 without one.
///
/// Several entries of `customers` count together: the last change of any, else the first row of all.
enum AttributeChangeAgePrimitive: PrimitiveDefinition {
    static let unit = "days"
    static let formula =
        "day of c - day of validFrom of the last change in any entry of customers, or of the first row of all where none changed; 0 without rows"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "days since the customer's attributes last changed"
    }

    /// - Parameter since: the day of the last change; `nil` without rows.
    @inline(__always)
    static func value(cutoffDay: Int, since: Int?) -> Double { since.map { Double(cutoffDay - $0) } ?? 0 }
}

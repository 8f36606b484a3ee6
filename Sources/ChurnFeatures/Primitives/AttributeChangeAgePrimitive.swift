/// Calendar days since what is known of a customer last changed; since his first row where it never did, and 0 without one.
enum AttributeChangeAgePrimitive: PrimitiveDefinition {
    static let unit = "days"
    static let formula =
        "day of c - day of validFrom of the last change, or of the first row where there is none; 0 without rows"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "days since the customer's attributes last changed"
    }

    /// - Parameter since: the day of the last change; `nil` without rows.
    @inline(__always)
    static func value(cutoffDay: Int, since: Int?) -> Double { since.map { Double(cutoffDay - $0) } ?? 0 }
}

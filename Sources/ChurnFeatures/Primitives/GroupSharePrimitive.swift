/// The share of the customer's own transactions among those of his group of companies; 0 where the group has none.
enum GroupSharePrimitive: PrimitiveDefinition {
    static let unit = "share"
    static let formula =
        "own transactions in the window / those of all members in it; 0 where the group has none"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "the customer's share of the \(feature.types) transactions of his group of companies \(feature.period)"
    }

    /// - Parameters: transactions of the customer, and of the whole group.
    @inline(__always)
    static func value(_ own: Double, of group: Double) -> Double { group > 0 ? own / group : 0 }
}

/// The transactions of a type for each transaction of the activity, such as returns for each purchase; 0 without activity.
///
/// Can be above 1: returns may come later than what they return.
enum RatioPrimitive: PrimitiveDefinition {
    static let unit = "ratio"
    static let formula =
        "transactions of the type in the window / transactions of the activity in it; 0 without activity"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "\(feature.types) transactions for each \(feature.among?.joined(separator: " or ") ?? "") transaction \(feature.period)"
    }
}

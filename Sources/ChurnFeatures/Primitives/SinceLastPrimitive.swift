/// Calendar days from the last row of a type to the cutoff; for who has none, the days since his first activity.
///
/// Never having asked is like having asked before the history began: any constant would be near to somebody's days.
enum SinceLastPrimitive: PrimitiveDefinition {
    static let unit = "days"
    static let formula = "day of c - day of the last row of the type; without one, the tenure; 0 without any activity"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "days since the last \(feature.types)"
    }
}

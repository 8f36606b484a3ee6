/// Calendar days from the last activity of any other member of the group of companies to the cutoff; where no other has any,
/// the days since the customer's own first, as for the types of events that he never had (`SinceLastPrimitive`).
enum GroupRecencyPrimitive: PrimitiveDefinition {
    static let unit = "days"
    static let formula =
        "day of c - day of the last row of activity of another member; the tenure where no other has any"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "days since the last \(feature.types) of another customer of the group of companies"
    }

    /// - Parameters:
    ///   - last: the day of the other members' last activity; not finite without any.
    ///   - tenure: days since the customer's first transaction.
    @inline(__always)
    static func value(cutoffDay: Int, last: Double, tenure: Double) -> Double {
        last.isFinite ? Double(cutoffDay) - last : tenure
    }
}

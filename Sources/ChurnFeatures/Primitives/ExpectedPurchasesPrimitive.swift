/// Days with activity that are to be expected from the cutoff on, if the customer goes on as before, or has left.
enum ExpectedPurchasesPrimitive: PrimitiveDefinition {
    static let unit = "days"
    static let formula =
        "E(days with activity in [c, c + W) | those before c) by an MBG/NBD model of everybody's before c"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "days with \(feature.types) to be expected in the \(feature.window?.name ?? "") to come, by the rhythm until then"
    }
}

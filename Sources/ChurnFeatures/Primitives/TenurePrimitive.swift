/// Calendar days from the first transaction to the cutoff.
enum TenurePrimitive: PrimitiveDefinition {
    static let unit = "days"
    static let emptyHistory = "none: who has no transaction is not eligible"

    static func sentence(eventTypes: [String], window: FeatureWindow?) -> String {
        "days since the first \(words(eventTypes))"
    }

    @inline(__always)
    static func value(_ activity: ActivitySummary) -> Double { Double(activity.cutoffDay - activity.firstDay) }
}

/// Calendar days from the last transaction to the cutoff; a transaction on the day before the cutoff gives 1.
enum RecencyPrimitive: PrimitiveDefinition {
    static let unit = "days"
    static let emptyHistory = "none: who has no transaction is not eligible"

    static func sentence(eventTypes: [String], window: FeatureWindow?) -> String {
        "days since the last \(words(eventTypes))"
    }

    @inline(__always)
    static func value(_ activity: ActivitySummary) -> Double { Double(activity.cutoffDay - activity.lastDay) }
}

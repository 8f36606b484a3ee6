/// Calendar days from the last activity to the cutoff, the last line of an order included; one on the day before gives 1.
enum RecencyPrimitive: PrimitiveDefinition {
    static func sentence(eventTypes: [String], window: FeatureWindow?) -> String {
        "days since the last \(words(eventTypes))"
    }

    @inline(__always)
    static func value(_ activity: ActivitySummary) -> Double { Double(activity.cutoffDay - activity.lastDay) }
}

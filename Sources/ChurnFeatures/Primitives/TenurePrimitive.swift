/// Calendar days from the start of the first transaction to the cutoff.
enum TenurePrimitive: PrimitiveDefinition {
    static func sentence(eventTypes: [String], window: FeatureWindow?) -> String {
        "days since the first \(words(eventTypes))"
    }

    @inline(__always)
    static func value(_ activity: ActivitySummary) -> Double { Double(activity.cutoffDay - activity.firstStart) }
}

/// The sum of the amounts in the window, divided by the transactions whose first amount is in it; 0 without any.
enum MeanPrimitive: PrimitiveDefinition {
    static func sentence(eventTypes: [String], window: FeatureWindow?) -> String {
        "mean amount of a \(words(eventTypes)) transaction \(words(window))"
    }

    @inline(__always)
    static func value(_ window: WindowSummary) -> Double {
        window.valuedCount > 0 ? window.sum / Double(window.valuedCount) : 0
    }
}

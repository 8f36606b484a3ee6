/// How many transactions began in the window.
enum CountPrimitive: PrimitiveDefinition {
    static func sentence(eventTypes: [String], window: FeatureWindow?) -> String {
        "number of \(words(eventTypes)) transactions \(words(window))"
    }

    @inline(__always)
    static func value(_ window: WindowSummary) -> Double { Double(window.count) }
}

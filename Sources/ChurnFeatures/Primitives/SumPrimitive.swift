/// The sum of the amounts of all rows in the window.
enum SumPrimitive: PrimitiveDefinition {
    static func sentence(eventTypes: [String], window: FeatureWindow?) -> String {
        "sum of the amounts of \(words(eventTypes)) \(words(window))"
    }

    @inline(__always)
    static func value(_ window: WindowSummary) -> Double { window.sum }
}

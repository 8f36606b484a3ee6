/// The sum of the amounts in the window, divided by the transactions with an amount that began in it.
enum MeanPrimitive: PrimitiveDefinition {
    static let unit = "currency a transaction"
    static let emptyHistory = "0: no transaction brought anything"

    static func sentence(eventTypes: [String], window: FeatureWindow?) -> String {
        "mean amount of a \(words(eventTypes)) transaction \(words(window))"
    }

    @inline(__always)
    static func value(_ window: WindowSummary) -> Double {
        window.valuedCount > 0 ? window.sum / Double(window.valuedCount) : 0
    }
}

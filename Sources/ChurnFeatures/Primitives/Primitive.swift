/// The kinds of feature there are. Each has its own file with its definition and its formula; the sweep applies the
/// cutoff and the window, never the primitive.
public enum Primitive: String, Sendable, Codable, CaseIterable {
    case count, sum, mean
    case recency, tenure
    case gapMean = "gap_mean"
    case gapDeviation = "gap_std"
    case recencyOverGapMean = "recency_over_gap_mean"

    /// What the primitive says of itself.
    public var definition: any PrimitiveDefinition.Type {
        switch self {
        case .count: CountPrimitive.self
        case .sum: SumPrimitive.self
        case .mean: MeanPrimitive.self
        case .recency: RecencyPrimitive.self
        case .tenure: TenurePrimitive.self
        case .gapMean: GapMeanPrimitive.self
        case .gapDeviation: GapDeviationPrimitive.self
        case .recencyOverGapMean: RecencyOverGapMeanPrimitive.self
        }
    }

    /// Whether the feature is of a window; else it is of the whole history before the cutoff.
    public var takesWindow: Bool {
        switch self {
        case .count, .sum, .mean: true
        case .recency, .tenure, .gapMean, .gapDeviation, .recencyOverGapMean: false
        }
    }
}

/// What a primitive says of itself.
public protocol PrimitiveDefinition {
    /// The feature in plain words.
    static func sentence(eventTypes: [String], window: FeatureWindow?) -> String
}

extension PrimitiveDefinition {
    static func words(_ eventTypes: [String]) -> String { eventTypes.joined(separator: " or ") }

    static func words(_ window: FeatureWindow?) -> String {
        window?.length == nil ? "before the cutoff" : "in the \(window?.name ?? "") before the cutoff"
    }
}

/// The transactions of one customer and event type inside a window.
struct WindowSummary {
    /// Transactions that begin in the window.
    var count: Int
    /// Transactions whose first amount is in the window.
    var valuedCount: Int
    /// Sum of the amounts of all rows in the window.
    var sum: Double
}

/// A customer's activity before a cutoff: transactions of the activity types, at least one.
struct ActivitySummary {
    var cutoffDay: Int
    /// Day of the last row.
    var lastDay: Int
    /// Days on which the first and the last transaction began.
    var firstStart: Int
    var lastStart: Int
    /// Transactions, at least 1.
    var count: Int
    /// Sum of the squares of the gaps between the starts of neighbouring transactions, in days²; exact.
    var squaredGaps: Int
}

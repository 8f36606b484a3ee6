/// The kinds of feature there are. Each has its own file with its definition and its formula; the sweep applies the
/// cutoff and the window, never the primitive.
public enum Primitive: String, Sendable, Codable, CaseIterable {
    case count, sum, mean
    case recency, tenure
    case gapMean = "gap_mean"
    case gapDeviation = "gap_std"
    case recencyOverGapMean = "recency_over_gap_mean"

    /// Name, unit, meaning.
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
    static var unit: String { get }
    /// The value of a customer who has nothing that the primitive could look at, and why it is that.
    static var emptyHistory: String { get }
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
    /// Those among them that have an amount.
    var valuedCount: Int
    /// Sum of the amounts of all rows in the window.
    var sum: Double
}

/// A customer's activity before a cutoff: transactions of the activity types, at least one.
struct ActivitySummary {
    var cutoffDay: Int
    var firstDay: Int
    var lastDay: Int
    /// Transactions, at least 1.
    var count: Int
    /// Sum of the squares of the gaps between neighbouring transactions, in days²; exact.
    var squaredGaps: Int
}

/// What a feature is like over all examples, reduced without keeping them.
public struct FeatureStatistics: Sendable, Equatable {
    public let name: String
    /// Examples.
    public let count: Int
    public let mean: Double
    /// Population standard deviation.
    public let standardDeviation: Double
    public let minimum: Double
    public let maximum: Double
    /// Share of the examples at which the feature is 0.
    public let shareOfZeros: Double
    /// Share of the examples at which it is not the value of an empty history.
    public let coverage: Double
    /// Sum of the values' bit patterns, modulo 2^64: equal for equal values in whatever order.
    public let checksum: UInt64
}

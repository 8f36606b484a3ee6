#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The standard normal distribution, for tests and intervals.
public enum NormalDistribution {
    /// The z with P(Z <= z) = 0.975, for intervals of 95 %.
    public static let quantile975 = 1.959963984540054

    /// P(Z <= z).
    public static func cumulative(_ z: Double) -> Double { 0.5 * erfc(-z / 2.0.squareRoot()) }

    /// P(|Z| >= |z|), accurate in the far tail.
    public static func twoSidedPValue(_ z: Double) -> Double { erfc(abs(z) / 2.0.squareRoot()) }
}

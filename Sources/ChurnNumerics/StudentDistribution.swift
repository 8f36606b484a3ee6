/// Student's t distribution, for intervals of means.
public enum StudentDistribution {
    /// P(|T| >= t).
    /// - Parameter degreesOfFreedom: positive.
    public static func twoSidedPValue(_ t: Double, degreesOfFreedom: Double) -> Double {
        BetaDistribution(alpha: degreesOfFreedom / 2, beta: 0.5)
            .cumulative(degreesOfFreedom / (degreesOfFreedom + t * t))
    }

    /// The t with P(|T| >= t) = 0.05, for intervals of 95 %, by bisection to rounding.
    /// - Parameter degreesOfFreedom: at least 1.
    public static func quantile975(degreesOfFreedom: Double) -> Double {
        var (low, high) = (1.0, 16.0)
        for _ in 0..<100 {
            let middle = (low + high) / 2
            if twoSidedPValue(middle, degreesOfFreedom: degreesOfFreedom) > 0.05 { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The beta distribution on [0, 1], for shares that are not known for certain.
public struct BetaDistribution: Sendable, Equatable, Codable {
    public let alpha: Double
    public let beta: Double

    /// - Parameters: both positive.
    public init(alpha: Double, beta: Double) {
        precondition(alpha > 0 && beta > 0, "the parameters of a beta distribution are positive")
        self.alpha = alpha
        self.beta = beta
    }

    public var mean: Double { alpha / (alpha + beta) }

    /// P(X <= x), the regularised incomplete beta function: its continued fraction (DLMF 8.17.22) on the side where it converges fast.
    public func cumulative(_ x: Double) -> Double {
        guard x > 0 else { return 0 }
        guard x < 1 else { return 1 }
        let isMirrored = x > (alpha + 1) / (alpha + beta + 2)
        let (a, b, z) = isMirrored ? (beta, alpha, 1 - x) : (alpha, beta, x)
        let logFactor =
            a * log(z) + b * log1p(-z) - GammaFunction.logGamma(a) - GammaFunction.logGamma(b)
            + GammaFunction.logGamma(a + b)
        let share = exp(logFactor) / a * Self.fraction(a, b, z)
        return min(max(isMirrored ? 1 - share : share, 0), 1)
    }

    /// ∫ x dP over [0, x]: the mean of what lies below, times its probability.
    public func partialMean(_ x: Double) -> Double {
        mean * BetaDistribution(alpha: alpha + 1, beta: beta).cumulative(x)
    }

    /// Lentz's evaluation of the continued fraction, as Thompson and Barnett (1986) have made it safe.
    private static func fraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
        let tiny = 1e-300
        func safe(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
        var c = 1.0
        var d = 1 / safe(1 - (a + b) * x / (a + 1))
        var value = d
        for step in 1...10_000 {
            let m = Double(step)
            var term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / safe(1 + term * d)
            c = safe(1 + term / c)
            value *= d * c
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / safe(1 + term * d)
            c = safe(1 + term / c)
            let change = d * c
            value *= change
            if abs(change - 1) < 1e-16 { break }
        }
        return value
    }
}

/// The logarithm of the gamma function and its derivative, for positive arguments.
///
/// Stirling's series (Abramowitz and Stegun 6.1.41 and 6.3.18) from 12 on, where its next term is below 1e-16; smaller
/// arguments are raised by the recurrence first. Only operations that give the same bits on every machine.
public enum GammaFunction {
    /// Where the series begins to be exact.
    private static let seriesStart = 12.0

    /// log Γ(x), to 1e-14 of itself or of 1.
    /// - Parameter x: positive.
    public static func logGamma(_ x: Double) -> Double {
        var x = x
        var product = 1.0
        while x < seriesStart {
            product *= x
            x += 1
        }
        let halfLogOf2Pi = 0.918938533204672742
        return (x - 0.5) * PortableMath.log(x) - x + halfLogOf2Pi + stirling(x) - PortableMath.log(product)
    }

    /// log Γ(x + d)/Γ(x), without the difference of two large numbers.
    /// - Parameters:
    ///   - x: positive.
    ///   - step: d, not negative.
    public static func logRatio(_ x: Double, step: Double) -> Double {
        guard x >= seriesStart else { return logGamma(x + step) - logGamma(x) }
        let end = x + step
        return (x - 0.5) * StableFunctions.log1p(step / x) + step * (PortableMath.log(end) - 1) + stirling(end)
            - stirling(x)
    }

    /// What is left of log Γ behind the leading terms of Stirling's series.
    private static func stirling(_ x: Double) -> Double {
        let inverse = 1 / x
        let square = inverse * inverse
        return inverse
            * (1.0 / 12
                - square
                * (1.0 / 360
                    - square
                    * (1.0 / 1260
                        - square * (1.0 / 1680 - square * (1.0 / 1188 - square * (691.0 / 360360 - square / 156))))))
    }

    /// Γ'(x)/Γ(x).
    /// - Parameter x: positive.
    public static func digamma(_ x: Double) -> Double {
        var x = x
        var sum = 0.0
        while x < seriesStart {
            sum += 1 / x
            x += 1
        }
        let inverse = 1 / x
        let square = inverse * inverse
        let series =
            square
            * (1.0 / 12
                - square
                * (1.0 / 120
                    - square
                    * (1.0 / 252
                        - square * (1.0 / 240 - square * (1.0 / 132 - square * (691.0 / 32760 - square / 12))))))
        return PortableMath.log(x) - 0.5 * inverse - series - sum
    }
}

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The chi-squared distribution, for tests.
public enum ChiSquaredDistribution {
    /// P(X >= x), the upper regularised incomplete gamma function Q(df/2, x/2): by its series below the mean, by Legendre's
    /// continued fraction above (Abramowitz and Stegun 1964, 6.5.29 and 6.5.31), accurate in the far tail.
    /// - Parameter degreesOfFreedom: positive.
    public static func survival(_ x: Double, degreesOfFreedom: Double) -> Double {
        let a = degreesOfFreedom / 2
        let z = x / 2
        guard z > 0 else { return 1 }
        guard z < .infinity else { return 0 }
        let logFactor = -z + a * log(z) - lgamma(a)
        if z < a + 1 {
            var term = 1 / a
            var sum = term
            var n = a
            while abs(term) > abs(sum) * 1e-17 {
                n += 1
                term *= z / n
                sum += term
            }
            return max(0, 1 - sum * exp(logFactor))
        }
        // Lentz's evaluation of 1/(z + 1 - a - 1(1 - a)/(z + 3 - a - …)).
        let tiny = 1e-300
        var b = z + 1 - a
        var c = 1 / tiny
        var d = 1 / b
        var fraction = d
        for n in 1...10_000 {
            let factor = -Double(n) * (Double(n) - a)
            b += 2
            d = factor * d + b
            if abs(d) < tiny { d = tiny }
            c = b + factor / c
            if abs(c) < tiny { c = tiny }
            d = 1 / d
            let change = d * c
            fraction *= change
            if abs(change - 1) < 1e-16 { break }
        }
        return exp(logFactor) * fraction
    }
}

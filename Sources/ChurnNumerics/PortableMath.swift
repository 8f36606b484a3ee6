/// Exponential and logarithm that give the same bits on every machine.
///
/// The C library picks another implementation of `exp` and `log` on hosts with fused multiply-add, and the results differ
/// in the last bit. Whatever must be reproducible across machines (features, scores, simulated worlds) uses these: only
/// IEEE additions, multiplications and divisions, in a fixed order. Both are within one unit in the last place.
public enum PortableMath {
    private static let log2e = 1.4426950408889634
    /// ln 2 in two parts: the first has its low bits zero, so that multiples by small integers are exact.
    private static let ln2High = 6.93147180369123816490e-01
    private static let ln2Low = 1.90821492927058770002e-10

    /// e to the power `x`. Overflows to infinity above 709.78, underflows to 0 below -745.13; NaN stays NaN.
    public static func exp(_ x: Double) -> Double {
        guard x == x else { return x }
        if x > 709.782712893384 { return .infinity }
        if x < -745.1332191019412 { return 0 }
        let k = (x * log2e).rounded(.toNearestOrEven)
        let high = x - k * ln2High
        let low = k * ln2Low
        let r = high - low
        // Fdlibm's rational form: exp(r) = 1 + 2r / (R(r) - r) with R even; c carries what rounding of r lost.
        let t = r * r
        let c =
            r - t
            * (1.66666666666666019037e-01
                + t
                * (-2.77777777770155933842e-03
                    + t
                    * (6.61375632143793436117e-05
                        + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))))
        let y = 1 - ((low - (r * c) / (2 - c)) - high)
        let exponent = Int(k)
        if exponent >= -1021, exponent <= 1023 {
            return y * Double(bitPattern: UInt64(exponent + 1023) << 52)
        }
        // In two steps where 2^k itself is not a normal number.
        let half = exponent / 2
        return y * Double(bitPattern: UInt64(half + 1023) << 52)
            * Double(bitPattern: UInt64(exponent - half + 1023) << 52)
    }

    /// Natural logarithm. -infinity at 0, NaN below.
    public static func log(_ x: Double) -> Double {
        guard x > 0, x < .infinity else {
            if x == 0 { return -.infinity }
            return x == .infinity ? .infinity : .nan
        }
        var exponent = x.exponent
        var mantissa = x.significand
        if mantissa > 1.4142135623730951 {
            mantissa /= 2
            exponent += 1
        }
        // log(1+f) = f - f²/2 + s (f²/2 + R(s²)) with s = f / (2 + f): fdlibm's arrangement and minimax coefficients.
        let f = mantissa - 1
        let s = f / (2 + f)
        let z = s * s
        let w = z * z
        let even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
        let odd =
            z
            * (6.666666666666735130e-01
                + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)))
        let halfSquare = 0.5 * f * f
        let k = Double(exponent)
        return k * ln2High - ((halfSquare - (s * (halfSquare + even + odd) + k * ln2Low)) - f)
    }
}

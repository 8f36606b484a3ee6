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
    /// 1.5·2⁵²: numbers beside it have no digits behind the point, and the low bits of the sum are the integer.
    private static let integerBits = 0x1.8p52
    private typealias Lanes = SIMD8<Double>
    /// Up to here the power of two is a normal number.
    private static let plainArgument = 700.0

    /// e to the power `x`. Overflows to infinity above 709.78, underflows to 0 below -745.13; NaN stays NaN.
    public static func exp(_ x: Double) -> Double {
        guard x == x else { return x }
        if x > 709.782712893384 { return .infinity }
        if x < -745.1332191019412 { return 0 }
        let k = (x * log2e + integerBits) - integerBits
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

    /// e to the power of each of some numbers, eight at a time, with the bits of `exp` of one.
    /// - Parameter result: may be `arguments`.
    public static func exp(
        _ arguments: UnsafePointer<Double>,
        count: Int,
        into result: UnsafeMutablePointer<Double>
    ) {
        let lanes = Lanes.scalarCount
        var next = 0
        while next + lanes <= count {
            let x = UnsafeRawPointer(arguments + next).loadUnaligned(as: Lanes.self)
            // A comparison with what is not a number is false.
            if all((x .<= plainArgument) .& (x .>= -plainArgument)) {
                UnsafeMutableRawPointer(result + next).storeBytes(of: plainExp(x), as: Lanes.self)
            } else {
                for place in next..<next + lanes { result[place] = exp(arguments[place]) }
            }
            next += lanes
        }
        for place in next..<max(next, count) { result[place] = exp(arguments[place]) }
    }

    /// The operations of `exp` in the same order.
    @inline(__always)
    private static func plainExp(_ x: Lanes) -> Lanes {
        let shifted = x * log2e + integerBits
        let k = shifted - integerBits
        let high = x - k * ln2High
        let low = k * ln2Low
        let r = high - low
        let t = r * r
        let fourth = -1.65339022054652515390e-06 + t * 4.13813679705723846039e-08
        let third = 6.61375632143793436117e-05 + t * fourth
        let second = -2.77777777770155933842e-03 + t * third
        let first = 1.66666666666666019037e-01 + t * second
        let c = r - t * first
        let y = 1 - ((low - (r * c) / (2 - c)) - high)
        let power = (unsafeBitCast(shifted, to: SIMD8<UInt64>.self) &+ 1023) &<< 52
        return y * unsafeBitCast(power, to: Lanes.self)
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

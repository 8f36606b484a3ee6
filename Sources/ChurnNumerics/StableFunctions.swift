/// The functions of a logistic model, written so that no argument overflows, cancels or loses its tail.
public enum StableFunctions {
    /// 1 / (1 + e^-x): exact to rounding for any x, 0 and 1 only where a Double cannot say more.
    @inline(__always)
    public static func sigmoid(_ x: Double) -> Double {
        let e = PortableMath.exp(-abs(x))
        return x >= 0 ? 1 / (1 + e) : e / (1 + e)
    }

    /// log(1 + e^x), without overflow for large x and without cancellation for very negative x.
    @inline(__always)
    public static func softplus(_ x: Double) -> Double {
        max(x, 0) + log1pOfSmall(PortableMath.exp(-abs(x)))
    }

    /// The logistic loss of a linear predictor: -log P(y). `label` is 0 or 1; nothing is clipped.
    @inline(__always)
    public static func logLoss(label: Double, linearPredictor: Double) -> Double {
        label > 0.5 ? softplus(-linearPredictor) : softplus(linearPredictor)
    }

    /// log(p / (1 - p)) for p in (0, 1); infinite at the ends.
    public static func logit(_ p: Double) -> Double {
        PortableMath.log(p) - PortableMath.log(1 - p)
    }

    /// e^x - 1, to rounding for tiny x too (Kahan's correction, as in Higham 2002, section 1.14.1).
    public static func expm1(_ x: Double) -> Double {
        let power = PortableMath.exp(x)
        if power == 1 { return x }
        let difference = power - 1
        return difference == -1 || power == .infinity ? difference : difference * x / PortableMath.log(power)
    }

    /// log(1 + x) for x from 0 on, to rounding for tiny x too.
    @inline(__always)
    public static func log1p(_ x: Double) -> Double { x <= 1 ? log1pOfSmall(x) : PortableMath.log(1 + x) }

    /// log(1 + x) for x in [0, 1], to rounding for tiny x too (the correction of Goldberg 1991, theorem 4).
    @inline(__always)
    public static func log1pOfSmall(_ x: Double) -> Double {
        let sum = 1 + x
        return sum == 1 ? x : PortableMath.log(sum) * x / (sum - 1)
    }
}

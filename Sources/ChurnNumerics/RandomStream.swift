/// A reproducible stream of random numbers, found by what it is for and not by when it is asked.
///
/// The generator is Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
/// It is counter based: the stream of customer 17 is the same whether customer 16 was drawn before it, after it or on
/// another thread. `(seed, purpose)` make the key, `index` is the high half of the counter, the position in the stream
/// its low half.
///
/// No draw uses a mathematical function of the host's C library, so that a seed gives the same bytes on every machine.
public struct RandomStream: RandomNumberGenerator, Sendable {
    private let key: SIMD2<UInt32>
    private let index: UInt64
    private var position: UInt64 = 0
    private var pending: UInt64?
    private var pendingNormal: Double?

    /// - Parameters:
    ///   - seed: the user's seed.
    ///   - purpose: what the numbers are for, such as `"split"`; different purposes never share numbers.
    ///   - index: which of the many streams of that purpose, such as a customer's number.
    public init(seed: UInt64, purpose: StaticString, index: UInt64 = 0) {
        let mixed = StableHash.mix(seed ^ purpose.withUTF8Buffer { StableHash.fnv1a($0) })
        self.key = SIMD2(UInt32(truncatingIfNeeded: mixed), UInt32(truncatingIfNeeded: mixed >> 32))
        self.index = index
    }

    public mutating func next() -> UInt64 {
        if let second = pending {
            pending = nil
            return second
        }
        let counter = SIMD4(
            UInt32(truncatingIfNeeded: position),
            UInt32(truncatingIfNeeded: position >> 32),
            UInt32(truncatingIfNeeded: index),
            UInt32(truncatingIfNeeded: index >> 32)
        )
        position &+= 1
        let block = RandomStream.philox(counter: counter, key: key)
        pending = UInt64(block[2]) | UInt64(block[3]) << 32
        return UInt64(block[0]) | UInt64(block[1]) << 32
    }

    /// Ten rounds of Philox4x32.
    static func philox(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
        var c = counter
        var k = key
        for _ in 0..<10 {
            let first = UInt64(c[0]) &* 0xD251_1F53
            let second = UInt64(c[2]) &* 0xCD9E_8D57
            c = SIMD4(
                UInt32(truncatingIfNeeded: second >> 32) ^ c[1] ^ k[0],
                UInt32(truncatingIfNeeded: second),
                UInt32(truncatingIfNeeded: first >> 32) ^ c[3] ^ k[1],
                UInt32(truncatingIfNeeded: first)
            )
            k = SIMD2(k[0] &+ 0x9E37_79B9, k[1] &+ 0xBB67_AE85)
        }
        return c
    }
}

// MARK: - Distributions

extension RandomStream {
    /// Uniform on [0, 1), a multiple of 2^-53.
    public mutating func uniform() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// Uniform on (0, 1): never 0, so that its logarithm is finite.
    public mutating func openUniform() -> Double {
        (Double(next() >> 12) + 0.5) * 0x1p-52
    }

    /// `true` with the given probability; a probability of 0 or less never, of 1 or more always.
    public mutating func bernoulli(_ probability: Double) -> Bool {
        uniform() < probability
    }

    /// A whole number in `0..<bound`, without modulo bias. `bound` must be positive.
    public mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "bound must be positive")
        return Int(truncatingIfNeeded: next(upperBound: UInt64(bound)))
    }

    /// Standard normal, by Marsaglia's polar method.
    public mutating func normal() -> Double {
        if let second = pendingNormal {
            pendingNormal = nil
            return second
        }
        while true {
            let u = 2 * uniform() - 1
            let v = 2 * uniform() - 1
            let s = u * u + v * v
            if s > 0, s < 1 {
                let scale = (-2 * PortableMath.log(s) / s).squareRoot()
                pendingNormal = v * scale
                return u * scale
            }
        }
    }

    /// Exponential with the given mean, which must be positive.
    public mutating func exponential(mean: Double) -> Double {
        -mean * PortableMath.log(openUniform())
    }

    /// Gamma with the given shape and scale, both positive (Marsaglia and Tsang 2000).
    public mutating func gamma(shape: Double, scale: Double) -> Double {
        precondition(shape > 0 && scale > 0, "shape and scale must be positive")
        if shape < 1 {
            let boost = PortableMath.exp(PortableMath.log(openUniform()) / shape)
            return gamma(shape: shape + 1, scale: scale) * boost
        }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let t = 1 + c * x
            guard t > 0 else { continue }
            let v = t * t * t
            if PortableMath.log(openUniform()) < 0.5 * x * x + d - d * v + d * PortableMath.log(v) {
                return d * v * scale
            }
        }
    }

    /// Poisson with the given mean: by multiplication (Knuth) up to 30, beyond that as a sum of smaller ones.
    public mutating func poisson(mean: Double) -> Int {
        guard mean > 0 else { return 0 }
        precondition(mean < .infinity, "mean must be finite")
        var remaining = mean
        var count = 0
        while remaining > 0 {
            let part = min(remaining, 30)
            remaining -= part
            let limit = PortableMath.exp(-part)
            var product = openUniform()
            while product > limit {
                count += 1
                product *= openUniform()
            }
        }
        return count
    }

    /// The numbers `0..<count` in random order (Fisher and Yates).
    public mutating func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        for last in stride(from: count - 1, to: 0, by: -1) {
            order.swapAt(last, below(last + 1))
        }
        return order
    }
}

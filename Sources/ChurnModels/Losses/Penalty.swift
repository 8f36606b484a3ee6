/// What a fit adds to the loss so that coefficients stay small: an elastic net, l1·Σ|βⱼ| + l2/2·Σβⱼ².
public struct Penalty: Sendable, Equatable, Codable {
    /// What the strengths are measured against.
    public enum Scale: String, Sendable, Codable {
        /// The sum of the rows' losses, as in scikit-learn and LIBLINEAR.
        case sum
        /// Their mean, weights included, as in glmnet. Factors of columns are scaled to the mean 1, as glmnet does.
        case mean
    }

    /// 0 for none.
    public let l1: Double
    /// 0 for none.
    public let l2: Double
    public let scale: Scale
    /// Whether the intercept counts as a coefficient, as LIBLINEAR has it.
    public let penalisesIntercept: Bool

    /// - Throws: `invalidHyperparameter` for a strength that is neither 0 nor from 1e-100 to 1e100.
    public init(
        l1: Double = 0,
        l2: Double = 0,
        scale: Scale = .sum,
        penalisesIntercept: Bool = false
    ) throws(ModelError) {
        for (name, value) in [("l1", l1), ("l2", l2)] where !Magnitude.allows(value) {
            throw .invalidHyperparameter(name: name, value: value, allowed: Magnitude.words)
        }
        self.init(unchecked: (l1, l2), scale, penalisesIntercept)
    }

    private init(unchecked strengths: (l1: Double, l2: Double), _ scale: Scale, _ penalisesIntercept: Bool) {
        (l1, l2) = strengths
        self.scale = scale
        self.penalisesIntercept = penalisesIntercept
    }

    public static let none = Penalty(unchecked: (0, 0), .sum, false)

    /// scikit-learn minimises c·Σ loss + l1Ratio·Σ|βⱼ| + (1 - l1Ratio)/2·Σβⱼ².
    /// - Parameters:
    ///   - c: from 1e-100 to 1e100.
    ///   - l1Ratio: 0 for L2, 1 for L1.
    public static func scikitLearn(c: Double, l1Ratio: Double = 0) throws(ModelError) -> Penalty {
        try requirePositive(c)
        try requireShare("l1Ratio", l1Ratio)
        return Penalty(unchecked: (l1Ratio / c, (1 - l1Ratio) / c), .sum, false)
    }

    /// glmnet minimises the mean loss + lambda·(alpha·Σ|βⱼ| + (1 - alpha)/2·Σβⱼ²).
    /// - Parameters:
    ///   - lambda: 0, or from 1e-100 to 1e100.
    ///   - alpha: 0 for L2, 1 for L1.
    public static func glmnet(lambda: Double, alpha: Double = 1) throws(ModelError) -> Penalty {
        guard Magnitude.allows(lambda) else {
            throw .invalidHyperparameter(name: "lambda", value: lambda, allowed: Magnitude.words)
        }
        try requireShare("alpha", alpha)
        return Penalty(unchecked: (lambda * alpha, lambda * (1 - alpha)), .mean, false)
    }

    /// LIBLINEAR minimises c·Σ loss + (β₀² + Σβⱼ²)/2.
    /// - Parameter c: from 1e-100 to 1e100.
    public static func liblinear(c: Double) throws(ModelError) -> Penalty {
        try requirePositive(c)
        return try Penalty(l2: 1 / c, penalisesIntercept: true)
    }

    private static func requirePositive(_ c: Double) throws(ModelError) {
        guard c > 0, Magnitude.allows(c) else {
            throw .invalidHyperparameter(
                name: "C",
                value: c,
                allowed: "from \(Magnitude.smallest) to \(Magnitude.largest)"
            )
        }
    }

    private static func requireShare(_ name: String, _ value: Double) throws(ModelError) {
        guard value >= 0, value <= 1 else {
            throw .invalidHyperparameter(name: name, value: value, allowed: "between 0 and 1")
        }
    }

    public var isNone: Bool { l1 == 0 && l2 == 0 }

    private enum CodingKeys: String, CodingKey {
        case l1, l2, scale, penalisesIntercept
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let l1 = try container.decode(Double.self, forKey: .l1)
        let l2 = try container.decode(Double.self, forKey: .l2)
        guard l1 >= 0, l2 >= 0, l1.isFinite, l2.isFinite else {
            throw ModelError.malformedModel("a penalty's strength is negative or not finite")
        }
        self.init(
            unchecked: (l1, l2),
            try container.decode(Scale.self, forKey: .scale),
            try container.decode(Bool.self, forKey: .penalisesIntercept)
        )
    }
}

/// A penalty as a fit needs it: the strength of each coefficient, the intercept's first, against the sum of the losses.
struct CoefficientPenalty: Equatable {
    /// p + 1 numbers.
    let l1: [Double]
    /// p + 1 numbers.
    let l2: [Double]

    /// - Parameters:
    ///   - factors: one a column; `nil` for all 1.
    ///   - totalWeight: of the rows.
    init(_ penalty: Penalty, factors: [Double]?, columnCount: Int, totalWeight: Double) {
        var factors = factors ?? [Double](repeating: 1, count: columnCount)
        let sum = factors.reduce(0, +)
        if penalty.scale == .mean, sum > 0 {
            let mean = sum / Double(columnCount)
            factors = factors.map { $0 / mean }
        }
        factors.insert(penalty.penalisesIntercept ? 1 : 0, at: 0)
        let scale = penalty.scale == .mean ? totalWeight : 1
        l1 = factors.map { $0 * penalty.l1 * scale }
        l2 = factors.map { $0 * penalty.l2 * scale }
    }

    init(l1: [Double], l2: [Double]) {
        self.l1 = l1
        self.l2 = l2
    }

    var hasL1: Bool { l1.contains { $0 > 0 } }

    /// Columns of the design that nothing holds.
    var unpenalisedColumns: [Int] { l1.indices.dropFirst().filter { l1[$0] == 0 && l2[$0] == 0 }.map { $0 - 1 } }

    func value(at point: [Double]) -> Double {
        var sum = 0.0
        for (element, coefficient) in point.enumerated() {
            sum += l1[element] * abs(coefficient) + 0.5 * l2[element] * coefficient * coefficient
        }
        return sum
    }
}

import ChurnNumerics

/// The beta-geometric/negative binomial model of repeat purchases (Fader, Hardie and Lee 2005) and its modification
/// (Batislam, Denizel and Filiztekin 2007).
///
/// While they are customers they buy at a rate of their own, gamma distributed (`r`, `alpha`); after a purchase they leave with
/// a probability of their own, beta distributed (`a`, `b`). In the modified model they may leave after the first purchase, too,
/// so that who never came back need not be alive.
public struct BetaGeometricNBD: Sendable, Equatable {
    public let isModified: Bool

    public init(isModified: Bool = false) { self.isModified = isModified }

    /// - Parameter threads: must be positive; the result does not depend on it.
    /// - Throws: `notIdentified` where nobody came back, or where the customers do not tell a parameter.
    public func fit(_ histories: PurchaseHistories, threads: Int) throws(ModelError) -> FittedBetaGeometricNBD {
        let model = Likelihood(isModified: isModified)
        guard histories.frequencies.contains(where: { $0 > 0 }) else {
            throw .notIdentified(model: model.modelName, reason: "nobody bought more than once")
        }
        let age = histories.meanAge
        let fit = try MaximumLikelihood(model: model, threads: threads).fit(
            histories,
            starts: [[0.5, age / 4, 1, 2], [1, age, 0.5, 1], [0.2, age / 10, 2, 8]]
        )
        return FittedBetaGeometricNBD(isModified: isModified, fit: fit)
    }

    /// Chances to leave that a customer has let pass before the last purchase; -1 where there was none at all.
    static func passedChances(_ frequency: Int, isModified: Bool) -> Int { isModified ? frequency : frequency - 1 }

    struct Likelihood: LikelihoodModel {
        let isModified: Bool

        static let parameterNames = ["r", "alpha", "a", "b"]
        var modelName: String { isModified ? "MBG/NBD" : "BG/NBD" }

        /// The rising factorials of r, b and a + b.
        struct Shared {
            let rate: RisingFactorials
            let staying: RisingFactorials
            let either: RisingFactorials
        }

        func customerCount(_ histories: PurchaseHistories) -> Int { histories.count }

        func sample(of histories: PurchaseHistories, every step: Int) -> PurchaseHistories {
            histories.grouped(every: step)
        }

        func weight(_ customer: Int, of histories: PurchaseHistories) -> Double { histories.weights[customer] }

        func shared(_ parameters: [Double], _ histories: PurchaseHistories) -> Shared {
            let last = histories.frequencies.reduce(0, max) + 1
            return Shared(
                rate: RisingFactorials(of: parameters[0], upTo: last),
                staying: RisingFactorials(of: parameters[3], upTo: last),
                either: RisingFactorials(of: parameters[2] + parameters[3], upTo: last)
            )
        }

        func evaluate(
            _ customer: Int,
            of histories: PurchaseHistories,
            _ parameters: [Double],
            _ shared: Shared,
            into result: UnsafeMutablePointer<Double>
        ) {
            let (r, alpha, a, b) = (parameters[0], parameters[1], parameters[2], parameters[3])
            let (recency, age) = (histories.recencies[customer], histories.ages[customer])
            let frequency = histories.frequencies[customer]
            let passed = passedChances(frequency, isModified: isModified)
            let shape = r + Double(frequency)
            let (logAlpha, logAge) = (PortableMath.log(alpha), PortableMath.log(alpha + age))
            var value = shared.rate.logarithm(frequency) + r * logAlpha
            // The weight of having left after the last purchase, against being there still.
            var left = 0.0
            var logTime = logAge
            if passed < 0 {
                value -= shape * logAge
                result[3] = 0
                result[4] = 0
            } else {
                let logRecency = PortableMath.log(alpha + recency)
                let chances = b + Double(passed)
                let stays = PortableMath.log(chances) - shape * logAge
                let leaves = PortableMath.log(a) - shape * logRecency
                left = StableFunctions.sigmoid(leaves - stays)
                value += shared.staying.logarithm(passed) - shared.either.logarithm(passed + 1)
                value += max(stays, leaves) + StableFunctions.softplus(-abs(stays - leaves))
                logTime = (1 - left) * logAge + left * logRecency
                let either = shared.either.slope(passed + 1)
                result[3] = left / a - either
                result[4] = shared.staying.slope(passed) - either + (1 - left) / chances
            }
            result[0] = value
            result[1] = shared.rate.slope(frequency) + logAlpha - logTime
            result[2] = r / alpha - shape * ((1 - left) / (alpha + age) + left / (alpha + recency))
        }
    }
}

/// A fitted BG/NBD or MBG/NBD model.
public struct FittedBetaGeometricNBD: Sendable, Equatable {
    public let isModified: Bool
    public let fit: LikelihoodFit

    public var r: Double { fit.parameters[0] }
    /// In the unit of the histories' times.
    public var alpha: Double { fit.parameters[1] }
    public var a: Double { fit.parameters[2] }
    public var b: Double { fit.parameters[3] }

    /// The probability that a customer has not left yet; 1 for who never came back, except in the modified model.
    public func probabilityAlive(frequency: Int, recency: Double, age: Double) -> Double {
        1 / (1 + oddsOfHavingLeft(frequency, recency, age))
    }

    /// Purchases that a customer is expected to make within a time after the end of the observation.
    /// - Parameter time: not negative. NaN where the series does not end: with times of more than some thousand times alpha + age,
    ///   or with `a` and the frequency above a hundred both.
    public func expectedPurchases(within time: Double, frequency: Int, recency: Double, age: Double) -> Double {
        guard time >= 0, time.isFinite else { return .nan }
        let passed = BetaGeometricNBD.passedChances(frequency, isModified: isModified)
        let third = a + b + Double(passed)
        let share = time / (alpha + age + time)
        let logRemainder = -StableFunctions.log1p(time / (alpha + age))
        let power = (a - 1) * logRemainder
        let perChance: Double
        if power > Self.leastPower {
            // Euler's transformation of the published F makes of it third·(1 - (1 - z)^(a-1) F)/(a - 1), with
            // F = 1 + (a - 1)/third·rest, which has a limit at a = 1.
            let rest = Self.hypergeometricRest(isModified ? a + b - r : a + b - 1 - r, a - 1, third, at: share)
            let slope = a == 1 ? logRemainder : StableFunctions.expm1(power) / (a - 1)
            perChance = -(third * slope + PortableMath.exp(power) * rest)
        } else {
            let shape = r + Double(frequency)
            let rest = Self.hypergeometricRest(shape, b + Double(passed + 1), third, at: share)
            let series = 1 + (b + Double(passed + 1)) / third * rest
            perChance = third / (a - 1) * (1 - PortableMath.exp(shape * logRemainder) * series)
        }
        return perChance / (1 + oddsOfHavingLeft(frequency, recency, age))
    }

    /// Of e, below which the transformed series loses its digits, and the published one keeps them.
    private static let leastPower = -30.0

    private func oddsOfHavingLeft(_ frequency: Int, _ recency: Double, _ age: Double) -> Double {
        let passed = BetaGeometricNBD.passedChances(frequency, isModified: isModified)
        if passed < 0 { return 0 }
        let logRatio = StableFunctions.log1p((age - recency) / (alpha + recency))
        return a / (b + Double(passed)) * PortableMath.exp((r + Double(frequency)) * logRatio)
    }

    private static let mostTerms = 1e6

    /// third·(F(first, second; third; z) - 1)/second of Gauss' hypergeometric function, by its series; NaN where that is too long.
    private static func hypergeometricRest(_ first: Double, _ second: Double, _ third: Double, at z: Double) -> Double {
        var term = first * z
        var sum = term
        var number = 1.0
        while abs(term) > 1e-17 * abs(sum) {
            term *= (first + number) * (second + number) / ((third + number) * (number + 1)) * z
            sum += term
            number += 1
            if number > mostTerms { return .nan }
        }
        return sum
    }
}

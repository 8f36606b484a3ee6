import ChurnNumerics

/// The Pareto/negative binomial model of repeat purchases (Schmittlein, Morrison and Colombo 1987).
///
/// While they are customers they buy at a rate of their own, gamma distributed (`r`, `alpha`); they leave at any time, at a
/// rate of their own, gamma distributed, too (`s`, `beta`).
public struct ParetoNBD: Sendable, Equatable {
    public init() {}

    /// - Parameter threads: must be positive; the result does not depend on it.
    /// - Throws: `notIdentified` where nobody came back, or where the customers do not tell a parameter.
    public func fit(_ histories: PurchaseHistories, threads: Int) throws(ModelError) -> FittedParetoNBD {
        guard histories.frequencies.contains(where: { $0 > 0 }) else {
            throw .notIdentified(model: Likelihood().modelName, reason: "nobody bought more than once")
        }
        let age = histories.meanAge
        let fit = try MaximumLikelihood(model: Likelihood(), threads: threads).fit(
            histories,
            starts: [[0.5, age / 4, 0.5, age / 4], [1, age, 1, age], [0.3, age / 10, 0.8, age]]
        )
        return FittedParetoNBD(fit: fit)
    }

    struct Likelihood: LikelihoodModel {
        static let parameterNames = ["r", "alpha", "s", "beta"]
        var modelName: String { "Pareto/NBD" }

        func customerCount(_ histories: PurchaseHistories) -> Int { histories.count }

        func sample(of histories: PurchaseHistories, every step: Int) -> PurchaseHistories {
            histories.grouped(every: step)
        }

        func weight(_ customer: Int, of histories: PurchaseHistories) -> Double { histories.weights[customer] }

        func shared(_ parameters: [Double], _ histories: PurchaseHistories) -> RisingFactorials {
            RisingFactorials(of: parameters[0], upTo: histories.frequencies.reduce(0, max))
        }

        func evaluate(
            _ customer: Int,
            of histories: PurchaseHistories,
            _ parameters: [Double],
            _ rate: RisingFactorials,
            into result: UnsafeMutablePointer<Double>
        ) {
            let (r, alpha, s, beta) = (parameters[0], parameters[1], parameters[2], parameters[3])
            let frequency = histories.frequencies[customer]
            let departure = Departure(
                shape: r + Double(frequency),
                alpha: alpha,
                s: s,
                beta: beta,
                recency: histories.recencies[customer],
                age: histories.ages[customer]
            )
            let (left, logAlpha, logBeta) = (departure.left, PortableMath.log(alpha), PortableMath.log(beta))
            result[0] = rate.logarithm(frequency) + r * logAlpha + s * logBeta + departure.logTotal
            result[1] = rate.slope(frequency) + logAlpha - departure.logBuyingTime
            result[2] = r / alpha - departure.shape * departure.inverseBuyingTime
            result[3] = logBeta + left / s - departure.logStayingTime
            result[4] = s / beta - (s + left) * departure.inverseStayingTime
        }
    }
}

/// Whether a customer has left between the last purchase and the end, and when: Pareto/NBD's two ways to the same history.
///
/// Who is there still has (alpha + T)^-(r+x)·(beta + T)^-s, who left s·∫(alpha + y)^-(r+x)·(beta + y)^-(s+1) dy from t_x to T:
/// the integral of the joint density, which the published formulas write as a difference of two hypergeometric functions.
private struct Departure {
    /// r + x.
    let shape: Double
    /// The probabilities that the customer has left, and has not.
    private(set) var left = 0.0
    private(set) var alive = 1.0
    /// The logarithm of the sum of both.
    private(set) var logTotal: Double
    /// The means over both, and over the time of leaving, of log(alpha + y), 1/(alpha + y), log(beta + y) and 1/(beta + y), the last
    /// with weights s for staying and s + 1 for leaving, of s + left.
    private(set) var logBuyingTime: Double
    private(set) var inverseBuyingTime: Double
    private(set) var logStayingTime: Double
    private(set) var inverseStayingTime: Double

    init(shape: Double, alpha: Double, s: Double, beta: Double, recency: Double, age: Double) {
        self.shape = shape
        let (logAlpha, logBeta) = (PortableMath.log(alpha + age), PortableMath.log(beta + age))
        let stays = -shape * logAlpha - s * logBeta
        logTotal = stays
        logBuyingTime = logAlpha
        inverseBuyingTime = 1 / (alpha + age)
        logStayingTime = logBeta
        inverseStayingTime = 1 / (beta + age)
        guard age > recency else { return }
        let moments = Moments(shape: shape, alpha: alpha, s: s, beta: beta, from: recency, to: age)
        guard moments.total > 0 else { return }
        let (logFirstAlpha, logFirstBeta) = (PortableMath.log(alpha + recency), PortableMath.log(beta + recency))
        let leaves = PortableMath.log(s * moments.total) - shape * logFirstAlpha - (s + 1) * logFirstBeta
        left = StableFunctions.sigmoid(leaves - stays)
        alive = StableFunctions.sigmoid(stays - leaves)
        logTotal = max(stays, leaves) + StableFunctions.softplus(-abs(stays - leaves))
        let share = left / moments.total
        logBuyingTime = alive * logAlpha + left * logFirstAlpha + share * moments.logAlpha
        inverseBuyingTime = alive * inverseBuyingTime + share * moments.inverseAlpha
        logStayingTime = alive * logBeta + left * logFirstBeta + share * moments.logBeta
        inverseStayingTime =
            (alive * s * inverseStayingTime + share * (s + 1) * moments.inverseBeta) / (s + left)
    }

    /// Integrals over the time of leaving y, of the density relative to its value at the start.
    private struct Moments {
        private(set) var total = 0.0
        /// Times log((alpha + y)/(alpha + start)).
        private(set) var logAlpha = 0.0
        /// Times 1/(alpha + y).
        private(set) var inverseAlpha = 0.0
        private(set) var logBeta = 0.0
        private(set) var inverseBeta = 0.0

        /// Abscissas and weights of Gauss and Legendre's rule of twelve points (Abramowitz and Stegun, table 25.4).
        private static let rule: [(place: Double, weight: Double)] = [
            (0.1252334085114689, 0.2491470458134028), (0.3678314989981802, 0.2334925365383548),
            (0.5873179542866175, 0.2031674267230659), (0.7699026741943047, 0.1600783285433462),
            (0.9041172563704749, 0.1069393259953184), (0.9815606342467193, 0.0471753363865118),
        ].flatMap { [(-$0.0, $0.1), ($0.0, $0.1)] }

        /// By how many powers of e the density falls about along a panel, how long that is at most, and where what is left
        /// counts no more.
        private static let (panel, longest, end) = (5.0, 1.25, 42.0)
        /// More than any density needs that falls to nothing.
        private static let mostPanels = 10_000

        /// Along q with y = (m + start)·e^q - m, m the smaller of alpha and beta, both factors are smooth; panels are so short that
        /// the rule is exact on each.
        init(shape: Double, alpha: Double, s: Double, beta: Double, from start: Double, to age: Double) {
            let first = min(alpha, beta) + start
            let length = StableFunctions.log1p((age - start) / first)
            var place = 0.0
            // Of the density times dy/dq: what it has fallen by, and the least of it.
            var (fallen, least) = (0.0, 0.0)
            for _ in 0..<Self.mostPanels where place < length {
                let growth = first * PortableMath.exp(place)
                let time = growth - first
                let slope = growth * (shape / (alpha + start + time) + (s + 1) / (beta + start + time)) - 1
                if slope > 0, fallen - least > Self.end { break }
                // The slope grows along the panel, by e to its length at most.
                let width = min(length - place, Self.longest, Self.panel / max(slope, 1))
                let (half, middle) = (width / 2, place + width / 2)
                for (node, weight) in Self.rule {
                    let passed = first * StableFunctions.expm1(middle + half * node)
                    let (inverseAlpha, inverseBeta) = (1 / (alpha + start + passed), 1 / (beta + start + passed))
                    let logAlpha = StableFunctions.log1p(passed / (alpha + start))
                    let logBeta = StableFunctions.log1p(passed / (beta + start))
                    fallen = shape * logAlpha + (s + 1) * logBeta - (middle + half * node)
                    least = min(least, fallen)
                    let density = half * weight * first * PortableMath.exp(-fallen)
                    total += density
                    self.logAlpha += density * logAlpha
                    self.inverseAlpha += density * inverseAlpha
                    self.logBeta += density * logBeta
                    self.inverseBeta += density * inverseBeta
                }
                place += width
            }
        }
    }
}

/// A fitted Pareto/NBD model.
public struct FittedParetoNBD: Sendable, Equatable {
    public let fit: LikelihoodFit

    public var r: Double { fit.parameters[0] }
    /// In the unit of the histories' times.
    public var alpha: Double { fit.parameters[1] }
    public var s: Double { fit.parameters[2] }
    /// In the unit of the histories' times.
    public var beta: Double { fit.parameters[3] }

    /// The probability that a customer has not left yet.
    public func probabilityAlive(frequency: Int, recency: Double, age: Double) -> Double {
        Departure(shape: r + Double(frequency), alpha: alpha, s: s, beta: beta, recency: recency, age: age).alive
    }

    /// Purchases that a customer is expected to make within a time after the end of the observation.
    /// - Parameter time: not negative; NaN else.
    public func expectedPurchases(within time: Double, frequency: Int, recency: Double, age: Double) -> Double {
        guard time >= 0, time.isFinite else { return .nan }
        let growth = StableFunctions.log1p(time / (beta + age))
        // (1 - e^((1-s)·growth))/(s - 1), whose limit at s = 1 is no difference of equal numbers.
        let staying = s == 1 ? growth : StableFunctions.expm1((1 - s) * growth) / (1 - s)
        return (r + Double(frequency)) * (beta + age) / (alpha + age) * staying
            * probabilityAlive(frequency: frequency, recency: recency, age: age)
    }
}

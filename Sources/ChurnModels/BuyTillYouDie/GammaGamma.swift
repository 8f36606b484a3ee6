import ChurnNumerics

/// The gamma-gamma model of what a purchase is worth (Fader and Hardie 2013).
///
/// A customer's purchases are gamma distributed with shape `p` around a mean of his own; the rates behind the means are gamma
/// distributed (`q`, `gamma`). How much is spent does not depend on how often.
public struct GammaGamma: Sendable, Equatable {
    public init() {}

    /// - Parameters:
    ///   - purchases: of each customer, the number of purchases behind the mean; from 1.
    ///   - means: of their values, above 0.
    ///   - threads: must be positive; the result does not depend on it.
    /// - Throws: `rowCountMismatch`, `noRows`, `invalidSpending`, or `notIdentified`.
    public func fit(purchases: [Int], means: [Double], threads: Int) throws(ModelError) -> FittedGammaGamma {
        if means.count != purchases.count {
            throw .rowCountMismatch(what: "means", expected: purchases.count, got: means.count)
        }
        if purchases.isEmpty { throw .noRows }
        for (row, mean) in means.enumerated() where purchases[row] < 1 || !(mean > 0 && mean.isFinite) {
            throw .invalidSpending(row: row, purchases: purchases[row], mean: mean)
        }
        let mean = means.reduce(0, +) / Double(means.count)
        let fit = try MaximumLikelihood(model: Likelihood(), threads: threads).fit(
            Spending(purchases: purchases, means: means),
            starts: [[2, 2, mean / 2], [6, 4, mean / 2], [1, 5, 4 * mean]]
        )
        return FittedGammaGamma(fit: fit)
    }

    struct Spending {
        let purchases: [Int]
        let means: [Double]
    }

    struct Likelihood: LikelihoodModel {
        static let parameterNames = ["p", "q", "gamma"]
        var modelName: String { "gamma-gamma" }

        /// What depends on the parameters alone.
        struct Shared {
            let logGammaOfQ: Double
            let digammaOfQ: Double
        }

        func customerCount(_ histories: Spending) -> Int { histories.purchases.count }

        func sample(of histories: Spending, every step: Int) -> Spending {
            let rows = stride(from: 0, to: histories.purchases.count, by: step)
            return Spending(
                purchases: rows.map { histories.purchases[$0] },
                means: rows.map { histories.means[$0] }
            )
        }

        func weight(_ customer: Int, of histories: Spending) -> Double { 1 }

        func shared(_ parameters: [Double], _ histories: Spending) -> Shared {
            Shared(
                logGammaOfQ: GammaFunction.logGamma(parameters[1]),
                digammaOfQ: GammaFunction.digamma(parameters[1])
            )
        }

        func evaluate(
            _ customer: Int,
            of histories: Spending,
            _ parameters: [Double],
            _ shared: Shared,
            into result: UnsafeMutablePointer<Double>
        ) {
            let (p, q, gamma) = (parameters[0], parameters[1], parameters[2])
            let (count, mean) = (Double(histories.purchases[customer]), histories.means[customer])
            let (shape, sum) = (p * count, count * mean)
            // Logarithms of the shares of gamma and of the sum in both together.
            let logGamma = -StableFunctions.log1p(sum / gamma)
            let logSum = -StableFunctions.log1p(gamma / sum)
            let digamma = GammaFunction.digamma(shape + q)
            result[0] =
                GammaFunction.logRatio(shape, step: q) - shared.logGammaOfQ + q * logGamma + shape * logSum
                - PortableMath.log(mean)
            result[1] = count * (digamma - GammaFunction.digamma(shape) + logSum)
            result[2] = digamma - shared.digammaOfQ + logGamma
            result[3] = q / gamma - (shape + q) / (gamma + sum)
        }
    }
}

/// A fitted gamma-gamma model.
public struct FittedGammaGamma: Sendable, Equatable {
    public let fit: LikelihoodFit

    public var p: Double { fit.parameters[0] }
    public var q: Double { fit.parameters[1] }
    /// In the unit of the values.
    public var gamma: Double { fit.parameters[2] }

    /// The mean value of a customer's purchases to come: that of all customers, p·gamma/(q - 1), and the one that was seen, which counts the
    /// more the more purchases there were; infinite where it has no mean.
    /// - Parameters:
    ///   - purchases: behind the mean that was seen; 0 for none, whatever that mean is.
    public func expectedValue(purchases: Int, mean: Double) -> Double {
        let shape = p * Double(purchases)
        guard shape + q > 1 else { return .infinity }
        let sum = purchases > 0 ? Double(purchases) * mean : 0
        return p * (gamma + sum) / (shape + q - 1)
    }
}

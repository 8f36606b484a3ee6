import ChurnNumerics
import Foundation
import Testing

@testable import ChurnModels

/// What the certificate says, recomputed in plain loops with the C library's functions.
@Suite struct OptimumTests {
    @Test(arguments: [0, 0.01, 1, 1000]) func theGradientVanishesAtTheOptimum(l2Strength: Double) throws {
        let data = SyntheticData.logistic(rows: 3000, coefficients: [1, -2, 0.5, 0])
        let model = try LogisticRegression(l2Strength: l2Strength).fit(data.trainingData(), threads: 2)
        let gradient = plainGradient(data, at: model.point, weights: nil, l2Strength: l2Strength)
        #expect(model.certificate.status == .converged)
        #expect(gradient.allSatisfy { abs($0) <= 1e-9 * 3000 })
        #expect(abs(model.certificate.gradientNorm - (gradient.map(abs).max() ?? 0)) <= 1e-10)
    }

    @Test func theGradientVanishesUnderWeights() throws {
        let data = SyntheticData.logistic(rows: 2000, coefficients: [1, -2])
        let weights = (0..<2000).map { Double($0 % 5) / 2 }
        let model = try LogisticRegression(l2Strength: 0.5).fit(data.trainingData(weights: weights), threads: 1)
        let gradient = plainGradient(data, at: model.point, weights: weights, l2Strength: 0.5)
        #expect(gradient.allSatisfy { abs($0) <= 1e-9 * 2000 })
    }

    /// The sum of all probabilities is the number of positives: the intercept is never penalised.
    @Test(arguments: [0, 1, 1e6]) func theMeanProbabilityIsTheBaseRate(l2Strength: Double) throws {
        let data = SyntheticData.logistic(rows: 1000, coefficients: [2, -1])
        let fitted = try fit(data.table, data.labels, l2Strength: l2Strength)
        let sum = try fitted.probabilities(data.table).reduce(0, +)
        #expect(abs(sum - Double(data.labels.count { $0 })) <= 1e-7)
    }

    @Test func theLogLikelihoodIsTheOneOfItsProbabilities() throws {
        let data = SyntheticData.logistic(rows: 1000, coefficients: [2, -1])
        for l2Strength in [0, 50.0] {
            let fitted = try fit(data.table, data.labels, l2Strength: l2Strength)
            let probabilities = try fitted.probabilities(data.table)
            let sum = zip(probabilities, data.labels).reduce(0) { $0 + log($1.1 ? $1.0 : 1 - $1.0) }
            #expect(abs(fitted.model.logLikelihood / sum - 1) <= 1e-12)
        }
    }

    @Test func aStrongerPenaltyShrinksTheCoefficients() throws {
        let data = SyntheticData.logistic(rows: 500, coefficients: [1, -2, 0.5])
        let lengths = try [0, 0.1, 1, 10, 100, 1e4].map { strength in
            try fit(data.table, data.labels, l2Strength: strength).model.coefficients.reduce(0) { $0 + $1 * $1 }
        }
        for (weaker, stronger) in zip(lengths, lengths.dropFirst()) { #expect(stronger < weaker) }
    }

    @Test func oneIterationIsNotEnough() throws {
        let data = SyntheticData.logistic(rows: 500, coefficients: [1, -2])
        let model = try LogisticRegression(l2Strength: 1, maximumIterations: 1).fit(data.trainingData(), threads: 1)
        #expect(model.certificate.status == .notConverged)
        #expect(!model.certificate.status.isTrustworthy)
        #expect(model.certificate.iterations == 1)
        let gradient = plainGradient(data, at: model.point, weights: nil, l2Strength: 1)
        #expect(abs(model.certificate.gradientNorm / (gradient.map(abs).max() ?? 0) - 1) <= 1e-9)
        #expect(model.certificate.warnings.count == 1)
        #expect(model.certificate.warnings[0].hasPrefix("not converged after 1 iteration: the gradient is still "))
    }

    @Test(arguments: [-1, -Double.leastNonzeroMagnitude, Double.infinity, Double.nan])
    func rejectsAStrengthThatIsNoPenalty(strength: Double) {
        let error = #expect(throws: ModelError.self) { try LogisticRegression(l2Strength: strength) }
        guard case .invalidHyperparameter(name: "l2", _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func rejectsFewerThanOneIteration() {
        let expected = ModelError.invalidHyperparameter(name: "maximumIterations", value: 0, allowed: "at least 1")
        #expect(throws: expected) { try LogisticRegression(l2Strength: 1, maximumIterations: 0) }
    }

    private func plainGradient(
        _ data: SyntheticData,
        at point: [Double],
        weights: [Double]?,
        l2Strength: Double
    ) -> [Double] {
        var gradient = [0] + point.dropFirst().map { l2Strength * $0 }
        for row in 0..<data.rowCount {
            var odds = point[0]
            for column in data.columns.indices { odds += point[column + 1] * data.columns[column][row] }
            let residual = (weights?[row] ?? 1) * (1 / (1 + exp(-odds)) - (data.labels[row] ? 1 : 0))
            gradient[0] += residual
            for column in data.columns.indices { gradient[column + 1] += residual * data.columns[column][row] }
        }
        return gradient
    }
}

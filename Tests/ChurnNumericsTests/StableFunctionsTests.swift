import Foundation
import Testing

@testable import ChurnNumerics

@Suite struct StableFunctionsTests {
    @Test func sigmoidNeverOverflows() {
        #expect(StableFunctions.sigmoid(1000) == 1)
        #expect(StableFunctions.sigmoid(-1000) == 0)
        #expect(StableFunctions.sigmoid(.infinity) == 1)
        #expect(StableFunctions.sigmoid(-.infinity) == 0)
        #expect(StableFunctions.sigmoid(0) == 0.5)
        #expect(StableFunctions.sigmoid(-745) == .leastNonzeroMagnitude)
        #expect(StableFunctions.sigmoid(.nan).isNaN)
    }

    /// As long as e^-x is finite, the textbook formula is as good.
    @Test func sigmoidIsRightInBothTails() {
        for x in stride(from: -700.0, through: 700, by: 0.37) {
            let expected = 1 / (1 + exp(-x))
            #expect(abs(StableFunctions.sigmoid(x) - expected) <= 6e-16 * expected, "sigmoid(\(x))")
        }
    }

    @Test func sigmoidsOfOppositeArgumentsAddUpToOne() {
        for x in stride(from: 0.0, through: 40, by: 0.173) {
            #expect(abs(StableFunctions.sigmoid(x) + StableFunctions.sigmoid(-x) - 1) <= 2.3e-16)
        }
    }

    @Test func softplusIsTheCLibrarys() {
        for x in stride(from: -740.0, through: 740, by: 0.61) {
            let expected = max(x, 0) + log1p(exp(-abs(x)))
            #expect(abs(StableFunctions.softplus(x) - expected) <= 1e-15 * expected, "softplus(\(x))")
        }
    }

    @Test func softplusOfExtremesNeitherOverflowsNorVanishes() {
        #expect(StableFunctions.softplus(1000) == 1000)
        #expect(StableFunctions.softplus(-1000) == 0)
        #expect(StableFunctions.softplus(-745) == .leastNonzeroMagnitude)
        #expect(StableFunctions.softplus(1e300) == 1e300)
        #expect(abs(StableFunctions.softplus(-40) / exp(-40) - 1) < 1e-15)
        for tiny in [0, 1e-300, -1e-300, 1e-17] {
            #expect(abs(StableFunctions.softplus(tiny) - log(2)) <= 1.2e-16)
        }
        #expect(StableFunctions.softplus(.nan).isNaN)
    }

    @Test(arguments: [
        (label: 1.0, predictor: 1000.0, expected: 0.0), (1, -1000, 1000), (0, 1000, 1000), (0, -1000, 0),
        (1, 0, 0.693_147_180_559_945_3), (0, 0, 0.693_147_180_559_945_3), (1, -1e300, 1e300),
        (1, 700, 9.859_676_543_759_77e-305), (0, -700, 9.859_676_543_759_77e-305),
    ])
    func logLossIsNeitherClippedNorLost(label: Double, predictor: Double, expected: Double) {
        let loss = StableFunctions.logLoss(label: label, linearPredictor: predictor)
        #expect(abs(loss - expected) <= 1e-15 * expected)
    }

    @Test func logitInvertsTheSigmoid() {
        for x in stride(from: -700.0, through: 15, by: 0.31) {
            // Beyond 0 the sigmoid comes near 1 and cannot hold more than e^x units in the last place of x.
            let tolerance = 1e-15 * max(1, abs(x)) + 2e-16 * exp(x)
            #expect(abs(StableFunctions.logit(StableFunctions.sigmoid(x)) - x) <= tolerance, "\(x)")
        }
        #expect(StableFunctions.logit(0) == -.infinity)
        #expect(StableFunctions.logit(1) == .infinity)
        #expect(StableFunctions.logit(0.5) == 0)
    }
}

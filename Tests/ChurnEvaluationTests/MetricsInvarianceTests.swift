import ChurnEvaluation
import Testing

@Suite struct MetricsInvarianceTests {
    @Test(arguments: [4, 50, 1_000_000])
    func rowOrderDoesNotChangeABit(levels: Int) throws {
        let random = RandomPredictions(count: 400, levels: levels, seed: 11)
        let expected = BinaryClassificationMetrics(of: try random.unweighted())
        for seed in 1...5 {
            let got = BinaryClassificationMetrics(of: try random.shuffled(seed: UInt64(seed)).unweighted())
            #expect(got == expected)
        }
    }

    @Test func monotoneTransformsDoNotChangeTheRanking() throws {
        let random = RandomPredictions(count: 300, levels: 60, seed: 5)
        let expected = BinaryClassificationMetrics(of: try random.unweighted())
        let transforms: [(Double) -> Double] = [{ 100 * $0 - 50 }, { $0 * $0 * $0 }, { -1 / ($0 + 1) }]
        for transform in transforms {
            var other = random
            other.scores = random.scores.map(transform)
            let got = BinaryClassificationMetrics(of: try other.unweighted())
            #expect(got.auc == expected.auc && got.averagePrecision == expected.averagePrecision)
            #expect(got.ks == expected.ks && got.lift == expected.lift && got.recall == expected.recall)
        }
    }

    @Test func reversedScoresMirrorTheAUC() throws {
        let random = RandomPredictions(count: 300, levels: 30, seed: 6)
        var reversed = random
        reversed.scores = random.scores.map { -$0 }
        let forwards = BinaryClassificationMetrics(of: try random.unweighted())
        let backwards = BinaryClassificationMetrics(of: try reversed.unweighted())
        #expect(isClose(backwards.auc, forwards.auc.map { 1 - $0 }))
        #expect(isClose(backwards.ks, forwards.ks))
    }

    @Test(arguments: [3, 40, 1_000_000])
    func aWeightIsTheSameAsCopiesOfTheRow(levels: Int) throws {
        let random = RandomPredictions(count: 250, levels: levels, seed: 21)
        var copies = random
        copies.labels = []
        copies.scores = []
        for row in random.labels.indices {
            for _ in 0..<Int(random.weights[row]) {
                copies.labels.append(random.labels[row])
                copies.scores.append(random.scores[row])
            }
        }
        let weighted = BinaryClassificationMetrics(of: try random.weighted())
        let copied = BinaryClassificationMetrics(of: try copies.unweighted())
        #expect(areCloseButForDepths(weighted, copied))
        #expect(weighted.rows == 250 && copied.rows == copies.labels.count)
    }

    @Test func aWeightIsTheSameAsCopiesAtDepthsThatNeedNoRounding() throws {
        // 100 copies in all, so that 5, 10 and 20 % are whole rows.
        let labels = [true, false, true, false, false]
        let scores = [0.9, 0.8, 0.8, 0.3, 0.1]
        let weights = [4.0, 10, 6, 30, 50]
        var copiedLabels: [Bool] = []
        var copiedScores: [Double] = []
        for row in labels.indices {
            copiedLabels += Array(repeating: labels[row], count: Int(weights[row]))
            copiedScores += Array(repeating: scores[row], count: Int(weights[row]))
        }
        let weighted = BinaryClassificationMetrics(
            of: try Predictions(labels: labels, scores: scores, weights: weights)
        )
        let copied = BinaryClassificationMetrics(of: try Predictions(labels: copiedLabels, scores: copiedScores))
        #expect(isClose(weighted.lift, copied.lift))
        #expect(isClose(weighted.recall, copied.recall))
    }

    @Test(arguments: [1e-300, 0.1, 7, 1e300])
    func theScaleOfWeightsDoesNotMatter(factor: Double) throws {
        let random = RandomPredictions(count: 200, levels: 20, seed: 8)
        var scaled = random
        scaled.weights = random.weights.map { $0 * factor }
        let expected = BinaryClassificationMetrics(of: try random.weighted())
        let got = BinaryClassificationMetrics(of: try scaled.weighted())
        #expect(areCloseButForDepths(got, expected))
        #expect(isClose(got.lift, expected.lift) && isClose(got.recall, expected.recall))
    }
}

import Testing

@testable import ChurnEvaluation

@Suite struct MetricsOracleTests {
    /// scikit-learn 1.9.1; ECE, lift and recall by masks in numpy (`Expectations/make.py`).
    @Test func agreesWithScikitLearn() throws {
        let cases = try Expectations.metrics()
        #expect(cases.count == 8)
        for one in cases {
            let got = BinaryClassificationMetrics(of: try one.predictions())
            let name = Comment(rawValue: one.name)
            #expect(got.rows == one.expected.rows, name)
            #expect(got.positives == one.expected.positives, name)
            #expect(isClose(got.baseRate, one.expected.baseRate), name)
            #expect(isClose(got.auc, one.expected.auc), name)
            #expect(isClose(got.averagePrecision, one.expected.averagePrecision), name)
            #expect(isClose(got.logLoss, one.expected.logLoss), name)
            #expect(isClose(got.brier, one.expected.brier), name)
            #expect(isClose(got.ks, one.expected.ks), name)
            #expect(isClose(got.ece, one.expected.ece), name)
            #expect(isClose(got.lift, one.expected.lift), name)
            #expect(isClose(got.recall, one.expected.recall), name)
        }
    }

    /// The toy of Verbraken, Verbeke, Baesens 2013.
    @Test func agreesOnTheToyRanking() throws {
        let labels: [UInt8] = [1, 1, 0, 1, 0, 0, 1, 0, 0, 0]
        let scores = [0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
        let got = BinaryClassificationMetrics(of: try Predictions(labels: labels, scores: scores))
        #expect(isClose(got.auc, 5.0 / 6))
        #expect(isClose(got.ks, 7.0 / 12))
        #expect(isClose(got.brier, 0.18525))
        let precisionAtPositives: [Double] = [1, 1, 3.0 / 4, 4.0 / 7]
        #expect(isClose(got.averagePrecision, precisionAtPositives.reduce(0, +) / 4))
        #expect(isClose(got.lift.top20, 2.5))
        #expect(isClose(got.recall.top20, 0.5))
    }

    @Test(arguments: [2, 5, 40, 1_000_000])
    func aucIsTheShareOfOrderedPairs(levels: Int) throws {
        let random = RandomPredictions(count: 150, levels: levels, seed: 3)
        var ordered = 0.0
        var pairs = 0.0
        var weightedOrdered = 0.0
        var weightedPairs = 0.0
        for i in random.labels.indices where random.labels[i] {
            for j in random.labels.indices where !random.labels[j] {
                let kernel =
                    random.scores[i] > random.scores[j] ? 1 : random.scores[i] == random.scores[j] ? 0.5 : 0
                let weight = random.weights[i] * random.weights[j]
                pairs += 1
                ordered += kernel
                weightedPairs += weight
                weightedOrdered += kernel * weight
            }
        }
        let unweighted = BinaryClassificationMetrics(of: try random.unweighted())
        let weighted = BinaryClassificationMetrics(of: try random.weighted())
        #expect(isClose(unweighted.auc, ordered / pairs))
        #expect(isClose(weighted.auc, weightedOrdered / weightedPairs))
    }

    @Test func depthIsRoundedHalfUpAndAtLeastOneRow() throws {
        // 5 % of 50 rows is 2.5, so 3 rows; of 9 rows .45, so 1 row. Scores descend and every third row is positive.
        func metrics(_ count: Int) throws -> BinaryClassificationMetrics {
            let labels = (0..<count).map { $0 % 3 == 2 }
            let scores = (0..<count).map { -Double($0) }
            return BinaryClassificationMetrics(of: try Predictions(labels: labels, scores: scores))
        }
        #expect(isClose(try metrics(50).recall.top5, 1.0 / 16))
        #expect(try metrics(9).recall.top5 == 0)
        #expect(isClose(try metrics(30).recall.top10, 0.1))
    }

    @Test func tiesAtTheCutCountWithTheirGroupsRate() throws {
        // Two of ten rows are taken; the first is a positive, the second comes from a tied group with rate 1/4.
        let labels: [UInt8] = [1, 1, 0, 0, 0, 0, 0, 0, 0, 1]
        let scores = [0.9, 0.5, 0.5, 0.5, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1]
        let got = BinaryClassificationMetrics(of: try Predictions(labels: labels, scores: scores))
        #expect(isClose(got.recall.top20, 1.25 / 3))
        #expect(isClose(got.lift.top20, 0.625 / 0.3))
    }

    @Test(arguments: [
        (0, 0), (0.1.nextDown, 0), (0.1, 1), (0.3.nextDown, 2), (0.3, 3), (0.6.nextDown, 5), (0.6, 6),
        (0.7.nextDown, 6), (0.7, 7), (0.9.nextDown, 8), (0.9, 9), (1.0.nextDown, 9), (1, 9),
    ])
    func calibrationBinsAreHalfOpenAndTheLastIsClosed(probability: Double, bin: Int) {
        #expect(ProbabilitySums.bin(of: probability) == bin)
    }

    @Test(arguments: [(1e-20, -1e-20), (0.0, 0.0), (0.5, -0.6931471805599453), (1.0, -Double.infinity)])
    func logOfComplementKeepsTinyProbabilities(probability: Double, expected: Double) {
        #expect(ProbabilitySums.logOfComplement(probability) == expected)
    }

    @Test func calibrationErrorWeighsBinsByTheirRows() throws {
        // Bin 1: three rows at .15, one positive. Bin 9: one row at 1, negative.
        let labels: [UInt8] = [1, 0, 0, 0]
        let got = BinaryClassificationMetrics(of: try Predictions(labels: labels, scores: [0.15, 0.15, 0.15, 1]))
        let gap = 1.0 / 3 - 0.15
        #expect(isClose(got.ece, 0.75 * gap + 0.25))
    }
}

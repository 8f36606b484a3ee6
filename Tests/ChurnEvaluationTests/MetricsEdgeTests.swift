import ChurnEvaluation
import Testing

@Suite struct MetricsEdgeTests {
    private func metrics(
        _ labels: [Bool],
        _ scores: [Double],
        weights: [Double]? = nil
    ) throws -> BinaryClassificationMetrics {
        BinaryClassificationMetrics(of: try Predictions(labels: labels, scores: scores, weights: weights))
    }

    @Test func noRowsLeaveEverythingUndefined() throws {
        let none = BinaryClassificationMetrics(of: try Predictions(labels: [Bool](), scores: []), skipped: 4)
        #expect(none.rows == 0 && none.positives == 0 && none.skipped == 4)
        #expect(none.baseRate == nil && none.auc == nil && none.averagePrecision == nil && none.ks == nil)
        #expect(none.logLoss == nil && none.brier == nil && none.ece == nil)
        #expect(none.lift.top5 == nil && none.recall.top20 == nil)
    }

    @Test func onlyNegativesLeaveRankingUndefined() throws {
        let got = try metrics([false, false], [0.2, 0.4])
        #expect(got.baseRate == 0)
        #expect(got.auc == nil && got.averagePrecision == nil && got.ks == nil)
        #expect(got.lift.top10 == nil && got.recall.top10 == nil)
        #expect(isClose(got.brier, (0.04 + 0.16) / 2))
        #expect(isClose(got.ece, 0.3))
    }

    @Test func onlyPositivesHaveNoAUCButALiftOfOne() throws {
        let got = try metrics([true, true, true, true], [0.2, 0.4, 0.4, 0.9])
        #expect(got.baseRate == 1)
        #expect(got.auc == nil && got.ks == nil)
        #expect(got.averagePrecision == 1)
        #expect(got.lift.top5 == 1 && got.lift.top20 == 1)
        #expect(got.recall.top20 == 0.25)
    }

    @Test(arguments: [true, false])
    func oneRow(label: Bool) throws {
        let got = try metrics([label], [0.25])
        #expect(got.rows == 1 && got.auc == nil && got.ks == nil)
        #expect(got.averagePrecision == (label ? 1 : nil))
        #expect(got.recall.top5 == (label ? 1 : nil))
        #expect(isClose(got.brier, label ? 0.5625 : 0.0625))
    }

    @Test func equalScoresRankNothing() throws {
        let got = try metrics([true, false, false, true, false], [0.4, 0.4, 0.4, 0.4, 0.4])
        #expect(got.auc == 0.5)
        #expect(got.ks == 0)
        #expect(got.averagePrecision == 0.4)
        #expect(isClose(got.lift.top5, 1) && isClose(got.lift.top20, 1))
        #expect(isClose(got.recall.top20, 0.2))
        #expect(isClose(got.ece, 0))
    }

    @Test func perfectRankingReachesTheBounds() throws {
        let labels = (0..<40).map { $0 < 10 }
        let scores = (0..<40).map { $0 < 10 ? 1.0 : 0.0 }
        let got = try metrics(labels, scores)
        #expect(got.auc == 1 && got.averagePrecision == 1 && got.ks == 1)
        #expect(got.logLoss == 0 && got.brier == 0 && got.ece == 0)
        #expect(isClose(got.lift.top20, 4) && isClose(got.recall.top20, 0.8))
        let reversed = try metrics(labels, scores.map { 1 - $0 })
        #expect(reversed.auc == 0 && reversed.ks == 1)
    }

    @Test func scoresOutsideTheUnitIntervalHaveNoProbabilityMetrics() throws {
        let got = try metrics([true, false, true], [2.5, -1, 0.5])
        #expect(got.logLoss == nil && got.brier == nil && got.ece == nil)
        #expect(got.auc == 1)
    }

    @Test(arguments: [([true, false], [0, 0.5]), ([false, true], [1, 0.5]), ([true, false, true], [0, 0, 0.3])])
    func certaintyThatIsWrongHasInfiniteLogLoss(labels: [Bool], scores: [Double]) throws {
        let got = try metrics(labels, scores)
        #expect(got.logLoss == .infinity)
        #expect(got.brier?.isFinite == true && got.ece?.isFinite == true)
    }

    @Test func certaintyThatIsRightCostsNothing() throws {
        #expect(try metrics([true, false], [1, 0]).logLoss == 0)
    }

    @Test func rowsOfWeightZeroDoNotCount() throws {
        let got = try metrics([true, false, true, false], [0, 0.3, 0.7, 1], weights: [0, 2, 3, 0])
        let without = try metrics([false, true], [0.3, 0.7], weights: [2, 3])
        #expect(got.rows == 4 && got.positives == 2)
        #expect(got.logLoss?.isFinite == true)
        #expect(areCloseButForDepths(got, without))
        #expect(isClose(got.lift, without.lift) && isClose(got.recall, without.recall))
    }

    @Test func aClassWithoutWeightIsNotThere() throws {
        let got = try metrics([true, false], [0.3, 0.7], weights: [0, 2])
        #expect(got.auc == nil && got.averagePrecision == nil && got.ks == nil && got.recall.top5 == nil)
        #expect(got.baseRate == 0)
    }

    /// Whatever the scores and weights, a metric is a number or undefined.
    @Test func nothingIsEverNaN() throws {
        let extremes = [
            0, -0.0, 1, 0.5, 0x1p-1060, 1.0.nextDown, Double.leastNonzeroMagnitude, 1e300, -1e300,
            .greatestFiniteMagnitude,
        ]
        let weights = [0, 1, Double.leastNonzeroMagnitude, 0x1p-1040, .greatestFiniteMagnitude]
        for first in extremes {
            for second in extremes {
                for firstWeight in weights {
                    for secondWeight in weights where firstWeight > 0 || secondWeight > 0 {
                        for labels in [[true, false, true], [true, true, true], [false, false, false]] {
                            let got = try metrics(
                                labels,
                                [first, second, first],
                                weights: [firstWeight, secondWeight, firstWeight]
                            )
                            let all = [
                                got.baseRate, got.auc, got.averagePrecision, got.logLoss, got.brier, got.ks, got.ece,
                                got.lift.top5, got.lift.top10, got.lift.top20, got.recall.top5, got.recall.top10,
                                got.recall.top20,
                            ]
                            #expect(all.allSatisfy { $0?.isNaN != true })
                            #expect((got.auc ?? 0) <= 1 && (got.recall.top20 ?? 0) <= 1 && (got.ks ?? 0) <= 1)
                        }
                    }
                }
            }
        }
    }
}

import ChurnEvaluation
import Testing

@Suite struct DeLongTests {
    private func close(_ got: AUCComparison, _ expected: Expectations.DeLongCase.Values) {
        #expect(isClose(got.first.auc, expected.firstAUC))
        #expect(isClose(got.second.auc, expected.secondAUC))
        #expect(isClose(got.first.variance, expected.firstVariance, tolerance: 1e-15))
        #expect(isClose(got.second.variance, expected.secondVariance, tolerance: 1e-15))
        #expect(isClose(got.covariance, expected.covariance, tolerance: 1e-15))
        #expect(isClose(got.z, expected.z, tolerance: 1e-10))
        #expect(isClose(got.p, expected.p, tolerance: 1e-12))
        #expect(isClose(got.interval.lower, expected.lower))
        #expect(isClose(got.interval.upper, expected.upper))
        #expect(isClose(got.difference, expected.firstAUC - expected.secondAUC))
    }

    /// 500 rows of Telco, logistic fits on all columns and on four, scores rounded so that they tie; expected values
    /// from all pairs in numpy (`Expectations/make.py`).
    @Test func agreesWithAllPairs() throws {
        let stored = try Expectations.deLong()
        let got = try DeLong.compare(
            Predictions(labels: stored.labels, scores: stored.first),
            Predictions(labels: stored.labels, scores: stored.second)
        )
        #expect(got.kind == .independent)
        close(got, stored.independent)
    }

    /// One set of scores takes a shorter way than two.
    @Test func oneSetOfScoresAgreesWithAllPairs() throws {
        let stored = try Expectations.deLong()
        for (scores, auc, variance) in [
            (stored.first, stored.independent.firstAUC, stored.independent.firstVariance),
            (stored.second, stored.independent.secondAUC, stored.independent.secondVariance),
        ] {
            let got = try DeLong.estimate(Predictions(labels: stored.labels, scores: scores))
            #expect(got.kind == .independent)
            #expect(isClose(got.auc, auc))
            #expect(isClose(got.variance, variance, tolerance: 1e-15))
        }
        let ends = try DeLong.estimate(
            Predictions(
                labels: [true, false, true, false],
                scores: [.greatestFiniteMagnitude, -.greatestFiniteMagnitude, 0, -0.0]
            )
        )
        // Of four pairs three are in order, one is tied.
        #expect(ends.auc == 0.875)
    }

    @Test func agreesWithObuchowskisSumsOverClusters() throws {
        let stored = try Expectations.deLong()
        let got = try DeLong.compare(
            Predictions(labels: stored.labels, scores: stored.first, clusters: stored.clusters),
            Predictions(labels: stored.labels, scores: stored.second, clusters: stored.clusters)
        )
        #expect(got.kind == .clustered && got.first.kind == .clustered)
        close(got, stored.clustered)
    }

    @Test func clustersOfOneRowAreIndependentRows() throws {
        let random = RandomPredictions(count: 120, levels: 15, seed: 4)
        let codes = (0..<120).map { UInt32(7 * (119 - $0)) }
        let clustered = try DeLong.estimate(
            Predictions(labels: random.labels, scores: random.scores, clusters: codes)
        )
        #expect(clustered == (try DeLong.estimate(random.unweighted())))
    }

    @Test func copyingEveryRowAddsNoCertaintyWhenCopiesAreClustered() throws {
        let random = RandomPredictions(count: 200, levels: 15, seed: 14)
        let once = try DeLong.estimate(random.unweighted())
        let codes = (0..<200).map { UInt32($0) }
        let labels = random.labels + random.labels
        let scores = random.scores + random.scores
        let clustered = try DeLong.estimate(Predictions(labels: labels, scores: scores, clusters: codes + codes))
        let naive = try DeLong.estimate(Predictions(labels: labels, scores: scores))
        #expect(clustered.auc == once.auc)
        #expect(isClose(clustered.variance / once.variance, 1))
        #expect(naive.variance < 0.6 * once.variance)
    }

    /// The AUC of scores that depend on the cluster alone is 1/2 whichever clusters are drawn.
    @Test func aScoreOfTheClusterAloneHasNoVariance() throws {
        for count in 2..<60 {
            let codes = (0..<(2 * count)).map { UInt32($0 / 2) }
            let labels = codes.indices.map { $0 % 2 == 0 }
            let scores = codes.map { Double($0) }
            let got = try DeLong.estimate(Predictions(labels: labels, scores: scores, clusters: codes))
            #expect(isClose(got.auc, 0.5))
            #expect(got.variance >= 0 && got.variance < 1e-15)
        }
    }

    @Test func estimateIsTheComparisonsPart() throws {
        let stored = try Expectations.deLong()
        let first = try Predictions(labels: stored.labels, scores: stored.first)
        let second = try Predictions(labels: stored.labels, scores: stored.second)
        let comparison = try DeLong.compare(first, second)
        #expect(try DeLong.estimate(first) == comparison.first)
        #expect(try DeLong.estimate(second) == comparison.second)
        #expect(comparison.first.auc == BinaryClassificationMetrics(of: first).auc)
        let bySubtraction = comparison.first.variance + comparison.second.variance - 2 * comparison.covariance
        #expect(isClose(comparison.variance, bySubtraction, tolerance: 1e-15))
    }

    @Test func swappingTheTwoSwapsTheSign() throws {
        let stored = try Expectations.deLong()
        let first = try Predictions(labels: stored.labels, scores: stored.first, clusters: stored.clusters)
        let second = try Predictions(labels: stored.labels, scores: stored.second, clusters: stored.clusters)
        let forwards = try DeLong.compare(first, second)
        let backwards = try DeLong.compare(second, first)
        #expect(backwards.difference == -forwards.difference)
        #expect(isClose(backwards.z, forwards.z.map { -$0 }))
        #expect(isClose(backwards.p, forwards.p))
        #expect(isClose(backwards.interval.lower, -forwards.interval.upper))
    }

    @Test(arguments: [true, false])
    func equalRankingsHaveNoTest(clustered: Bool) throws {
        let random = RandomPredictions(count: 90, levels: 12, seed: 2)
        let clusters = clustered ? random.clusters : nil
        let got = try DeLong.compare(
            Predictions(labels: random.labels, scores: random.scores, clusters: clusters),
            Predictions(labels: random.labels, scores: random.scores.map { 3 * $0 - 1 }, clusters: clusters)
        )
        #expect(got.difference == 0 && got.variance == 0)
        #expect(got.z == nil && got.p == nil)
        #expect(got.interval.lower == 0 && got.interval.upper == 0)
    }

    @Test func perfectRankingHasNoVarianceAndItsIntervalStaysWithinOne() throws {
        let labels = [true, true, false, false, false]
        let perfect = try DeLong.estimate(Predictions(labels: labels, scores: [0.9, 0.8, 0.3, 0.2, 0.1]))
        #expect(perfect.auc == 1 && perfect.variance == 0 && perfect.standardError == 0)
        let nearly = try DeLong.estimate(Predictions(labels: labels, scores: [0.9, 0.25, 0.3, 0.2, 0.1]))
        #expect(nearly.variance > 0 && nearly.interval.upper == 1)
    }

    @Test func needsTwoRowsOfEachClass() {
        #expect(throws: EvaluationError.tooFewUnits(label: true, got: 1, required: 2)) {
            try DeLong.estimate(Predictions(labels: [true, false, false], scores: [0.3, 0.2, 0.1]))
        }
        #expect(throws: EvaluationError.tooFewUnits(label: false, got: 0, required: 2)) {
            try DeLong.estimate(Predictions(labels: [true, true], scores: [0.3, 0.2]))
        }
        #expect(throws: EvaluationError.tooFewUnits(label: true, got: 0, required: 2)) {
            try DeLong.estimate(Predictions(labels: [Bool](), scores: []))
        }
    }

    @Test func needsTwoClustersOfEachClass() {
        #expect(throws: EvaluationError.tooFewUnits(label: false, got: 1, required: 2)) {
            try DeLong.estimate(
                Predictions(
                    labels: [true, true, false, false],
                    scores: [0.3, 0.2, 0.1, 0.4],
                    clusters: [1, 2, 9, 9]
                )
            )
        }
    }

    @Test func refusesWeights() throws {
        let random = RandomPredictions(count: 20, levels: 5, seed: 1)
        let weighted = try random.weighted()
        let unweighted = try random.unweighted()
        #expect(throws: EvaluationError.weightsNotSupported) { try DeLong.estimate(weighted) }
        #expect(throws: EvaluationError.weightsNotSupported) { try DeLong.compare(unweighted, weighted) }
        #expect(throws: EvaluationError.weightsNotSupported) { try DeLong.compare(weighted, unweighted) }
    }

    @Test func refusesPredictionsOfOtherRows() throws {
        let labels = [true, false, true, false]
        let scores = [0.1, 0.2, 0.3, 0.4]
        let first = try Predictions(labels: labels, scores: scores)
        #expect(throws: EvaluationError.countMismatch(.labels, got: 1, expected: 4)) {
            try DeLong.compare(first, Predictions(labels: [true], scores: [0.5]))
        }
        #expect(throws: EvaluationError.labelsDiffer(row: 2)) {
            try DeLong.compare(first, Predictions(labels: [true, false, false, false], scores: scores))
        }
        #expect(throws: EvaluationError.clustersDiffer) {
            try DeLong.compare(first, Predictions(labels: labels, scores: scores, clusters: [1, 1, 2, 2]))
        }
    }
}

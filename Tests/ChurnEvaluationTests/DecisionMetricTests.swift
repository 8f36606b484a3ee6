import ChurnNumerics
import Foundation
import Testing

@testable import ChurnEvaluation

/// What a ranking is worth, and how its probabilities hold.
@Suite struct DecisionMetricTests {
    private static func near(_ value: Double?, _ expected: Double?, _ tolerance: Double) -> Bool {
        guard let value, let expected else { return value == nil && expected == nil }
        return abs(value - expected) <= tolerance * max(1, abs(expected))
    }

    /// `Expectations/make_decisions.py`: quadrature over the acceptance, scipy's BFGS, the package hmeasure 0.1.6.
    @Test func agreesWithQuadratureAndPeers() throws {
        let expectations = try Expectations.decisions()
        let cases = Dictionary(uniqueKeysWithValues: try Expectations.metrics().map { ($0.name, $0) })
        #expect(expectations.count == 8)
        for one in expectations {
            let predictions = try #require(cases[one.name]).predictions()
            let got = MetricValues(of: RankedPredictions(predictions))
            let profit = try #require(RetentionProfit(of: predictions))
            let name = Comment(rawValue: one.name)
            #expect(Self.near(profit.maximumProfit, one.expected.maximumProfit, 1e-12), name)
            #expect(Self.near(profit.maximumProfitShare, one.expected.maximumProfitShare, 1e-12), name)
            #expect(Self.near(profit.expectedMaximumProfit, one.expected.expectedMaximumProfit, 1e-9), name)
            if let hMeasure = one.expected.hMeasure { #expect(Self.near(got[.hMeasure], hMeasure, 1e-9), name) }
            #expect(Self.near(got[.observedOverExpected], one.expected.observedOverExpected, 1e-12), name)
            #expect(Self.near(got[.equalCountError], one.expected.equalCountError, 1e-12), name)
            if predictions.scores.allSatisfy({ 0 < $0 && $0 < 1 }) {
                #expect(Self.near(got[.calibrationIntercept], one.expected.calibrationIntercept, 1e-9), name)
                // BFGS by differences is good for six digits.
                #expect(Self.near(got[.calibrationSlope], one.expected.calibrationSlope, 2e-6), name)
            }
        }
    }

    /// The toy of Verbraken, Verbeke, Baesens 2013.
    @Test func theToyBringsWhatItsAuthorsFound() throws {
        let labels: [UInt8] = [1, 1, 0, 1, 0, 0, 1, 0, 0, 0]
        let scores = [0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
        let profit = try #require(RetentionProfit(of: try Predictions(labels: labels, scores: scores)))
        #expect(abs(profit.maximumProfit - 19.1) < 1e-12 && abs(profit.maximumProfitShare - 0.7) < 1e-12)
        #expect(abs(profit.expectedMaximumProfit - 19.108546) < 5.1e-7)
        #expect(abs(profit.expectedMaximumProfitShare - 0.693520) < 5.1e-7)
    }

    @Test func oneClassHasNoProfitAndNoSlope() throws {
        let got = MetricValues(
            of: RankedPredictions(try Predictions(labels: [true, true] as [Bool], scores: [0.2, 0.9]))
        )
        let undefined: [Metric] = [
            .auc, .hMeasure, .maximumProfit, .calibrationSlope, .calibrationIntercept, .logLossSkill,
        ]
        for metric in undefined { #expect(got[metric] == nil, "\(metric)") }
        #expect(abs((got[.observedOverExpected] ?? 0) - 2 / 1.1) < 1e-12)
        let none = MetricValues(of: RankedPredictions(try Predictions(labels: [] as [Bool], scores: [])))
        #expect(Metric.allCases.allSatisfy { none[$0] == nil })
    }

    /// Told apart, all alike, and certain.
    @Test func probabilitiesWithoutALineHaveNoSlope() throws {
        func slope(_ labels: [UInt8], _ scores: [Double]) throws -> Double? {
            MetricValues(of: RankedPredictions(try Predictions(labels: labels, scores: scores)))[.calibrationSlope]
        }
        #expect(try slope([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]) == nil)
        #expect(try slope([0, 1, 0, 1], [0.3, 0.3, 0.3, 0.3]) == nil)
        let certain = try #require(try slope([0, 1, 0, 1, 1], [0, 1, 1, 0.4, 0.6]))
        #expect(certain.isFinite)
    }

    @Test(arguments: [
        (6.0, 14.0, 0.1, 0.008593020737846138), (6, 14, 0.3, 0.5261374757264855), (6, 14, 0.5, 0.9682159423828125),
        (0.5, 12.5, 1e-6, 0.003949722755750367), (0.5, 12.5, 0.01, 0.3802994469585503),
        (0.5, 12.5, 0.3, 0.9968965700752487),
        (250, 1000, 0.15, 1.080429470099192e-06), (250, 1000, 0.2, 0.5056426275949079),
        (250, 1000, 0.21, 0.8124950285062406),
    ])
    func theBetaDistributionIsScipys(alpha: Double, beta: Double, x: Double, expected: Double) {
        let distribution = BetaDistribution(alpha: alpha, beta: beta)
        #expect(abs(distribution.cumulative(x) - expected) < 1e-11 * expected)
        #expect(distribution.cumulative(0) == 0 && distribution.cumulative(1) == 1)
        if alpha == 6 { #expect(abs(distribution.partialMean(0.25) - 0.06426541571963755) < 1e-13) }
    }

    @Test(arguments: [
        (1.0, 12.706204736174694), (2, 4.302652729749462), (9, 2.262157162798205), (49, 2.0095752371292392),
        (999, 1.9623414611334493),
    ])
    func studentsQuantilesAreScipys(degreesOfFreedom: Double, expected: Double) {
        #expect(abs(StudentDistribution.quantile975(degreesOfFreedom: degreesOfFreedom) - expected) < 1e-9)
    }

    // MARK: Intervals

    /// Labels that scores know nothing of: intervals of AUC cover one half as often as they say, for rows and for customers that repeat.
    @Test(arguments: [false, true]) func intervalsCoverTheTruthUnderTheNull(repeats: Bool) throws {
        let seeds = 200
        var covered = (delong: 0, plain: 0, bootstrap: 0)
        for seed in 0..<seeds {
            var random = RandomStream(seed: UInt64(seed), purpose: "null")
            var (labels, scores, clusters) = ([Bool](), [Double](), [UInt32]())
            for customer in 0..<(repeats ? 120 : 360) {
                // A customer's rows share what he does and what his score is.
                let (churns, level) = (random.bernoulli(0.35), random.normal())
                for _ in 0..<(repeats ? 6 : 1) {
                    labels.append(repeats ? (random.bernoulli(0.9) ? churns : !churns) : churns)
                    scores.append(StableFunctions.sigmoid(level + (repeats ? 0.2 * random.normal() : 0)))
                    clusters.append(UInt32(customer))
                }
            }
            let predictions = try Predictions(labels: labels, scores: scores, clusters: clusters)
            let delong = try DeLong.estimate(predictions).interval
            if delong.lower <= 0.5, delong.upper >= 0.5 { covered.delong += 1 }
            let plain = try DeLong.estimate(Predictions(labels: labels, scores: scores)).interval
            if plain.lower <= 0.5, plain.upper >= 0.5 { covered.plain += 1 }
            let bootstrap = try CustomerBootstrap([RankedPredictions(predictions)], draws: 200, seed: 1, threads: 2)
            let estimate = try #require(bootstrap.estimate(.auc, ofModel: 0))
            if try #require(estimate.low) <= 0.5, try #require(estimate.high) >= 0.5 { covered.bootstrap += 1 }
        }
        #expect((184...196).contains(covered.delong), "\(covered)")
        // Percentiles of 200 draws are a little narrow.
        #expect((180...197).contains(covered.bootstrap), "\(covered)")
        // What repeats is no new evidence: rows taken for independent promise far too much.
        #expect(repeats ? covered.plain < 150 : covered.plain == covered.delong, "\(covered)")
    }

    /// Six customers' losses in three clusters, by hand.
    @Test func theErrorOfAMeanOverCustomersIsThatOfTheirTotals() throws {
        let values = [1.0, 3, 2, 2, 6, 4]
        let mean = try #require(ClusteredMean(values, weights: nil, clusters: [0, 0, 1, 1, 2, 2]))
        // Totals less their rows' share of the mean of 3: -2, -2, 4; 24 · 3/2 = 36, its root 6, over 6 rows.
        #expect(mean.mean == 3 && abs((mean.standardError ?? 0) - 1) < 1e-15)
        let weighted = try #require(ClusteredMean([1, 5], weights: [3, 1], clusters: nil))
        #expect(weighted.mean == 2 && abs((weighted.standardError ?? 0) - (18.0 * 2).squareRoot() / 4) < 1e-15)
        #expect(ClusteredMean([.infinity], weights: nil, clusters: nil) == nil)
        #expect(ClusteredMean([.infinity, 1], weights: [0, 1], clusters: nil)?.mean == 1)
    }

    /// Two scores that know nothing: one is called better than the other no more often than chance allows.
    @Test func noWinnerIsFoundAmongModelsThatKnowNothing() throws {
        var winners: [Metric: Int] = [:]
        for seed in 0..<200 {
            var random = RandomStream(seed: UInt64(seed), purpose: "null pairs")
            let labels = (0..<300).map { _ in random.bernoulli(0.3) }
            func noise() throws -> RankedPredictions {
                let scores = labels.map { _ in StableFunctions.sigmoid(-0.85 + 0.5 * random.normal()) }
                return RankedPredictions(try Predictions(labels: labels, scores: scores))
            }
            let bootstrap = try CustomerBootstrap([noise(), noise()], draws: 200, seed: 1, threads: 2)
            for metric in [Metric.auc, .logLoss, .brier] {
                let difference = try #require(bootstrap.difference(metric, 0, 1))
                let pValue = try #require(difference.pValue)
                if pValue <= 0.05 { winners[metric, default: 0] += 1 }
            }
        }
        // Five in a hundred, and two standard errors of the count.
        let isRare = winners.values.allSatisfy { $0 <= 17 }
        #expect(isRare, "\(winners)")
    }

    @Test func differencesOfAModelWithItselfAreNone() throws {
        let random = RandomPredictions(count: 300, levels: 1_000_000, seed: 5)
        let ranked = RankedPredictions(try random.unweighted())
        let bootstrap = try CustomerBootstrap([ranked, ranked], draws: 100, seed: 2, threads: 2)
        for metric in [Metric.brier, .logLoss, .expectedMaximumProfit] {
            let difference = try #require(bootstrap.difference(metric, 0, 1))
            #expect(difference.estimate.value == 0 && difference.estimate.low == 0 && difference.estimate.high == 0)
            #expect(difference.pValue == 1)
        }
        let again = try CustomerBootstrap([ranked, ranked], draws: 100, seed: 2, threads: 1)
        #expect(again.estimate(.auc, ofModel: 0) == bootstrap.estimate(.auc, ofModel: 0))
        #expect(throws: EvaluationError.self) {
            let other = RankedPredictions(try RandomPredictions(count: 300, levels: 9, seed: 6).unweighted())
            return try CustomerBootstrap([ranked, other], draws: 1, seed: 1, threads: 1)
        }
    }

    // MARK: Folds

    private static let cutoffs: [TimeSplit.Cutoff] = (0..<8).map { month in
        let instant = Int64(30 * month)
        return TimeSplit.Cutoff(instant: instant, labelEnd: instant + 90, isMature: month < 7)
    }

    @Test func timeFoldsLearnOnlyFromWhatWasKnown() throws {
        let folds = try TimeFolds(cutoffs: Self.cutoffs, count: 3).folds
        #expect(folds.map(\.test) == [4, 5, 6])
        #expect(folds.map(\.train) == [[0, 1], [0, 1, 2], [0, 1, 2, 3]])
        #expect(folds.map(\.purged) == [[2, 3], [3, 4], [4, 5]])
        let sliding = try TimeFolds(cutoffs: Self.cutoffs, count: 2, window: .rolling(2)).folds
        #expect(sliding.map(\.train) == [[1, 2], [2, 3]])
        // The first three cutoffs have nobody to learn from.
        #expect(try TimeFolds(cutoffs: Self.cutoffs, count: 9).folds.map(\.test) == [3, 4, 5, 6])
        #expect(throws: EvaluationError.noTrainingCutoff(firstTest: 60, purged: 2)) {
            try TimeFolds(cutoffs: Array(Self.cutoffs.prefix(3)), count: 3)
        }
    }

    /// Values of four folds by hand: mean 2.5, variance 5/3, t of 3 degrees of freedom 3.182446.
    @Test func foldsThatShareTrainingRowsAreWorthLess() throws {
        let estimate = try #require(CorrectedFolds.estimate([1, 2, 3, 4], testShare: 0.25))
        let margin = 3.182446305284263 * (5.0 / 3 * (1.0 / 4 + 1.0 / 3)).squareRoot()
        #expect(estimate.value == 2.5 && abs((estimate.high ?? 0) - 2.5 - margin) < 1e-9)
        #expect(CorrectedFolds.estimate([1], testShare: 0.2) == nil)
    }
}

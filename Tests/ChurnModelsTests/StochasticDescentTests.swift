import ChurnNumerics
import ChurnTestSupport
import Foundation
import Testing

@testable import ChurnModels

/// Stochastic descent against exact solvers on the same rows.
@Suite struct StochasticDescentTests {
    private static func penalty(_ l1: Double, _ l2: Double) throws -> Penalty { try Penalty(l1: l1, l2: l2) }

    private static func loss(_ pipeline: FittedPipeline, _ data: SyntheticData) throws -> Double {
        let odds = try pipeline.linearPredictor(data.table)
        return zip(odds, data.labels).reduce(0) {
            $0 + StableFunctions.logLoss(label: $1.1 ? 1 : 0, linearPredictor: $1.0)
        } / Double(data.rowCount)
    }

    // MARK: To the optimum

    @Test(.enabled(if: SharedData.isAvailable), arguments: [(0.0, 1.0), (0, 100), (20, 1)])
    func varianceReductionEndsAtNewtonsOptimumOnRealData(l1: Double, l2: Double) throws {
        for data in [try PublishedData.telco(), try PublishedData.mlcChurn()] {
            let penalty = try Self.penalty(l1, l2)
            let exact = try FittedPipeline.fit(
                data.table,
                labels: data.labels,
                .init(estimator: LogisticRegression(penalty: penalty)),
                threads: 2
            )
            let descended = try FittedPipeline.fit(
                data.table,
                labels: data.labels,
                .init(estimator: StochasticDescent(penalty: penalty, method: .svrg, maximumEpochs: 20_000)),
                threads: 2
            )
            #expect(descended.model.certificate.status == .converged)
            #expect(largestError(descended.model.point, exact.model.point) <= 1e-6)
            #expect(abs(descended.model.logLikelihood - exact.model.logLikelihood) <= 1e-5)
        }
    }

    @Test func weightsOffsetsClassWeightsAndFactorsCountAsInExactFits() throws {
        let data = SyntheticData.logistic(rows: 3000, coefficients: [1, -2, 0.5])
        let training = try TrainingData(
            design: data.trainingData().design,
            columnNames: data.names,
            labels: data.labels,
            weights: (0..<3000).map { Double($0 % 5) },
            offsets: (0..<3000).map { Double($0 % 3) - 1 },
            penaltyFactors: [0, 1, 3]
        )
        let weights = ClassWeights.fixed(positive: 4, negative: 0.5)
        let exact = try LogisticRegression(penalty: Self.penalty(0, 20), classWeights: weights).fit(
            training,
            threads: 1
        )
        let descended = try StochasticDescent(penalty: Self.penalty(0, 20), classWeights: weights, method: .svrg)
            .fit(training, threads: 1)
        #expect(descended.certificate.status == .converged)
        #expect(largestError(descended.point, exact.point) <= 1e-7)
    }

    @Test func moreColumnsThanAMetricHoldsAreFittedInADiagonalOne() throws {
        var stream = RandomStream(seed: 4, purpose: "wide")
        let columns = DescentMetric.mostCoefficients + 10
        let effects = (0..<columns).map { $0 < 5 ? 1.0 : 0 }
        let data = SyntheticData.logistic(rows: 3000, coefficients: effects, seed: stream.next())
        let exact = try LogisticRegression(penalty: Self.penalty(0, 300), infers: false).fit(
            data.trainingData(),
            threads: 2
        )
        let descended = try StochasticDescent(penalty: Self.penalty(0, 300), method: .svrg, tolerance: 1e-9)
            .fit(data.trainingData(), threads: 2)
        #expect(descended.certificate.status == .converged)
        #expect(largestError(descended.point, exact.point) <= 1e-6)
    }

    @Test func whereEpochsRunOutItSaysSo() throws {
        let data = SyntheticData.logistic(rows: 3000, coefficients: [1, -2, 0.5])
        let fitted = try StochasticDescent(penalty: .none, method: .svrg, maximumEpochs: 1)
            .fit(data.trainingData(), threads: 1)
        #expect(fitted.certificate.status == .notConverged)
        #expect(fitted.certificate.warnings.first?.contains("not converged after 1 epoch:") == true)
    }

    @Test func perfectlySeparatedRowsHaveNoOptimum() throws {
        var data = SyntheticData.logistic(rows: 400, coefficients: [1])
        data.labels = data.columns[0].map { $0 > 0 }
        let training = try data.trainingData()
        let estimator = try StochasticDescent(penalty: .none, method: .svrg)
        #expect(throws: ModelError.separated(columns: ["x0"])) { try estimator.fit(training, threads: 1) }
    }

    /// The gradient is small long before the optimum is near: the metric of an L1 penalty does not know it.
    @Test func twinsAreNoOptimumWhereOnlyTheGradientIsSmall() throws {
        var data = SyntheticData.logistic(rows: 2000, coefficients: [1, 0.5], seed: 8)
        var stream = RandomStream(seed: 9, purpose: "twins")
        data.columns.append(data.columns[0].map { $0 + 1e-7 * stream.normal() })
        let penalty = try Self.penalty(1, 0)
        let exact = try LogisticRegression(penalty: penalty).fit(data.trainingData(), threads: 1)
        let descended = try StochasticDescent(penalty: penalty, method: .svrg).fit(data.trainingData(), threads: 1)
        let isThere = largestError(descended.point, exact.point) <= 1e-3
        #expect(isThere || descended.certificate.status == .notConverged)
    }

    @Test func columnsWithoutValuesTakeNoSteps() throws {
        var data = SyntheticData.logistic(rows: 3000, coefficients: [1, -1])
        let exact = try LogisticRegression(penalty: .none).fit(data.trainingData(), threads: 1)
        data.columns.append([Double](repeating: 0, count: 3000))
        for penalty in [Penalty.none, try Self.penalty(2, 0)] {
            for method in StochasticDescent.Method.allCases {
                let fitted = try StochasticDescent(penalty: penalty, method: method).fit(
                    data.trainingData(),
                    threads: 1
                )
                #expect(fitted.coefficients[2] == 0 && abs(fitted.coefficients[0] - exact.coefficients[0]) < 0.2)
            }
        }
    }

    // MARK: To where held-out rows gain no more

    @Test(arguments: [StochasticDescent.Method.momentum, .adam], StochasticDescent.Schedule.allCases)
    func theLossOfNewRowsIsThatOfTheOptimum(method: StochasticDescent.Method, schedule: StochasticDescent.Schedule)
        throws
    {
        let effects = (0..<20).map { Double($0 % 5) / 4 - 0.5 }
        let data = SyntheticData.logistic(rows: 60_000, coefficients: effects, seed: 2)
        let fresh = SyntheticData.logistic(rows: 40_000, coefficients: effects, seed: 3)
        let exact = try fit(data.table, data.labels, l2Strength: 1)
        let descended = try FittedPipeline.fit(
            data.table,
            labels: data.labels,
            .init(estimator: StochasticDescent(penalty: Self.penalty(0, 1), method: method, schedule: schedule)),
            threads: 2
        )
        #expect(descended.model.certificate.status == .stoppedEarly)
        #expect(descended.model.certificate.stoppedBy?.contains("held-out rows") == true)
        #expect(try Self.loss(descended, fresh) <= 1.001 * Self.loss(exact, fresh))
    }

    /// Columns that are nearly the same, and one that is rare: what makes plain gradients slow.
    @Test func columnsThatAreMuchAlikeAndRareOnesAreNoObstacle() throws {
        var data = SyntheticData.logistic(rows: 40_000, coefficients: [1, 0.5, -1], seed: 5)
        var stream = RandomStream(seed: 6, purpose: "twins")
        data.columns[1] = data.columns[0].map { $0 + 0.02 * stream.normal() }
        data.columns.append((0..<40_000).map { $0 % 8000 == 17 ? 1 : 0 })
        let exact = try fit(data.table, data.labels, l2Strength: 1)
        let descended = try FittedPipeline.fit(
            data.table,
            labels: data.labels,
            .init(estimator: StochasticDescent(penalty: Self.penalty(0, 1))),
            threads: 1
        )
        #expect(try Self.loss(descended, data) <= 1.001 * Self.loss(exact, data))
    }

    @Test func anL1PenaltyLeavesZeros() throws {
        let effects = (0..<20).map { $0 < 3 ? 1.0 : 0 }
        let data = SyntheticData.logistic(rows: 20_000, coefficients: effects, seed: 7)
        let penalty = try Self.penalty(400, 0)
        let exact = try LogisticRegression(penalty: penalty).fit(data.trainingData(), threads: 1)
        let descended = try StochasticDescent(penalty: penalty, schedule: .linear, maximumEpochs: 60, heldOutShare: 0)
            .fit(data.trainingData(), threads: 1)
        #expect(descended.coefficients.map { $0 == 0 } == exact.coefficients.map { $0 == 0 })
        #expect(largestError(descended.coefficients, exact.coefficients) <= 0.01)
    }

    @Test func customersAreHeldOutWhole() throws {
        let data = SyntheticData.logistic(rows: 6000, coefficients: [1, -1])
        let clusters = (0..<6000).map { Int32($0 % 1000) }
        let problem = LogisticProblem(
            try data.trainingData(clusters: clusters),
            penalty: .none,
            classWeights: .none,
            threads: 1
        )
        let held = try StochasticDescent.HeldOutRows(of: problem, share: 0.2, seed: 1, threads: 1)
        let weights = try #require(held.trainingWeights)
        let heldCustomers = Set(clusters.indices.filter { weights[$0] == 0 }.map { clusters[$0] })
        let otherCustomers = Set(clusters.indices.filter { weights[$0] > 0 }.map { clusters[$0] })
        #expect(heldCustomers.isDisjoint(with: otherCustomers))
        #expect(held.rowCount == 6 * heldCustomers.count && heldCustomers.count == 200)
    }

    @Test(arguments: 1...20) func bothClassesAreHeldOutWhateverTheSeed(seed: UInt64) throws {
        var data = SyntheticData.logistic(rows: 200, coefficients: [1])
        data.labels = (0..<200).map { $0 % 29 == 3 }
        let fitted = try StochasticDescent(penalty: Self.penalty(0, 1), seed: seed).fit(data.trainingData(), threads: 1)
        #expect(fitted.certificate.status == .stoppedEarly)
    }

    /// Batches at the end of blocks are smaller, and their rows must not count for more.
    @Test(arguments: [100, 300, 900, 2600], [StochasticDescent.Method.momentum, .adam])
    func unevenBatchesHaveTheOptimumOfAllRows(rows: Int, method: StochasticDescent.Method) throws {
        let data = SyntheticData.logistic(rows: rows, coefficients: [1, -0.5], seed: 11)
        let exact = try LogisticRegression(penalty: .none).fit(data.trainingData(), threads: 1)
        let fitted = try StochasticDescent(
            penalty: .none,
            method: method,
            schedule: .linear,
            averages: false,
            maximumEpochs: 2000,
            heldOutShare: 0
        ).fit(data.trainingData(), threads: 1)
        let errors = exact.standardErrors
        let distances = zip(zip(fitted.point, exact.point), errors).map { abs($0.0 - $0.1) / $1 }
        #expect((distances.max() ?? 1) < 0.02)
    }

    @Test func smallUpdatesDoNotRuinTheParent() throws {
        let old = SyntheticData.logistic(rows: 20_000, coefficients: [1, -2, 0.5], seed: 1)
        let fresh = SyntheticData.logistic(rows: 20_000, coefficients: [1, -2, 0.5], seed: 2)
        let new = SyntheticData.logistic(rows: 300, coefficients: [1, -2, 0.5], seed: 3)
        let parent = try fit(old.table, old.labels, l2Strength: 1)
        let child = try FittedPipeline.fit(
            new.table,
            labels: new.labels,
            .init(estimator: StochasticDescent(penalty: Self.penalty(0, 1)), parent: parent),
            threads: 1
        )
        #expect(try Self.loss(child, fresh) <= 1.05 * Self.loss(parent, fresh))
    }

    @Test func withoutHeldOutRowsNothingTellsWhetherItWasEnough() throws {
        let data = SyntheticData.logistic(rows: 3000, coefficients: [1, -1])
        let fitted = try StochasticDescent(penalty: .none, maximumEpochs: 3, heldOutShare: 0)
            .fit(data.trainingData(), threads: 1)
        #expect(fitted.certificate.status == .notConverged && fitted.certificate.iterations == 3)
        #expect(fitted.certificate.warnings.first?.contains("--held-out") == true)
    }

    @Test func tooFewRowsToHoldSomeOutAreRefused() throws {
        var data = SyntheticData.logistic(rows: 12, coefficients: [1])
        data.labels = (0..<12).map { $0 == 5 }
        let training = try data.trainingData()
        let error = #expect(throws: ModelError.self) { try StochasticDescent(penalty: .none).fit(training, threads: 1) }
        guard case .nothingHeldOut = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.description.contains("--held-out 0") == true)
    }

    @Test func seedsAndBatchesChangeCoefficientsButNotWhatTheyAreWorth() throws {
        let data = SyntheticData.logistic(rows: 30_000, coefficients: [1, -2, 0.5])
        let fits = try [(1, 256), (2, 256), (1, 64), (1, 5000)].map { seed, rows in
            try FittedPipeline.fit(
                data.table,
                labels: data.labels,
                .init(estimator: StochasticDescent(penalty: .none, batchRows: rows, seed: UInt64(seed))),
                threads: 2
            )
        }
        #expect(Set(fits.map { $0.model.intercept }).count == 4)
        let losses = try fits.map { try Self.loss($0, data) }
        #expect((losses.max() ?? 1) <= 1.001 * (losses.min() ?? 0))
    }

    /// Stages that refine what has ended properly take nothing back where epochs run out among them.
    @Test func refiningNeverUnmakesAnEnd() throws {
        let data = SyntheticData.logistic(rows: 3000, coefficients: [1, -2, 0.5, 0.02])
        var hasEnded = false
        for epochs in stride(from: 40, through: 240, by: 10) {
            let fitted = try StochasticDescent(penalty: Self.penalty(0, 1), maximumEpochs: epochs)
                .fit(data.trainingData(), threads: 1)
            if fitted.certificate.status == .stoppedEarly { hasEnded = true }
            #expect(!hasEnded || fitted.certificate.status == .stoppedEarly, "\(epochs) epochs")
        }
        #expect(hasEnded)
    }

    @Test func aRateThatIsMuchTooLargeIsLowered() throws {
        let data = SyntheticData.logistic(rows: 20_000, coefficients: [1, -2, 0.5])
        let exact = try fit(data.table, data.labels)
        let descended = try FittedPipeline.fit(
            data.table,
            labels: data.labels,
            .init(estimator: StochasticDescent(penalty: .none, learningRate: 1000)),
            threads: 1
        )
        #expect(try Self.loss(descended, data) <= 1.01 * Self.loss(exact, data))
    }

    // MARK: Going on

    @Test func anUpdateGoesOnFromTheParentWithItsPreprocessing() throws {
        let old = SyntheticData.logistic(rows: 20_000, coefficients: [1, -2, 0.5], seed: 1)
        let new = SyntheticData.logistic(rows: 3000, coefficients: [1, -2, 0.5], intercept: 0.5, seed: 2)
        let parent = try fit(old.table, old.labels, l2Strength: 1)
        let specification = FittedPipeline.Specification(
            estimator: try StochasticDescent(penalty: Self.penalty(0, 1), maximumEpochs: 3),
            parent: parent
        )
        let child = try FittedPipeline.fit(
            new.table,
            labels: new.labels,
            specification,
            threads: 1
        )
        #expect(child.preprocessing == parent.preprocessing)
        #expect(child.model.intercept > parent.model.intercept + 0.5)
        #expect(try Self.loss(child, new) < Self.loss(parent, new))
        // With the optimum of the same rows as the parent nothing is left to do.
        let same = try FittedPipeline.fit(
            old.table,
            labels: old.labels,
            .init(estimator: StochasticDescent(penalty: Self.penalty(0, 1), method: .svrg), parent: parent),
            threads: 1
        )
        #expect(same.model.certificate.iterations == 0 && same.model.point == parent.model.point)
        // Noise alone is no divergence.
        let noisy = try FittedPipeline.fit(
            old.table,
            labels: old.labels,
            .init(
                estimator: StochasticDescent(penalty: Self.penalty(0, 1), maximumEpochs: 2, heldOutShare: 0),
                parent: parent
            ),
            threads: 1
        )
        #expect(try Self.loss(noisy, old) <= 1.001 * Self.loss(parent, old))
        var gaps = new
        gaps.columns[1][5] = .infinity
        #expect(throws: ModelError.self) {
            try FittedPipeline.fit(gaps.table, labels: new.labels, specification, threads: 1)
        }
    }

    @Test(arguments: [
        ("learningRate", 0.0), ("learningRate", .nan), ("momentum", 1), ("batchRows", 0), ("maximumEpochs", 0),
        ("heldOutShare", 0.6), ("heldOutShare", 1e-20), ("learningRate", 1e-9), ("patience", 0), ("patience", 1e18),
        ("tolerance", 1),
    ])
    func hyperparametersAreCheckedBeforeAnythingIsFitted(name: String, value: Double) throws {
        #expect(throws: ModelError.self) {
            try StochasticDescent(
                penalty: .none,
                learningRate: name == "learningRate" ? value : 1,
                momentum: name == "momentum" ? value : 0.9,
                batchRows: name == "batchRows" ? Int(value) : 256,
                maximumEpochs: name == "maximumEpochs" ? Int(value) : 10,
                heldOutShare: name == "heldOutShare" ? value : 0.1,
                patience: name == "patience" ? Int(value) : 3,
                tolerance: name == "tolerance" ? value : 1e-10
            )
        }
    }
}

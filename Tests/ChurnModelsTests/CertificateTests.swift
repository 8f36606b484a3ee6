import ChurnNumerics
import Foundation
import Testing

@testable import ChurnModels

/// What is certified is near the optimum: where the gradient of all rows alone would not tell.
@Suite struct CertificateTests {
    private let data = SyntheticData.logistic(rows: 400, coefficients: [1, -0.5])

    /// The largest element of Newton's step from where a fit ended: about its distance from the optimum.
    private func distance(
        _ fitted: FittedLogisticRegression,
        _ data: TrainingData,
        weights: [Double]?,
        l2: Double
    ) throws -> Double {
        let objective = LogisticObjective(
            design: data.design,
            labels: data.labels,
            weights: weights,
            offsets: data.offsets,
            l2: [0] + fitted.coefficients.map { _ in l2 },
            threads: 1
        )
        let evaluation = objective.evaluate(at: fitted.point, curvature: true)
        let step = try CholeskyFactor(#require(evaluation.hessian)).solve(evaluation.gradient)
        return step.reduce(0) { max($0, abs($1)) }
    }

    /// A few rows have nearly all of the weight, and the tolerance is per unit of it.
    @Test(arguments: [1, 1e6, 1e9, 1e12], LogisticRegression.Solver.allCases)
    func lopsidedWeightsAreFittedToo(heavy: Double, _ solver: LogisticRegression.Solver) throws {
        let weights = data.labels.indices.map { $0 % 50 == 0 ? heavy : 1 }
        let training = try data.trainingData(weights: weights)
        let fitted = try LogisticRegression(penalty: Penalty(l2: 1), solver: solver).fit(training, threads: 1)
        if fitted.certificate.status == .converged {
            #expect(try distance(fitted, training, weights: weights, l2: 1) <= 1e-5)
        }
        if heavy <= 1e9 { #expect(fitted.certificate.status == .converged) }
    }

    @Test(arguments: [1e3, 1e6, 1e9, 1e12]) func lopsidedClassesAreFittedToo(heavy: Double) throws {
        let training = try data.trainingData()
        let estimator = try LogisticRegression(
            penalty: Penalty(l2: 1),
            classWeights: .fixed(positive: heavy, negative: 1)
        )
        let fitted = try estimator.fit(training, threads: 1)
        // Compared without the intercept, which is put right: with it the gradient would be another one.
        let strong = try LogisticRegression(
            penalty: Penalty(l2: 1),
            classWeights: .fixed(positive: 10 * heavy, negative: 1)
        ).fit(training, threads: 1)
        if heavy <= 1e3 { #expect(fitted.certificate.status == .converged) }
        if fitted.certificate.status == .converged, strong.certificate.status == .converged {
            // The odds of the classes have gone into the intercept; what is left hardly moves.
            #expect(largestError(fitted.coefficients, strong.coefficients) <= 20 / heavy + 1e-4)
        }
    }

    /// Columns that nearly repeat each other have small gradients far from the optimum.
    @Test(arguments: [1e-4, 1e-5, 1e-6], LogisticRegression.Solver.allCases)
    func nearlyEqualColumnsAreNotDoneTooSoon(gap: Double, _ solver: LogisticRegression.Solver) throws {
        var stream = RandomStream(seed: 12, purpose: "gap")
        let a = (0..<2000).map { _ in stream.normal() }
        let z = (0..<2000).map { _ in stream.normal() }
        let labels = z.map { stream.bernoulli(StableFunctions.sigmoid(2 * $0)) }
        // Scaled so that the coefficients of the two are of the size of 1 over the gap.
        let training = try SyntheticData(columns: [a, zip(a, z).map { $0 + gap * $1 }], labels: labels).trainingData()
        let best = try LogisticRegression(l2Strength: 1e-12).fit(training, threads: 1)
        #expect(best.certificate.status == .converged)
        let penalty = try solver == .coordinateDescent ? Penalty(l1: 1e-9) : Penalty(l2: 1e-12)
        for tolerance in [1e-4, 1e-6, 1e-10] {
            for infers in [true, false] {
                let estimator = try LogisticRegression(
                    penalty: penalty,
                    solver: solver,
                    tolerance: tolerance,
                    infers: infers
                )
                let fitted = try estimator.fit(training, threads: 1)
                // L-BFGS without a metric sees the gradient alone, and only the inference's Hessian tells.
                if solver == .lbfgs, !infers { continue }
                if gap == 1e-4, solver == .newton || solver == .automatic {
                    #expect(fitted.certificate.status == .converged, "\(tolerance), \(infers)")
                }
                if fitted.certificate.status == .converged {
                    let lost = best.logLikelihood - fitted.logLikelihood
                    #expect(lost <= 2000 * tolerance + 1e-4, "\(tolerance), \(infers)")
                }
            }
        }
    }

    /// Log-odds so large that the curvature has no digits.
    @Test(arguments: [5, 40, 500], [0, 1.0]) func largeOffsetsAreFitted(size: Double, l1: Double) throws {
        let offsets = data.labels.indices.map { $0 % 2 == 0 ? size : -size }
        let training = try TrainingData(
            design: data.trainingData().design,
            columnNames: data.names,
            labels: data.labels,
            offsets: offsets
        )
        let fitted = try LogisticRegression(penalty: Penalty(l1: l1, l2: 1)).fit(training, threads: 1)
        #expect(fitted.certificate.status == .converged)
        // The conditions at the point, in plain sums.
        let known = try fitted.linearPredictor(training.design, offsets: offsets, threads: 1)
        let slopes = known.indices.map { StableFunctions.sigmoid(known[$0]) - (data.labels[$0] ? 1.0 : 0) }
        #expect(abs(slopes.reduce(0, +)) <= 1e-6)
        for (column, coefficient) in fitted.coefficients.enumerated() {
            let slope = zip(slopes, data.columns[column]).reduce(coefficient) { $0 + $1.0 * $1.1 }
            let left = coefficient == 0 ? max(0, abs(slope) - l1) : abs(slope + (coefficient > 0 ? l1 : -l1))
            #expect(left <= 1e-6)
        }
        let balanced = try LogisticRegression(penalty: Penalty(l2: 1), classWeights: .balanced)
            .fit(training, threads: 1)
        #expect(balanced.certificate.status == .converged)
        let odds = try balanced.linearPredictor(training.design, offsets: offsets, threads: 1)
        let mean = odds.reduce(0) { $0 + StableFunctions.sigmoid($1) } / 400
        #expect(abs(mean - Double(data.labels.count { $0 }) / 400) <= 1e-9)
    }

    /// A row that is certain whatever the intercept tells nothing of it.
    @Test(arguments: [1e3, 1e60, 1e100]) func oneHugeOffsetLeavesTheInterceptToTheOthers(offset: Double) throws {
        let many = SyntheticData.logistic(rows: 20_000, coefficients: [1, -0.5])
        let certain = try #require(many.labels.firstIndex(of: true))
        let offsets = many.labels.indices.map { $0 == certain ? offset : 0 }
        let training = try TrainingData(
            design: many.trainingData().design,
            columnNames: many.names,
            labels: many.labels,
            offsets: offsets
        )
        let estimator = try LogisticRegression(
            penalty: Penalty(l2: 1),
            classWeights: .fixed(positive: 5, negative: 1)
        )
        let fitted = try estimator.fit(training, threads: 1)
        let odds = try fitted.linearPredictor(training.design, offsets: offsets, threads: 1)
        let mean = odds.reduce(0) { $0 + StableFunctions.sigmoid($1) } / 20_000
        #expect(abs(mean - Double(many.labels.count { $0 }) / 20_000) <= 1e-12)
    }

    /// Columns of which three make up the others but for a ten-thousandth.
    @Test(arguments: [5, 6, 12, 30], [1e-2, 1e-4, 1e-7]) func aWeakL1IsFittedToColumnsOfLowRank(
        columns: Int,
        l1: Double
    ) throws {
        var stream = RandomStream(seed: 5, purpose: "low rank", index: UInt64(columns))
        let base = (0..<3).map { _ in (0..<200).map { _ in stream.normal() } }
        let design = (0..<columns).map { _ -> [Double] in
            let mix = (0..<3).map { _ in stream.normal() }
            return (0..<200).map { row in
                1e-4 * stream.normal() + (0..<3).reduce(0) { $0 + mix[$1] * base[$1][row] }
            }
        }
        let labels = (0..<200).map { stream.bernoulli(StableFunctions.sigmoid(base[0][$0])) }
        let training = try SyntheticData(columns: design, labels: labels).trainingData()
        let fitted = try LogisticRegression(penalty: Penalty(l1: l1)).fit(training, threads: 1)
        #expect(fitted.certificate.status == .converged)
        let odds = try fitted.linearPredictor(training.design, threads: 1)
        for (column, coefficient) in fitted.coefficients.enumerated() {
            let slope = (0..<200).reduce(0.0) {
                $0 + (StableFunctions.sigmoid(odds[$1]) - (labels[$1] ? 1 : 0)) * design[column][$1]
            }
            let left = coefficient == 0 ? max(0, abs(slope) - l1) : abs(slope + (coefficient > 0 ? l1 : -l1))
            #expect(left <= 1e-7)
        }
    }

    /// A column beside its copy in single precision: how they differ is lost in every product of the two.
    @Test(arguments: [1e-6, 1e-8, 1e-10, 1e-12]) func aWeakL1OnCopiesIsNotSaidToBeThereTooSoon(l1: Double) throws {
        var stream = RandomStream(seed: 9, purpose: "copies")
        let columns = (0..<3).map { _ in (0..<1000).map { _ in stream.normal() } }
        let labels = columns[0].map { stream.bernoulli(StableFunctions.sigmoid($0)) }
        let copies = columns.map { $0.map { Double(Float($0)) } }
        let training = try SyntheticData(columns: columns + copies, labels: labels).trainingData()
        let fitted = try LogisticRegression(penalty: Penalty(l1: l1)).fit(training, threads: 1)
        func value(_ fitted: FittedLogisticRegression) -> Double {
            fitted.coefficients.reduce(-fitted.logLikelihood) { $0 + l1 * abs($1) }
        }
        // Where the unpenalised optimum is better, the other one is none.
        let free = try LogisticRegression(penalty: .none).fit(training, threads: 1)
        if fitted.certificate.status == .converged { #expect(value(fitted) <= value(free) + 1e-6) }
        if l1 >= 1e-6 { #expect(fitted.certificate.status == .converged) }
    }

    /// 1, d, z and 1 - d: a factor from the rows has a last pivot of rounding alone, or none.
    @Test(arguments: 1...6) func anL1OptimumOfColumnsThatDependOnEachOtherIsConfirmed(seed: UInt64) throws {
        var stream = RandomStream(seed: seed, purpose: "dependent")
        let (first, second) = (
            (0..<100_000).map { _ in stream.normal() }, (0..<100_000).map { _ in stream.normal() }
        )
        let labels = first.indices.map { stream.bernoulli(StableFunctions.sigmoid(first[$0] - second[$0] - 2)) }
        let training = try SyntheticData(columns: [first, second, first.map { 1 - $0 }], labels: labels).trainingData()
        let fitted = try LogisticRegression(penalty: Penalty(l1: 1)).fit(training, threads: 2)
        #expect(fitted.certificate.status == .converged)
        // What the pair says together is what d alone would.
        let alone = try SyntheticData(columns: [first, second], labels: labels).trainingData()
        let expected = try LogisticRegression(penalty: Penalty(l1: 1)).fit(alone, threads: 2)
        let together = [fitted.coefficients[0] - fitted.coefficients[2], fitted.coefficients[1]]
        #expect(largestError(together, expected.coefficients) <= 1e-7)
        if seed == 1 {
            let points = try LogisticPath(alpha: 1, count: 10).fit(training, threads: 2)
            #expect(points.count == 10 && points.last?.status == .converged)
        }
    }

    /// Columns that depend on each other exactly, beside others that nearly do.
    @Test(arguments: [1e-9, 1e-7, 1e-5, 1e-4], [1, 1e-4])
    func anL1OptimumOfColumnsThatNearlyDependOnEachOtherIsFoundInFewSteps(distance: Double, l1: Double) throws {
        for seed: UInt64 in 0..<3 {
            var stream = RandomStream(seed: seed, purpose: "nearly dependent")
            let columns = (0..<6).map { _ in (0..<3000).map { _ in stream.normal() } }
            let mirrored = columns[..<2].map { $0.map { 1 - $0 } }
            let close = columns[..<2].map { $0.map { $0 + distance * stream.normal() } }
            let labels = (0..<3000).map { row in
                stream.bernoulli(StableFunctions.sigmoid(columns[0][row] - columns[1][row] + columns[2][row] / 2))
            }
            let training = try SyntheticData(columns: columns + mirrored + close, labels: labels).trainingData()
            let fitted = try LogisticRegression(penalty: Penalty(l1: l1)).fit(training, threads: 1)
            #expect(fitted.certificate.status == .converged && fitted.certificate.iterations <= 40)
            let points = try LogisticPath(alpha: 1, count: 30).fit(training, threads: 1)
            #expect(points.count == 30 && points.last?.status == .converged, "\(points.count) points, \(seed)")
        }
    }

    /// Combinations of columns, nearly and exactly: what is left out of the second look still counts in the curvature.
    ///
    /// The curvature is near what rounding leaves of it, and BLAS rounds in another way on another processor: one fit in ten is then said
    /// not to have converged, which is what such a fit should say.
    @Test(arguments: [1e-5, 1e-6], [1e-5, 1e-6])
    func anL1OptimumIsConfirmedWithTheCurvatureOfAllColumns(distance: Double, l1: Double) throws {
        var converged = 0
        for seed: UInt64 in 0..<12 {
            var stream = RandomStream(seed: seed, purpose: "combinations")
            let base = (0..<2).map { _ in (0..<500).map { _ in stream.normal() } }
            let sum = (0..<500).map { base[0][$0] + base[1][$0] + distance * stream.normal() }
            let labels = base[0].indices.map { row in
                stream.bernoulli(StableFunctions.sigmoid(base[0][row] - base[1][row] / 2))
            }
            let columns = base + [sum] + base.map { $0.map { 1 - $0 } }
            let training = try SyntheticData(columns: columns, labels: labels).trainingData()
            let fitted = try LogisticRegression(penalty: Penalty(l1: l1)).fit(training, threads: 1)
            converged += fitted.certificate.status == .converged ? 1 : 0
        }
        #expect(converged >= 9)
    }

    /// Where no row is undecided nothing tells where the optimum is.
    @Test func anOptimumWithoutAnyCurvatureIsNotSaidToBeThere() throws {
        let training = try TrainingData(
            design: data.trainingData().design,
            columnNames: data.names,
            labels: data.labels,
            offsets: data.labels.map { $0 ? 800 : -800 }
        )
        let fitted = try LogisticRegression(penalty: Penalty(l1: 1e-3)).fit(training, threads: 1)
        #expect(fitted.certificate.status == .notConverged)
    }

    /// Rows so certain that the curvature says nothing of what comes behind them.
    @Test(arguments: [30, 1e3, 1e5]) func offsetsOfManySizesAreFittedUnderL1(size: Double) throws {
        var stream = RandomStream(seed: 10, purpose: "offsets")
        let offsets = data.labels.indices.map { _ in size * stream.normal() }
        let training = try TrainingData(
            design: data.trainingData().design,
            columnNames: data.names,
            labels: data.labels,
            offsets: offsets
        )
        for positive in [1.0, 100] {
            let estimator = try LogisticRegression(
                penalty: Penalty(l1: 1),
                classWeights: .fixed(positive: positive, negative: 1)
            )
            #expect(try estimator.fit(training, threads: 1).certificate.status == .converged, "\(positive)")
        }
    }

    /// Neither weights nor offsets overlap what is apart.
    @Test func rowsAreSeparatedWhateverTheyWeighAndWhateverIsKnown() throws {
        var stream = RandomStream(seed: 11, purpose: "apart")
        let columns = (0..<40).map { _ in (0..<60).map { _ in stream.normal() } }
        let labels = (0..<60).map { _ in stream.bernoulli(0.5) }
        let apart = SyntheticData(columns: columns, labels: labels)
        let weights = labels.map { _ in PortableMath.exp(14 * (2 * stream.uniform() - 1)) }
        let plain = try apart.trainingData()
        let weighted = try apart.trainingData(weights: weights)
        let known = try TrainingData(
            design: plain.design,
            columnNames: apart.names,
            labels: labels,
            offsets: labels.map { _ in 21 * stream.normal() }
        )
        for training in [plain, weighted, known] {
            #expect {
                try LogisticRegression(penalty: .none).fit(training, threads: 1)
            } throws: { error in
                if case ModelError.separated = error { true } else { false }
            }
        }
    }

    /// Two points: b solves 20/(1 + eᵇ) = l1.
    @Test(arguments: [1, 1e-3, 1e-6, 1e-9, 1e-12, 1e-18, 1e-30, 1e-100])
    func aVeryWeakL1OnSeparatedRowsIsNotSaidToBeThereTooSoon(l1: Double) throws {
        let x = (0..<20).map { $0 % 2 == 0 ? 1.0 : -1 }
        let training = try SyntheticData(columns: [x], labels: x.map { $0 > 0 }).trainingData()
        let expected = PortableMath.log(20 / l1 - 1)
        let fitted = try LogisticRegression(penalty: Penalty(l1: l1)).fit(training, threads: 1)
        if l1 >= 1e-12 { #expect(fitted.certificate.status == .converged) }
        if fitted.certificate.status == .converged {
            #expect(abs(fitted.coefficients[0] - expected) <= 1e-4 * expected, "\(fitted.coefficients[0])")
        }
    }

    /// Strengths and weights so far apart that a condition number says nothing.
    @Test func extremeStrengthsAndWeightsAreFitted() throws {
        for strength in [1e-30, 1e33, 1e100] {
            let fitted = try LogisticRegression(penalty: Penalty(l2: strength)).fit(data.trainingData(), threads: 1)
            #expect(fitted.certificate.status == .converged, "\(strength)")
        }
        let light = try data.trainingData(weights: data.labels.map { _ in 1e-50 })
        let held = try LogisticRegression(penalty: Penalty(l2: 1)).fit(light, threads: 1)
        #expect(held.certificate.status == .converged && held.coefficients.allSatisfy { abs($0) <= 1e-40 })
        let plain = try LogisticRegression(penalty: .none).fit(
            data.trainingData(weights: data.labels.map { _ in 1 }),
            threads: 1
        )
        for weight in [1e-60, 1e60, 1e100] {
            let fitted = try LogisticRegression(
                penalty: .none,
                classWeights: .fixed(positive: weight, negative: weight)
            )
            .fit(data.trainingData(weights: data.labels.map { _ in weight }), threads: 1)
            #expect(fitted.certificate.status == .converged)
            #expect(largestError(fitted.coefficients, plain.coefficients) <= 1e-9)
            #expect(largestError(fitted.standardErrors, plain.standardErrors) <= 1e-9, "\(weight)")
        }
    }

    /// The heavier class hides the lighter one in sums of both.
    @Test(arguments: [1, 1e20, 1e80]) func classesOfVeryDifferentWeightHaveErrorsToo(heavy: Double) throws {
        let training = try TrainingData(
            design: Matrix(rowCount: 200, columnCount: 0),
            columnNames: [],
            labels: (0..<200).map { $0 < 100 },
            weights: (0..<200).map { $0 < 100 ? heavy : 1 / heavy }
        )
        let fitted = try LogisticRegression(penalty: .none).fit(training, threads: 1)
        #expect(fitted.certificate.status == .converged)
        #expect(abs(fitted.intercept - 2 * PortableMath.log(heavy)) <= 1e-9)
        // Var = Σ s² / H², with 100 scores of 1/(h + 1/h) in each class and H = 100/(h + 1/h).
        #expect(abs((fitted.standardErrors.first ?? 0) - 0.02.squareRoot()) <= 1e-9)
        let balanced = try LogisticRegression(penalty: .none, classWeights: .balanced).fit(training, threads: 1)
        #expect(balanced.classWeights.map { $0.positive.isFinite && $0.negative.isFinite } == true)
        #expect(abs(balanced.intercept - 2 * PortableMath.log(heavy)) <= 1e-9)
    }

    @Test func asManyColumnsAsRowsAreAllKeptUnderAPenalty() throws {
        let wide = SyntheticData.logistic(rows: 40, coefficients: (0..<60).map { $0 < 3 ? 1 : 0 })
        let held = try fit(wide.table, wide.labels, l2Strength: 5)
        #expect(held.model.certificate.aliased.isEmpty && held.model.coefficients.count == 60)
        // The conditions of all columns, on the columns as they were scaled.
        let design = Matrix(try held.preprocessing.apply(to: wide.table))
        let odds = try held.linearPredictor(wide.table)
        for column in 0..<60 {
            var slope = 5 * held.model.coefficients[column]
            for row in 0..<40 {
                slope += (StableFunctions.sigmoid(odds[row]) - (wide.labels[row] ? 1 : 0)) * design[row, column]
            }
            #expect(abs(slope) <= 1e-8)
        }
    }

    @Test func fewCustomersAreSaidAndTooFewHaveNoErrors() throws {
        func fitted(customers: Int) throws -> FittedPipeline {
            try fit(data.table, data.labels, clusters: (0..<400).map { Int32($0 % customers) })
        }
        let one = try fitted(customers: 1)
        #expect(one.model.inference?.standardErrors == [] && one.model.inference?.globalTest == nil)
        #expect(one.coefficients.allSatisfy { $0.standardError == nil && $0.pValue == nil })
        #expect(one.model.certificate.warnings.contains { $0.contains("1 customer only, too few") })
        #expect(try fitted(customers: 3).model.inference?.standardErrors == [])
        let some = try fitted(customers: 10)
        #expect(some.model.standardErrors.count == 3)
        #expect(some.model.certificate.warnings.contains { $0.contains("10 customers only: standard errors") })
        #expect(try fitted(customers: 100).model.certificate.warnings.isEmpty)
        let stored = try JSONEncoder().encode(one.model)
        #expect(try JSONDecoder().decode(FittedLogisticRegression.self, from: stored) == one.model)
    }

    /// Finite numbers, of which a coefficient makes log-odds that are not.
    @Test func logOddsThatAreNotFiniteNameTheirColumn() throws {
        let pipeline = try FittedPipeline(rawColumns: ["a", "b"], intercept: 0, coefficients: [1, 1e10])
        let table = try numericTable([("a", [1, 1e300]), ("b", [1, 1e300])])
        let error = ModelError.notFinite(row: 1, column: "b", value: 1e300)
        #expect(throws: error) { try pipeline.probabilities(table) }
        #expect(throws: error) { try pipeline.explainedProbabilities(table, reasons: 3) }
    }

    @Test func magnitudesBeyondAllUseAreRefused() throws {
        for weights in [(0.0, 1.0), (1, 0)] {
            #expect(throws: ModelError.self) {
                try LogisticRegression(
                    penalty: .none,
                    classWeights: .fixed(positive: weights.0, negative: weights.1)
                )
            }
        }
        for value in [1e101, 1e-101, -1, .infinity, .nan] {
            #expect(throws: ModelError.self) { try Penalty(l2: value) }
            #expect(throws: ModelError.self) { try Penalty.scikitLearn(c: value) }
            for weights in [(value, 1), (1, value)] {
                #expect(throws: ModelError.self) {
                    try LogisticRegression(
                        penalty: .none,
                        classWeights: .fixed(positive: weights.0, negative: weights.1)
                    )
                }
            }
            #expect(throws: ModelError.self) { try data.trainingData(weights: data.labels.map { _ in value }) }
            #expect(throws: ModelError.self) {
                try TrainingData(
                    design: data.trainingData().design,
                    columnNames: data.names,
                    labels: data.labels,
                    penaltyFactors: [1, value]
                )
            }
        }
    }
}

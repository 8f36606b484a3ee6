import ChurnNumerics
import Foundation
import Testing

@testable import ChurnModels

/// What every estimator must keep, now and later: one list of estimators, one list of promises.
///
/// An estimator that joins is one more case of `Candidate`.
@Suite struct EstimatorConformanceTests {
    /// An estimator with hyperparameters, as the promises see it.
    struct Candidate: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let specification: FittedPipeline.Specification
        /// l1 and l2 of a row's objective, for the gradient that is computed anew.
        var l1 = 0.0
        var l2 = 0.0
        var penalisesIntercept = false
        /// Weights of the classes, likewise.
        var classWeights = (positive: 1.0, negative: 1.0)
        var usesFirth = false
        /// How a fit ends.
        var status = FitCertificate.Status.converged

        func fit(
            _ table: PredictorTable,
            _ labels: [Bool],
            weights: [Double]? = nil,
            threads: Int = 1
        ) throws -> FittedPipeline {
            try FittedPipeline.fit(table, labels: labels, weights: weights, specification, threads: threads)
        }
    }

    /// The gradient's largest element per row, at which fits are done here.
    private static let tolerance = 1e-12

    static let candidates: [Candidate] = {
        func candidate(
            _ name: String,
            _ penalty: Penalty = .none,
            _ solver: LogisticRegression.Solver = .automatic,
            classWeights: ClassWeights = .none,
            firth: Bool = false
        ) -> Candidate {
            guard
                let estimator = try? LogisticRegression(
                    penalty: penalty,
                    solver: solver,
                    classWeights: classWeights,
                    usesFirth: firth,
                    tolerance: tolerance
                )
            else { preconditionFailure("a candidate must be an estimator") }
            var candidate = Candidate(
                testDescription: name,
                specification: .init(estimator: estimator),
                l1: penalty.l1,
                l2: penalty.l2,
                penalisesIntercept: penalty.penalisesIntercept
            )
            if case .fixed(let positive, let negative) = classWeights {
                candidate.classWeights = (positive, negative)
            }
            candidate.usesFirth = firth
            return candidate
        }
        func varianceReduced(_ name: String, _ penalty: Penalty = .none) -> Candidate {
            let estimator = try? StochasticDescent(
                penalty: penalty,
                method: .svrg,
                maximumEpochs: 10_000,
                tolerance: tolerance
            )
            guard let estimator else { preconditionFailure("a candidate must be an estimator") }
            return Candidate(
                testDescription: name,
                specification: .init(estimator: estimator),
                l1: penalty.l1,
                l2: penalty.l2,
                penalisesIntercept: penalty.penalisesIntercept
            )
        }
        func penalty(_ l1: Double, _ l2: Double, intercept: Bool = false) -> Penalty {
            (try? Penalty(l1: l1, l2: l2, penalisesIntercept: intercept)) ?? .none
        }
        return [
            candidate("unpenalised, Newton", .none, .newton),
            candidate("unpenalised, L-BFGS", .none, .lbfgs),
            candidate("unpenalised, coordinate descent", .none, .coordinateDescent),
            candidate("L2, Newton", penalty(0, 2), .newton),
            candidate("L2, L-BFGS", penalty(0, 2), .lbfgs),
            candidate("L2, coordinate descent", penalty(0, 2), .coordinateDescent),
            candidate("L2 of the intercept, too", penalty(0, 5, intercept: true)),
            candidate("L1", penalty(15, 0)),
            candidate("elastic net", penalty(10, 5)),
            candidate("class weights", penalty(0, 1), classWeights: .fixed(positive: 3, negative: 0.5)),
            candidate("Firth", firth: true),
            varianceReduced("unpenalised, SVRG"),
            varianceReduced("L2, SVRG", penalty(0, 2)),
            varianceReduced("elastic net, SVRG", penalty(10, 5)),
        ]
    }()

    /// Estimators that end where held-out rows gain no more, and not at an optimum.
    static let descents: [Candidate] = [StochasticDescent.Method.momentum, .adam].map { method in
        guard let penalty = try? Penalty(l2: 1),
            let estimator = try? StochasticDescent(penalty: penalty, method: method)
        else { preconditionFailure("a candidate must be an estimator") }
        return Candidate(
            testDescription: "\(method)",
            specification: .init(estimator: estimator),
            l2: 1,
            status: .stoppedEarly
        )
    }

    private static let data = SyntheticData.logistic(rows: 700, coefficients: [1, -2, 0.5, 0.02])

    // MARK: Promises

    /// In the mean of all rows; the intercept of class weights is put right afterwards and has another condition.
    @Test(arguments: candidates) func theGradientVanishesAtTheOptimum(_ candidate: Candidate) throws {
        let fitted = try candidate.fit(Self.data.table, Self.data.labels)
        #expect(fitted.model.certificate.status == .converged)
        guard !candidate.usesFirth else { return }
        let design = Matrix(try fitted.preprocessing.apply(to: Self.data.table))
        var point = fitted.model.point
        if candidate.classWeights != (1, 1) { point[0] = try balanced(point, design, candidate) }
        for (element, left) in residuals(at: point, design, candidate).enumerated() {
            #expect(left <= 1e-9, "element \(element)")
        }
        #expect(fitted.model.certificate.gradientNorm <= Self.tolerance * 700 * 3)
    }

    @Test(arguments: candidates + descents) func threadsDoNotChangeABit(_ candidate: Candidate) throws {
        let large = SyntheticData.logistic(rows: 40_000, coefficients: [1, -2, 0.5])
        let fits = try [1, 2, 5].map { try candidate.fit(large.table, large.labels, threads: $0) }
        #expect(fits[0].model.certificate.status == candidate.status)
        #expect(fits[1] == fits[0] && fits[2] == fits[0])
    }

    @Test(arguments: candidates) func theOrderOfRowsAndColumnsDoesNotMatter(_ candidate: Candidate) throws {
        let one = try candidate.fit(Self.data.table, Self.data.labels)
        var stream = RandomStream(seed: 9, purpose: "order")
        let shuffled = Self.data.selecting(rows: stream.permutation(700))
        let rows = try candidate.fit(shuffled.table, shuffled.labels)
        #expect(largestError(rows.model.point, one.model.point) <= 1e-9)
        let order = [2, 0, 3, 1]
        let columns = try Self.data.table.columns
        let turned = try PredictorTable(rowCount: 700, columns: order.map { columns[$0] })
        let other = try candidate.fit(turned, Self.data.labels)
        #expect(largestError(other.model.coefficients, order.map { one.model.coefficients[$0] }) <= 1e-9)
        #expect(abs(other.model.intercept - one.model.intercept) <= 1e-9)
    }

    /// Firth's correction knows how many rows there are: a row of weight 2 is one observation, not two.
    @Test(arguments: candidates.filter { !$0.usesFirth })
    func aWeightOfKIsKRows(_ candidate: Candidate) throws {
        let weights = (0..<700).map { Double($0 % 4) }
        let repeated = (0..<700).flatMap { [Int](repeating: $0, count: $0 % 4) }
        let rows = Self.data.selecting(rows: repeated)
        let weighted = try candidate.fit(Self.data.table, Self.data.labels, weights: weights)
        let other = try candidate.fit(rows.table, rows.labels)
        #expect(largestError(weighted.model.point, other.model.point) <= 1e-10)
    }

    @Test(arguments: candidates + descents) func whatIsSavedScoresTheSameBits(_ candidate: Candidate) throws {
        let fitted = try candidate.fit(Self.data.table, Self.data.labels)
        let loaded = try FittedPipeline(
            preprocessing: JSONDecoder().decode(
                Preprocessing.self,
                from: JSONEncoder().encode(fitted.preprocessing)
            ),
            model: JSONDecoder().decode(FittedLogisticRegression.self, from: JSONEncoder().encode(fitted.model))
        )
        #expect(loaded == fitted)
        let scores = try fitted.probabilities(Self.data.table).map(\.bitPattern)
        #expect(try loaded.probabilities(Self.data.table, threads: 2).map(\.bitPattern) == scores)
    }

    @Test(arguments: candidates + descents) func unitsDoNotMatter(_ candidate: Candidate) throws {
        let one = try candidate.fit(Self.data.table, Self.data.labels)
        for scale in [1e-12, 1e12] {
            let factors = [scale, 1, 1 / scale, 1]
            let columns = zip(Self.data.columns, factors).map { column, factor in column.map { $0 * factor + factor } }
            let scaled = SyntheticData(columns: columns, labels: Self.data.labels)
            let other = try candidate.fit(scaled.table, scaled.labels)
            #expect(largestError(other.model.point, one.model.point) <= 1e-9, "\(scale)")
        }
    }

    @Test(arguments: candidates + descents) func whatCannotBeSquaredIsNamed(_ candidate: Candidate) throws {
        for scale in [1e200, 1e-200] {
            var data = Self.data
            data.columns[1] = data.columns[1].map { $0 * scale }
            #expect(throws: ModelError.unscalable(column: "x1")) { try candidate.fit(data.table, data.labels) }
        }
    }

    @Test(arguments: candidates + descents) func oneClassAndOneRowAreRefused(_ candidate: Candidate) throws {
        let none = [Bool](repeating: false, count: 700)
        #expect(throws: ModelError.oneClass(positives: 0, rows: 700)) { try candidate.fit(Self.data.table, none) }
        let row = Self.data.selecting(rows: [3])
        #expect(throws: ModelError.self) { try candidate.fit(row.table, row.labels) }
    }

    @Test(arguments: candidates + descents) func oneColumnIsFitted(_ candidate: Candidate) throws {
        let one = Self.data.selecting(columns: [1])
        let fitted = try candidate.fit(one.table, one.labels)
        #expect(fitted.model.coefficients.count == 1 && fitted.model.coefficients[0] < -0.5)
    }

    @Test(arguments: candidates + descents) func aConstantColumnChangesNothing(_ candidate: Candidate) throws {
        let one = try candidate.fit(Self.data.table, Self.data.labels)
        let columns = try Self.data.table.columns
        let constant = PredictorColumn(name: "constant", values: .numeric([Double](repeating: 7, count: 700)))
        let other = try candidate.fit(
            PredictorTable(rowCount: 700, columns: [columns[0], constant] + columns.dropFirst()),
            Self.data.labels
        )
        #expect(other.model.certificate.dropped == ["constant"])
        #expect(other.model.point == one.model.point)
    }

    @Test(arguments: candidates + descents) func whatIsNotFiniteIsNamed(_ candidate: Candidate) throws {
        var data = Self.data
        data.columns[2][11] = -.infinity
        #expect(throws: ModelError.notFinite(row: 11, column: "x2", value: -.infinity)) {
            try candidate.fit(data.table, data.labels)
        }
        for row in 0..<60 { data.columns[2][row] = .nan }
        let fitted = try candidate.fit(data.table, data.labels)
        #expect(fitted.model.certificate.status == candidate.status)
        #expect(fitted.preprocessing.designNames.contains("x2=missing"))
        for value in [Double.nan, .infinity] {
            data.columns[2][11] = value
            #expect(throws: ModelError.self) {
                try candidate.specification.estimator.fit(data.trainingData(), threads: 1)
            }
        }
    }

    // MARK: An independent gradient

    /// What each coefficient leaves over of the optimality conditions, per row: plain sums over the design.
    private func residuals(at point: [Double], _ design: Matrix, _ candidate: Candidate) -> [Double] {
        var gradient = [Double](repeating: 0, count: point.count)
        for row in 0..<design.rowCount {
            var odds = point[0]
            for column in 0..<design.columnCount { odds += point[column + 1] * design[row, column] }
            let label = Self.data.labels[row]
            let weight = label ? candidate.classWeights.positive : candidate.classWeights.negative
            let slope = weight * (1 / (1 + exp(-odds)) - (label ? 1 : 0))
            gradient[0] += slope
            for column in 0..<design.columnCount { gradient[column + 1] += slope * design[row, column] }
        }
        return point.indices.map { element in
            let isPenalised = element > 0 || candidate.penalisesIntercept
            let l1 = isPenalised ? candidate.l1 : 0
            let slope = gradient[element] + (isPenalised ? candidate.l2 * point[element] : 0)
            let left =
                point[element] == 0 ? max(0, abs(slope) - l1) : abs(slope + (point[element] > 0 ? l1 : -l1))
            return left / Double(design.rowCount)
        }
    }

    /// The intercept that the weighted objective had: where its own element of the gradient vanishes.
    private func balanced(_ point: [Double], _ design: Matrix, _ candidate: Candidate) throws -> Double {
        var point = point
        var (low, high) = (point[0] - 20, point[0] + 20)
        for _ in 0..<200 {
            point[0] = (low + high) / 2
            var slope = 0.0
            for row in 0..<design.rowCount {
                var odds = point[0]
                for column in 0..<design.columnCount { odds += point[column + 1] * design[row, column] }
                let label = Self.data.labels[row]
                let weight = label ? candidate.classWeights.positive : candidate.classWeights.negative
                slope += weight * (1 / (1 + exp(-odds)) - (label ? 1 : 0))
            }
            if slope > 0 { high = point[0] } else { low = point[0] }
        }
        return point[0]
    }
}

import ChurnNumerics
import Testing

@testable import ChurnModels

@Suite struct WeightTests {
    private let data = SyntheticData.logistic(rows: 300, coefficients: [1, -2, 0.5])
    /// Of 0, 1, 2 and 3.
    private let copies = (0..<300).map { ($0 * 7 + $0 / 5) % 4 }
    private var weights: [Double] { copies.map(Double.init) }
    private var repeatedRows: [Int] { copies.indices.flatMap { [Int](repeating: $0, count: copies[$0]) } }

    @Test(arguments: [0, 1.0], Imputation.allCases) func aWeightOfKIsTheRowKTimes(
        l2Strength: Double,
        imputation: Imputation
    ) throws {
        let table = try mixedTable()
        let weighted = try fit(table, data.labels, l2Strength: l2Strength, weights: weights, imputation: imputation)
        let rows = repeatedRows
        let repeated = try fit(
            table.selecting(rows: rows),
            rows.map { data.labels[$0] },
            l2Strength: l2Strength,
            imputation: imputation
        )
        #expect(weighted.preprocessing.designNames == repeated.preprocessing.designNames)
        for (one, other) in zip(weighted.preprocessing.designColumns, repeated.preprocessing.designColumns) {
            #expect(abs(one.mean - other.mean) <= 1e-13)
            #expect(abs(one.standardDeviation - other.standardDeviation) <= 1e-13)
        }
        #expect(largestError(weighted.model.point, repeated.model.point) <= 1e-10)
        #expect(abs(weighted.model.logLikelihood / repeated.model.logLikelihood - 1) <= 1e-10)
        #expect(
            largestError(try weighted.probabilities(table), try repeated.probabilities(table)) <= 1e-10
        )
    }

    @Test func clusteredErrorsTakeAWeightOfKAsTheRowKTimes() throws {
        let clusters = data.labels.indices.map { Int32($0 % 37) }
        let rows = repeatedRows
        let estimator = try LogisticRegression(l2Strength: 0)
        let weighted = try estimator.fit(data.trainingData(weights: weights, clusters: clusters), threads: 1)
        let repeated = try estimator.fit(
            data.selecting(rows: rows).trainingData(clusters: rows.map { clusters[$0] }),
            threads: 1
        )
        #expect(largestError(weighted.standardErrors, repeated.standardErrors) <= 1e-10)
    }

    @Test(arguments: [0, 1.0]) func rowsOfNoWeightChangeNothing(l2Strength: Double) throws {
        let table = try mixedTable()
        let rows = copies.indices.filter { copies[$0] > 0 }
        let with = try fit(table, data.labels, l2Strength: l2Strength, weights: weights)
        let without = try fit(
            table.selecting(rows: rows),
            rows.map { data.labels[$0] },
            l2Strength: l2Strength,
            weights: rows.map { weights[$0] }
        )
        #expect(with.preprocessing.encodings == without.preprocessing.encodings)
        #expect(largestError(with.model.point, without.model.point) <= 1e-10)
        #expect(largestError(with.model.standardErrors, without.model.standardErrors) <= 1e-10)
    }

    /// A customer whose rows do not count is not a cluster that counts.
    @Test func clustersOfNoWeightChangeNothing() throws {
        let clusters = data.labels.indices.map { Int32($0 / 2) }
        let weights = data.labels.indices.map { $0 < 60 ? 0.0 : 1 }
        let rows = Array(60..<300)
        let estimator = try LogisticRegression(l2Strength: 0)
        let with = try estimator.fit(data.trainingData(weights: weights, clusters: clusters), threads: 1)
        let without = try estimator.fit(
            data.selecting(rows: rows).trainingData(
                weights: rows.map { weights[$0] },
                clusters: rows.map { clusters[$0] }
            ),
            threads: 1
        )
        #expect(largestError(with.standardErrors, without.standardErrors) <= 1e-10)
    }

    /// What only rows of no weight hold is not learnt: neither a level, nor that something was missing, nor a range.
    @Test func rowsOfNoWeightTeachNothing() throws {
        let table = try PredictorTable(
            rowCount: 5,
            columns: [
                PredictorColumn(name: "amount", values: .numeric([1, 2, 3, .nan, 1e9])),
                categoricalColumn("plan", ["a", "b", "b", "zero", "a"]),
            ]
        )
        let (preprocessing, _) = try Preprocessing.fit(
            table,
            imputation: .mean,
            weights: [1, 1, 2, 0, 0],
            threads: 1
        )
        #expect(
            preprocessing.encodings.map(\.kind) == [
                .numeric(fill: 2.25, flag: false, spline: nil), .categorical(levels: ["a", "b"]),
            ]
        )
        #expect(preprocessing.designColumns[0].mean == 2.25)
    }

    @Test func multiplyingAllWeightsLeavesTheUnpenalisedFit() throws {
        let estimator = try LogisticRegression(l2Strength: 0)
        let one = try estimator.fit(data.trainingData(weights: weights), threads: 1)
        for factor in [1e-6, 1e6] {
            let other = try estimator.fit(data.trainingData(weights: weights.map { $0 * factor }), threads: 1)
            #expect(largestError(other.point, one.point) <= 1e-10)
            #expect(largestError(other.standardErrors, one.standardErrors) <= 1e-10)
        }
    }

    @Test func rejectsWeightsThatAreAllZero() throws {
        let zeros = [Double](repeating: 0, count: 300)
        #expect(throws: ModelError.weightsAllZero) { try fit(data.table, data.labels, weights: zeros) }
        #expect(throws: ModelError.weightsAllZero) { try data.trainingData(weights: zeros) }
    }

    @Test(arguments: [-1, -1e-300, Double.infinity, -Double.infinity]) func rejectsAWeightThatIsNone(
        _ weight: Double
    ) throws {
        var weights = [Double](repeating: 1, count: 300)
        weights[17] = weight
        let expected = ModelError.invalidWeight(row: 17, value: weight)
        #expect(throws: expected) { try data.trainingData(weights: weights) }
        #expect(throws: expected) { try fit(data.table, data.labels, weights: weights) }
    }

    @Test func rejectsAWeightThatIsNaN() throws {
        var weights = [Double](repeating: 1, count: 300)
        weights[17] = .nan
        let errors = [
            #expect(throws: ModelError.self) { try data.trainingData(weights: weights) },
            #expect(throws: ModelError.self) { try fit(data.table, data.labels, weights: weights) },
        ]
        for error in errors {
            guard case .invalidWeight(row: 17, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    /// Negative weights are what is wrong here, not that none is positive.
    @Test func namesTheNegativeWeightEvenWhenNoneIsPositive() throws {
        let weights = [Double](repeating: -2, count: 300)
        #expect(throws: ModelError.invalidWeight(row: 0, value: -2)) { try data.trainingData(weights: weights) }
        #expect(throws: ModelError.invalidWeight(row: 0, value: -2)) {
            try fit(data.table, data.labels, weights: weights)
        }
    }

    @Test func rejectsAnotherNumberOfWeights() throws {
        let expected = ModelError.rowCountMismatch(what: "weights", expected: 300, got: 299)
        let weights = [Double](repeating: 1, count: 299)
        #expect(throws: expected) { try data.trainingData(weights: weights) }
        #expect(throws: expected) { try fit(data.table, data.labels, weights: weights) }
    }

    /// The columns, one with missing numbers, and a category.
    private func mixedTable() throws -> PredictorTable {
        let holes = data.columns[1].enumerated().map { $0.offset % 11 == 3 ? Double.nan : $0.element }
        return try PredictorTable(
            rowCount: data.rowCount,
            columns: [
                PredictorColumn(name: "x0", values: .numeric(data.columns[0])),
                PredictorColumn(name: "x1", values: .numeric(holes)),
                categoricalColumn("plan", data.columns[2].map { $0 < -0.5 ? "low" : $0 < 0.7 ? "middle" : "high" }),
            ]
        )
    }
}

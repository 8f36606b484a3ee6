import ChurnNumerics
import Foundation
import Testing

@testable import ChurnModels

/// Data that no model, or only the simplest, can be fitted to.
@Suite struct DegenerateDataTests {
    @Test(arguments: [0, 1.0]) func withoutColumnsTheBaseRateIsFitted(l2Strength: Double) throws {
        let labels = (0..<50).map { $0 % 5 == 0 }
        let table = try PredictorTable(rowCount: 50, columns: [])
        let fitted = try fit(table, labels, l2Strength: l2Strength)
        #expect(fitted.model.certificate.status == .converged)
        #expect(abs(fitted.model.intercept - log(0.25)) <= 1e-12)
        #expect(try fitted.probabilities(table).allSatisfy { abs($0 - 0.2) <= 1e-13 })
        #expect(abs(fitted.model.standardErrors[0] - (1 / (50 * 0.2 * 0.8)).squareRoot()) <= 1e-12)
        #expect(abs(fitted.model.logLikelihood - (10 * log(0.2) + 40 * log(0.8))) <= 1e-12)
    }

    @Test(arguments: [false, true]) func rejectsOneClass(label: Bool) throws {
        let labels = [Bool](repeating: label, count: 20)
        let expected = ModelError.oneClass(positives: label ? 20 : 0, rows: 20)
        let table = try numericTable([("x", (0..<20).map(Double.init))])
        #expect(throws: expected) { try fit(table, labels) }
        #expect(throws: expected) { try fit(table, labels, l2Strength: 1) }
    }

    @Test func rejectsOneClassAmongTheRowsThatCount() throws {
        let table = try numericTable([("x", [1, 2, 3, 4])])
        #expect(throws: ModelError.oneClass(positives: 3, rows: 3)) {
            try fit(table, [true, true, true, false], l2Strength: 1, weights: [1, 2, 1, 0])
        }
    }

    @Test func rejectsASingleRow() throws {
        let table = try PredictorTable(rowCount: 1, columns: [])
        #expect(throws: ModelError.oneClass(positives: 1, rows: 1)) { try fit(table, [true], l2Strength: 1) }
    }

    @Test func rejectsNoRows() throws {
        let table = try numericTable([("x", [])])
        #expect(throws: ModelError.noRows) { try fit(table, []) }
        #expect(throws: ModelError.noRows) { try fit(table, [], weights: []) }
        #expect(throws: ModelError.noRows) {
            try TrainingData(design: Matrix(rowCount: 0, columnCount: 1), columnNames: ["x"], labels: [])
        }
    }

    @Test func rejectsMismatchedRowCounts() throws {
        let design = Matrix(rowCount: 3, columnCount: 1)
        #expect(throws: ModelError.rowCountMismatch(what: "labels", expected: 3, got: 2)) {
            try TrainingData(design: design, columnNames: ["x"], labels: [true, false])
        }
        #expect(throws: ModelError.rowCountMismatch(what: "clusters", expected: 3, got: 4)) {
            try TrainingData(
                design: design,
                columnNames: ["x"],
                labels: [true, false, true],
                clusters: [0, 1, 2, 3]
            )
        }
        let names = NumericsError.shapeMismatch(what: "column names", expected: 1, got: 2)
        #expect(throws: ModelError.numerics(names)) {
            try TrainingData(design: design, columnNames: ["x", "y"], labels: [true, false, true])
        }
        #expect(throws: ModelError.rowCountMismatch(what: "labels", expected: 3, got: 2)) {
            try fit(numericTable([("x", [1, 2, 3])]), [true, false])
        }
    }

    @Test func withoutAPenaltyMoreRowsThanColumnsAreNeeded() throws {
        for rows in [2, 4, 5] {
            let data = SyntheticData.logistic(rows: 5, coefficients: [1, 1, 1, 1, 1]).selecting(rows: Array(0..<rows))
            let labels = (0..<rows).map { $0 % 2 == 0 }
            let training = try SyntheticData(columns: data.columns, labels: labels).trainingData()
            #expect(throws: ModelError.tooFewRows(rows: rows, coefficients: 6)) {
                try LogisticRegression(l2Strength: 0).fit(training, threads: 1)
            }
        }
    }

    @Test func onlyRowsThatCountAreCounted() throws {
        let data = SyntheticData.logistic(rows: 50, coefficients: [1, 1, 1])
        let labels = (0..<50).map { $0 % 2 == 0 }
        let training = try SyntheticData(columns: data.columns, labels: labels)
            .trainingData(weights: (0..<50).map { $0 < 3 ? 1 : 0 })
        #expect(throws: ModelError.tooFewRows(rows: 3, coefficients: 4)) {
            try LogisticRegression(l2Strength: 0).fit(training, threads: 1)
        }
    }

    @Test func withAPenaltyFewerRowsThanColumnsAreFine() throws {
        let wide = SyntheticData.logistic(rows: 12, coefficients: [Double](repeating: 0.3, count: 40))
        let labels = (0..<12).map { $0 % 3 == 0 }
        let training = try SyntheticData(columns: wide.columns, labels: labels).trainingData()
        let model = try LogisticRegression(l2Strength: 1).fit(training, threads: 1)
        #expect(model.certificate.status == .converged)
        #expect(model.coefficients.count == 40 && model.coefficients.allSatisfy { $0 != 0 && $0.isFinite })
        let scores = try model.linearPredictor(training.design)
        #expect(pairwiseAUC(scores, labels) == 1)
    }

    @Test(arguments: [Double.infinity, -Double.infinity]) func namesThePlaceOfInfinity(_ value: Double) throws {
        var data = SyntheticData.logistic(rows: 30, coefficients: [1, 1])
        data.columns[1][13] = value
        let expected = ModelError.notFinite(row: 13, column: "x1", value: value)
        #expect(throws: expected) { try data.trainingData() }
        #expect(throws: expected) { try fit(data.table, data.labels) }
        let fitted = try fit(
            SyntheticData.logistic(rows: 30, coefficients: [1, 1]).table,
            data.labels,
            l2Strength: 1
        )
        #expect(throws: expected) { try fitted.probabilities(data.table) }
    }

    @Test func namesThePlaceOfNaNInADesignMatrix() throws {
        var data = SyntheticData.logistic(rows: 30, coefficients: [1, 1])
        data.columns[0][7] = .nan
        let error = #expect(throws: ModelError.self) { try data.trainingData() }
        guard case .notFinite(row: 7, column: "x0", let value) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(value.isNaN)
    }

    /// Finite values whose sum a double cannot hold: no step leads back, and the error says what to do.
    @Test(arguments: [LogisticRegression.Solver.newton, .lbfgs, .coordinateDescent, .automatic])
    func whatLeavesADoubleHasDivergedWithAdvice(_ solver: LogisticRegression.Solver) throws {
        let data = SyntheticData.logistic(rows: 200, coefficients: [1, -1])
        let offsets = (0..<200).map { $0 % 2 == 0 ? 1e308 : -1e308 }
        let penalty = try Penalty(l1: solver == .coordinateDescent ? 1 : 0, l2: 1)
        let error = #expect(throws: ModelError.self) {
            try FittedPipeline.fit(
                data.table,
                labels: data.labels,
                offsets: offsets,
                .init(estimator: LogisticRegression(penalty: penalty, solver: solver)),
                threads: 2
            )
        }
        #expect(error == .diverged(advice: "scale the columns, or raise the penalty"))
    }

    /// Finite numbers whose z-score is not.
    @Test func namesThePlaceOfAnOverflowingScore() throws {
        let data = SyntheticData.logistic(rows: 30, coefficients: [1, 1])
        let fitted = try fit(
            numericTable([("tiny", data.columns[0].map { $0 * 1e-12 }), ("x", data.columns[1])]),
            data.labels,
            l2Strength: 1
        )
        let later = try numericTable([("x", [0, 1]), ("tiny", [0, 1e300])])
        #expect(throws: ModelError.notFinite(row: 1, column: "tiny", value: 1e300)) {
            try fitted.probabilities(later)
        }
    }

    @Test func rejectsColumnsThatAllStandStill() throws {
        let table = try PredictorTable(
            rowCount: 4,
            columns: [
                PredictorColumn(name: "one", values: .numeric([0.1, 0.1, 0.1, 0.1])),
                PredictorColumn(name: "empty", values: .numeric([.nan, .nan, .nan, .nan])),
                categoricalColumn("plan", ["a", "a", "a", "a"]),
            ]
        )
        let labels = [true, false, true, false]
        #expect(throws: ModelError.everyColumnConstant(columns: ["one", "empty", "plan"])) {
            try fit(table, labels, l2Strength: 1, imputation: .zero)
        }
    }

    /// Two columns that nearly repeat each other, but not so nearly that one is dropped.
    @Test func nearlyDependentColumnsHaveALargeCondition() throws {
        let data = SyntheticData.logistic(rows: 2000, coefficients: [1, 1])
        let near = zip(data.columns[0], data.columns[1]).map { $0 + 1e-4 * $1 }
        let apart = try fit(data.table, data.labels).model.certificate
        let close = try fit(numericTable([("x", data.columns[0]), ("near", near)]), data.labels).model.certificate
        #expect(close.aliased == [])
        #expect(try #require(apart.conditionEstimate) < 100)
        #expect(try #require(close.conditionEstimate) > 1e7)
    }

    /// Columns that are equal but for the eighth digit: whoever says that he has converged is at the optimum.
    @Test(arguments: LogisticRegression.Solver.allCases)
    func nearlyEqualColumnsAreNotCalledConvergedTooSoon(solver: LogisticRegression.Solver) throws {
        var data = SyntheticData.logistic(rows: 6000, coefficients: [1, 0.5])
        var stream = RandomStream(seed: 2, purpose: "near")
        data.columns.append(data.columns[0].map { $0 + 1e-7 * stream.normal() })
        func fit(_ solver: LogisticRegression.Solver) throws -> FittedLogisticRegression {
            try LogisticRegression(penalty: .none, solver: solver, maximumIterations: 200)
                .fit(data.trainingData(), threads: 2)
        }
        let (exact, other) = (try fit(.newton), try fit(solver))
        #expect(exact.certificate.status == .converged)
        #expect(other.certificate.status != .converged || abs(other.logLikelihood - exact.logLikelihood) <= 1e-4)
        if solver == .automatic { #expect(other.certificate.status == .converged) }
    }

    /// Categories that no sample of the rows has.
    @Test func rareCategoriesAreFittedAmongManyRows() throws {
        var data = SyntheticData.logistic(rows: 40_000, coefficients: [0.5])
        for level in 0..<20 {
            data.columns.append((0..<40_000).map { $0 / 512 % 8 == 3 && $0 % 512 / 8 == level ? 1 : 0 })
        }
        let training = try data.trainingData()
        let automatic = try LogisticRegression(l2Strength: 0.01).fit(training, threads: 2)
        let newton = try LogisticRegression(penalty: Penalty(l2: 0.01), solver: .newton).fit(training, threads: 2)
        #expect(automatic.certificate.status == .converged && automatic.certificate.iterations < 60)
        #expect(largestError(automatic.point, newton.point) <= 1e-8)
    }

    /// A file may name a level in two Unicode forms. Swift holds the two texts equal; their bytes differ.
    @Test func twoUnicodeFormsOfOneLevelDoNotCrash() async {
        await #expect(processExitsWith: .success) {
            let levels = ["caf\u{E9}", "cafe\u{301}", "tea"]
            let codes = (0..<30).map { Int32($0 % 3) }
            let table = try PredictorTable(
                rowCount: 30,
                columns: [PredictorColumn(name: "drink", values: .categorical(codes: codes, levels: levels))]
            )
            let labels = (0..<30).map { $0 % 4 == 0 }
            let fitted = try FittedPipeline.fit(
                table,
                labels: labels,
                .init(estimator: LogisticRegression(l2Strength: 1)),
                threads: 1
            )
            let stored = try JSONEncoder().encode(fitted.preprocessing)
            let loaded = try JSONDecoder().decode(Preprocessing.self, from: stored)
            let probabilities = try FittedPipeline(preprocessing: loaded, model: fitted.model).probabilities(table)
            try #require(probabilities.allSatisfy { $0 > 0 && $0 < 1 })
        }
    }

    /// Unchecked memory is written by cluster: a number below 0 stops the process rather than spoil it.
    @Test func aNegativeClusterIsAProgrammersMistake() async {
        await #expect(processExitsWith: .failure) {
            let design = try Matrix(rowCount: 4, columnCount: 1, elements: [1, 2, 3, 4])
            let labels = [true, false, true, false]
            _ = try TrainingData(design: design, columnNames: ["x"], labels: labels, clusters: [0, 0, -1, 1])
            exit(EXIT_SUCCESS)
        }
    }
}

import ChurnNumerics
import Foundation
import Testing

@testable import ChurnModels

/// What every kind of model must keep, now and later: one list of estimators, one list of promises.
///
/// `EstimatorConformanceTests` has more of regressions. An estimator that joins is one more `Candidate`.
@Suite struct ModelConformanceTests {
    struct Candidate: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let estimator: any ModelEstimator
        var takesOffsets = true

        func fit(_ rows: TrainingRows, threads: Int = 1) throws -> any FittedModel {
            try estimator.fit(rows, threads: threads)
        }
    }

    static let candidates: [Candidate] = {
        let columns = BuyTillYouDie.Columns(purchaseDays: "days", recency: "recency", tenure: "tenure")
        let silence = [ModelKind.bgnbd, .mbgnbd, .paretonbd].compactMap { kind in
            (try? BuyTillYouDie(kind, columns: columns, horizon: 90)).map {
                Candidate(testDescription: kind.rawValue, estimator: $0, takesOffsets: false)
            }
        }
        guard let exact = try? LogisticRegression(l2Strength: 1),
            let descent = try? StochasticDescent(penalty: Penalty(l2: 1)), let trees = try? BoostedTrees(rounds: 300)
        else { preconditionFailure("a candidate must be an estimator") }
        return [
            Candidate(testDescription: "logistic", estimator: FittedPipeline.Specification(estimator: exact)),
            Candidate(testDescription: "sgd", estimator: FittedPipeline.Specification(estimator: descent)),
            Candidate(testDescription: "boosted", estimator: trees),
        ] + silence
    }()

    /// Customers who may leave after each purchase.
    private static let rows: TrainingRows = {
        let world = PurchaseWorld(customers: 3000, seed: 11)
        guard let table = try? world.table else { preconditionFailure("columns of one length") }
        return TrainingRows(table: table, labels: world.silent)
    }()

    @Test(arguments: candidates) func threadsDoNotChangeABit(_ candidate: Candidate) throws {
        let (one, three) = (try candidate.fit(Self.rows), try candidate.fit(Self.rows, threads: 3))
        #expect(one.certificate == three.certificate && one.intercept == three.intercept)
        let odds = try one.linearPredictor(Self.rows.table, offsets: nil, threads: 1)
        #expect(try odds == three.linearPredictor(Self.rows.table, offsets: nil, threads: 4))
    }

    @Test(arguments: candidates) func contributionsSumToTheLogOdds(_ candidate: Candidate) throws {
        let model = try candidate.fit(Self.rows)
        let (odds, reasons) = try model.explainedLinearPredictor(Self.rows.table, reasons: 2, offsets: nil, threads: 2)
        #expect(try odds == model.linearPredictor(Self.rows.table, offsets: nil, threads: 1))
        let contributions = try model.contributions(Self.rows.table, threads: 2)
        #expect(contributions.columnCount == model.predictorNames.count)
        for row in 0..<odds.count {
            let all = (0..<contributions.columnCount).map { contributions[row, $0] }
            #expect(abs(all.reduce(model.intercept, +) - odds[row]) <= 1e-9 * max(1, abs(odds[row])))
            let strongest = all.map { abs($0) }.max() ?? 0
            #expect(abs(abs(reasons.ofRow(row).first?.contribution ?? 0) - strongest) <= 1e-9 * max(1, strongest))
        }
    }

    @Test(arguments: candidates) func aRowScoresAloneAsAmongOthers(_ candidate: Candidate) throws {
        let model = try candidate.fit(Self.rows)
        let odds = try model.linearPredictor(Self.rows.table, offsets: nil, threads: 2)
        for row in stride(from: 0, to: 3000, by: 131) {
            let alone = try model.linearPredictor(Self.rows.table.selecting(rows: [row]), offsets: nil, threads: 1)
            #expect(alone == [odds[row]])
        }
    }

    @Test(arguments: candidates) func columnsAreFoundByTheirNames(_ candidate: Candidate) throws {
        let model = try candidate.fit(Self.rows)
        #expect(model.inputs.map(\.name) == ["days", "recency", "tenure"])
        let turned = try PredictorTable(rowCount: 3000, columns: Self.rows.table.columns.reversed())
        let odds = try model.linearPredictor(Self.rows.table, offsets: nil, threads: 1)
        #expect(try odds == model.linearPredictor(turned, offsets: nil, threads: 1))
        let lacking = try PredictorTable(rowCount: 3000, columns: Array(Self.rows.table.columns.dropFirst()))
        #expect(throws: ModelError.missingColumn("days", nearest: nil)) {
            try model.linearPredictor(lacking, offsets: nil, threads: 1)
        }
        let texts = [categoricalColumn("days", (0..<3000).map { "\($0 % 3)" })] + Self.rows.table.columns.dropFirst()
        #expect(throws: ModelError.columnKindMismatch("days", trainedAs: "a number")) {
            try model.linearPredictor(PredictorTable(rowCount: 3000, columns: texts), offsets: nil, threads: 1)
        }
    }

    @Test(arguments: candidates) func whatCannotBeFittedIsATypedError(_ candidate: Candidate) {
        let rows = Self.rows
        func error(_ rows: TrainingRows) -> ModelError? {
            #expect(throws: ModelError.self, "\(candidate.testDescription)") { try candidate.fit(rows) }
        }
        #expect(
            error(TrainingRows(table: rows.table, labels: rows.labels.map { _ in false }))
                == .oneClass(positives: 0, rows: 3000)
        )
        #expect(
            error(TrainingRows(table: rows.table, labels: [true]))
                == .rowCountMismatch(what: "labels", expected: 3000, got: 1)
        )
        #expect(error(rows.selecting(rows: [])) == .noRows)
        let weights = [Double](repeating: -1, count: 3000)
        #expect(
            error(TrainingRows(table: rows.table, labels: rows.labels, weights: weights))
                == .invalidWeight(row: 0, value: -1)
        )
    }

    @Test(arguments: candidates) func infiniteNumbersAreNamed(_ candidate: Candidate) throws {
        var columns = Self.rows.table.columns
        var numbers = [Double](repeating: 5, count: 3000)
        numbers[7] = .infinity
        columns[2] = PredictorColumn(name: "tenure", values: .numeric(numbers))
        let table = try PredictorTable(rowCount: 3000, columns: columns)
        let model = try candidate.fit(Self.rows)
        for attempt in [
            { _ = try candidate.fit(TrainingRows(table: table, labels: Self.rows.labels)) },
            { _ = try model.linearPredictor(table, offsets: nil, threads: 1) },
        ] {
            let error = #expect(throws: ModelError.self, performing: attempt)
            #expect(error == .notFinite(row: 7, column: "tenure", value: .infinity))
        }
    }

    @Test(arguments: candidates) func offsetsAreAddedOrRefused(_ candidate: Candidate) throws {
        let model = try candidate.fit(Self.rows)
        let offsets = [Double](repeating: 0.5, count: 3000)
        guard candidate.takesOffsets else {
            #expect(throws: ModelError.self) {
                try model.linearPredictor(Self.rows.table, offsets: offsets, threads: 1)
            }
            return
        }
        let odds = try model.linearPredictor(Self.rows.table, offsets: nil, threads: 1)
        let moved = try model.linearPredictor(Self.rows.table, offsets: offsets, threads: 1)
        #expect(zip(odds, moved).allSatisfy { abs($1 - $0 - 0.5) < 1e-12 })
        #expect(throws: ModelError.self) { try model.linearPredictor(Self.rows.table, offsets: [1], threads: 1) }
    }

    @Test(arguments: candidates) func itKnowsWhoChurns(_ candidate: Candidate) throws {
        let odds = try candidate.fit(Self.rows).linearPredictor(Self.rows.table, offsets: nil, threads: 1)
        let (churned, stayed) = (
            odds.indices.filter { Self.rows.labels[$0] }.map { odds[$0] },
            odds.indices.filter { !Self.rows.labels[$0] }.map { odds[$0] }
        )
        let mean = { (values: [Double]) in values.reduce(0, +) / Double(values.count) }
        #expect(mean(churned) > mean(stayed) + 0.3)
    }
}

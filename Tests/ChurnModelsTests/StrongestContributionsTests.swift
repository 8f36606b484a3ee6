import ChurnNumerics
import Foundation
import Testing

@testable import ChurnModels

/// The strongest contributions against all contributions, sorted.
@Suite struct StrongestContributionsTests {
    /// Numbers, gaps, categories and a predictor that became several columns.
    private func fittedAndTable(rows: Int) throws -> (FittedPipeline, PredictorTable) {
        let data = SyntheticData.logistic(rows: 3000, coefficients: [1, -2, 0.5, 0.1, 0, -0.3])
        func table(_ rows: Int) throws -> PredictorTable {
            let columns = data.columns.map { Array($0.prefix(rows)) }
            let holes = columns[1].enumerated().map { $0.offset % 13 == 0 ? Double.nan : $0.element }
            let kinds = columns[2].map { $0 < -0.5 ? "low" : $0 < 0.7 ? "middle" : "high" }
            return try PredictorTable(
                rowCount: rows,
                columns: [
                    PredictorColumn(name: "x", values: .numeric(columns[0])),
                    PredictorColumn(name: "holes", values: .numeric(holes)),
                    categoricalColumn("kind", kinds),
                    PredictorColumn(name: "bent", values: .numeric(columns[3])),
                    PredictorColumn(name: "y", values: .numeric(columns[5])),
                ]
            )
        }
        let terms = Terms(splines: ["bent": 4], interactions: [.init("x", "y")])
        let fitted = try FittedPipeline.fit(
            table(3000),
            labels: data.labels,
            .init(estimator: LogisticRegression(l2Strength: 1), terms: terms),
            threads: 2
        )
        return (fitted, try table(rows))
    }

    @Test(arguments: [1, 3, 4, 1023, 1025, 3000], [0, 1, 3, 10])
    func theyAreTheLargestOfAll(rows: Int, count: Int) throws {
        let (fitted, table) = try fittedAndTable(rows: rows)
        let all = try fitted.contributions(table)
        let (odds, found) = try fitted.explainedLinearPredictor(table, reasons: count, threads: 2)
        let plain = try fitted.linearPredictor(table)
        #expect(odds.map(\.bitPattern) == plain.map(\.bitPattern))
        for row in 0..<rows {
            let sorted = (0..<all.columnCount).map { (predictor: $0, contribution: all[row, $0]) }
                .filter { $0.contribution != 0 }
                .sorted { abs($0.contribution) > abs($1.contribution) }
                .prefix(count)
            let strongest = found.ofRow(row)
            try #require(strongest.map(\.predictor) == sorted.map(\.predictor), "row \(row)")
            try #require(strongest.map(\.contribution) == sorted.map(\.contribution), "row \(row)")
        }
    }

    @Test func threadsDoNotChangeThem() throws {
        let (fitted, table) = try fittedAndTable(rows: 3000)
        func all(threads: Int) throws -> [Double] {
            let reasons = try fitted.explainedLinearPredictor(table, reasons: 3, threads: threads).reasons
            return (0..<3000).flatMap { reasons.ofRow($0).flatMap { [Double($0.predictor), $0.contribution] } }
        }
        #expect(try all(threads: 1) == all(threads: 3))
    }

    @Test func ofEqualOnesTheEarlierComesFirstAndZerosAreNone() throws {
        let names = (0..<200).map { "x\($0)" }
        let coefficients = (0..<200).map { $0 == 7 ? -2.0 : $0 < 100 ? 0 : 1.0 }
        let pipeline = try FittedPipeline(rawColumns: names, intercept: 0, coefficients: coefficients)
        let table = try numericTable(names.map { ($0, [1, 0, $0 == "x150" ? -1 : 0]) })
        let reasons = try pipeline.explainedLinearPredictor(table, reasons: 3).reasons
        #expect(reasons.ofRow(0).map(\.predictor) == [7, 100, 101])
        #expect(abs(reasons.ofRow(0)[0].contribution + 2) <= 1e-12)
        #expect(reasons.ofRow(1).isEmpty)
        #expect(reasons.ofRow(2).map(\.predictor) == [150])
        #expect(abs(reasons.ofRow(2)[0].contribution + 1) <= 1e-12)
    }

    /// Every number of predictors has its own number of bits.
    @Test(arguments: [1, 2, 3, 4, 5, 63, 64, 65, 127, 128, 129]) func thePlacesOfAllPredictorsFit(count: Int) throws {
        let names = (0..<count).map { "x\($0)" }
        let coefficients = (0..<count).map { $0.isMultiple(of: 2) ? Double($0 + 1) : -Double($0 + 1) }
        let pipeline = try FittedPipeline(rawColumns: names, intercept: 0, coefficients: coefficients)
        let reasons = try pipeline.explainedLinearPredictor(
            numericTable(names.map { ($0, [1]) }),
            reasons: count
        ).reasons
        #expect(reasons.ofRow(0).map(\.predictor) == (0..<count).reversed())
        let errors = zip(reasons.ofRow(0), coefficients.reversed()).map { abs($0.contribution / $1 - 1) }
        #expect(errors.allSatisfy { $0 <= 1e-12 })
    }
}

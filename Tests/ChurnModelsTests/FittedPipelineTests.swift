import ChurnNumerics
import Foundation
import Testing

@testable import ChurnModels

@Suite struct FittedPipelineTests {
    private let data = SyntheticData.logistic(rows: 500, coefficients: [1, -2, 0.5])

    private func mixedTable() throws -> PredictorTable {
        let holes = data.columns[1].enumerated().map { $0.offset % 13 == 0 ? Double.nan : $0.element }
        return try PredictorTable(
            rowCount: 500,
            columns: [
                PredictorColumn(name: "x", values: .numeric(data.columns[0].map { 100 + 20 * $0 })),
                PredictorColumn(name: "constant", values: .numeric([Double](repeating: 1, count: 500))),
                PredictorColumn(name: "holes", values: .numeric(holes)),
                categoricalColumn("plan", data.columns[2].map { $0 < -0.5 ? "low" : $0 < 0.7 ? "middle" : "high" }),
            ]
        )
    }

    @Test func contributionsAndTheInterceptAddUpToTheLogOdds() throws {
        let table = try mixedTable()
        let fitted = try fit(table, data.labels)
        let contributions = try fitted.contributions(table)
        #expect(fitted.predictorNames == ["x", "constant", "holes", "plan"])
        #expect(contributions.columnCount == 4)
        let odds = try fitted.linearPredictor(table)
        for row in 0..<500 {
            let sum = (0..<4).reduce(fitted.model.intercept) { $0 + contributions[row, $1] }
            #expect(abs(sum - odds[row]) <= 1e-12)
            #expect(contributions[row, 1] == 0)
        }
    }

    @Test func aContributionIsItsColumnsShare() throws {
        let table = try mixedTable()
        let fitted = try fit(table, data.labels)
        let contributions = try fitted.contributions(table)
        let design = Matrix(try fitted.preprocessing.apply(to: table))
        let names = fitted.preprocessing.designNames
        #expect(names == ["x", "holes", "holes=missing", "plan=low", "plan=middle"])
        let b = fitted.model.coefficients
        for row in [0, 13, 499] {
            #expect(abs(contributions[row, 0] - b[0] * design[row, 0]) <= 1e-15)
            #expect(abs(contributions[row, 2] - b[1] * design[row, 1] - b[2] * design[row, 2]) <= 1e-15)
            #expect(abs(contributions[row, 3] - b[3] * design[row, 3] - b[4] * design[row, 4]) <= 1e-15)
        }
    }

    @Test func theAverageTrainingRowHasContributionsOfZero() throws {
        let table = try mixedTable()
        let contributions = try fit(table, data.labels).contributions(table)
        for predictor in 0..<4 {
            #expect(abs((0..<500).reduce(0) { $0 + contributions[$1, predictor] } / 500) <= 1e-13)
        }
    }

    /// The model in the columns' own units is the same model.
    @Test func rawCoefficientsGiveTheSameLogOdds() throws {
        let fitted = try fit(data.table, data.labels)
        let odds = try fitted.linearPredictor(data.table)
        for row in 0..<500 {
            let raw = fitted.coefficients.enumerated().reduce(fitted.rawIntercept) {
                $0 + $1.element.rawValue * data.columns[$1.offset][row]
            }
            #expect(abs(raw - odds[row]) <= 1e-12)
        }
    }

    @Test func aProbabilityIsTheSigmoidOfTheLogOdds() throws {
        let fitted = try fit(data.table, data.labels)
        let odds = try fitted.linearPredictor(data.table)
        for (probability, odds) in zip(try fitted.probabilities(data.table), odds) {
            #expect(abs(probability - 1 / (1 + exp(-odds))) <= 1e-15)
        }
    }

    @Test func aRowScoresTheSameAloneAndInCompany() throws {
        let table = try mixedTable()
        let fitted = try fit(table, data.labels)
        let together = try fitted.probabilities(table)
        for row in [0, 13, 250, 499] {
            #expect(try fitted.probabilities(table.selecting(rows: [row])) == [together[row]])
        }
    }

    @Test func noRowsGiveNoScores() throws {
        let fitted = try fit(data.table, data.labels)
        #expect(try fitted.probabilities(data.table.selecting(rows: [])) == [])
    }
}

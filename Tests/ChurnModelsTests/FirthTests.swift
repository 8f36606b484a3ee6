import ChurnNumerics
import Foundation
import Testing

@testable import ChurnModels

/// Firth's likelihood where it has a closed form, where nothing else is finite, and where its maximum can be searched for.
@Suite struct FirthTests {
    private func firth(_ table: PredictorTable, _ labels: [Bool]) throws -> FittedPipeline {
        try FittedPipeline.fit(
            table,
            labels: labels,
            .init(estimator: LogisticRegression(penalty: .none, usesFirth: true, tolerance: 1e-12)),
            threads: 1
        )
    }

    /// In a two-by-two table it is the log odds ratio with half a row more in each cell (Firth 1993).
    @Test(arguments: [[3, 17, 9, 11], [0, 12, 7, 5], [0, 12, 9, 0]])
    func aTwoByTwoTableHasItsClosedForm(cells: [Int]) throws {
        var values: [Double] = []
        var labels: [Bool] = []
        for (number, count) in cells.enumerated() {
            values += [Double](repeating: number < 2 ? 0 : 1, count: count)
            labels += [Bool](repeating: number % 2 == 0, count: count)
        }
        let fitted = try firth(numericTable([("x", values)]), labels)
        let logs = cells.map { log(Double($0) + 0.5) }
        #expect(fitted.model.certificate.status == .converged)
        #expect(abs(fitted.coefficients[0].rawValue - (logs[2] - logs[3] - logs[0] + logs[1])) <= 1e-9)
        #expect(abs(fitted.rawIntercept - (logs[0] - logs[1])) <= 1e-9)
        #expect(fitted.model.certificate.separated.isEmpty == (cells[0] > 0))
    }

    /// No neighbour has a larger penalised likelihood.
    @Test func theMaximumIsOne() throws {
        let data = SyntheticData.logistic(rows: 60, coefficients: [1.5, -1, 0.5], seed: 3)
        let fitted = try firth(data.table, data.labels)
        let design = Matrix(try fitted.preprocessing.apply(to: data.table))
        func value(_ point: [Double]) throws -> Double {
            var sum = 0.0
            var information = Matrix(rowCount: 4, columnCount: 4)
            for row in 0..<60 {
                let x = [1] + (0..<3).map { design[row, $0] }
                let odds = zip(x, point).reduce(0) { $0 + $1.0 * $1.1 }
                sum -= log(1 + exp(data.labels[row] ? -odds : odds))
                let curvature = 1 / (2 + exp(odds) + exp(-odds))
                for i in 0..<4 {
                    for j in 0..<4 { information[i, j] += curvature * x[i] * x[j] }
                }
            }
            return try sum + 0.5 * CholeskyFactor(information).logDeterminant
        }
        let best = try value(fitted.model.point)
        for element in 0..<4 {
            var (above, below) = (fitted.model.point, fitted.model.point)
            above[element] += 1e-3
            below[element] -= 1e-3
            let (up, down) = (try value(above), try value(below))
            #expect(up < best && down < best)
            #expect(abs(up - down) / 2e-3 <= 1e-5)
        }
    }

    @Test func otherPenaltiesAreRefusedBesideIt() {
        #expect(throws: ModelError.self) { try LogisticRegression(penalty: Penalty(l2: 1), usesFirth: true) }
        #expect(throws: ModelError.self) {
            try LogisticRegression(penalty: .none, classWeights: .balanced, usesFirth: true)
        }
    }
}

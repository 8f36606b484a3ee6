import Testing

@testable import ChurnNumerics

@Suite struct CholeskyFactorTests {
    @Test func solvesAKnownSystem() throws {
        // [4 2; 2 3] x = [8; 7] has x = [1.25; 1.5].
        let factor = try CholeskyFactor(try matrix(columns: [[4, 2], [2, 3]]))
        let solution = try factor.solve([8, 7])
        #expect(abs(solution[0] - 1.25) <= 1e-15 && abs(solution[1] - 1.5) <= 1e-15)
    }

    /// The Hilbert matrix of order 3, whose inverse holds whole numbers.
    @Test func invertsTheHilbertMatrix() throws {
        let inverse = try CholeskyFactor(hilbert(3)).inverse()
        let expected: [Double] = [9, -36, 30, -36, 192, -180, 30, -180, 180]
        for (got, wanted) in zip(inverse.elements, expected) { #expect(abs(got - wanted) <= 1e-11) }
        #expect(inverse[0, 2] == inverse[2, 0])
    }

    @Test func inverseAndSolutionAgreeOnARandomMatrix() throws {
        let design = randomMatrix(rows: 50, columns: 6)
        var gram = Matrix(rowCount: 6, columnCount: 6)
        for left in 0..<6 {
            for right in 0..<6 {
                for row in 0..<50 { gram[left, right] += design[row, left] * design[row, right] }
            }
        }
        let factor = try CholeskyFactor(gram)
        let inverse = try factor.inverse()
        for column in 0..<6 {
            var unit = [Double](repeating: 0, count: 6)
            unit[column] = 1
            let solution = try factor.solve(unit)
            for row in 0..<6 {
                #expect(abs(solution[row] - inverse[row, column]) <= 1e-15)
                let identity = (0..<6).reduce(0) { $0 + gram[row, $1] * inverse[$1, column] }
                #expect(abs(identity - unit[row]) <= 1e-13)
            }
        }
    }

    @Test func readsTheUpperTriangleOnly() throws {
        let full = try CholeskyFactor(try matrix(columns: [[4, 2], [2, 3]])).solve([1, 2])
        let upper = try CholeskyFactor(try matrix(columns: [[4, 0], [2, 3]])).solve([1, 2])
        #expect(full == upper)
    }

    /// 1-norm condition numbers: exact ones of the Hilbert matrix and of diagonals.
    @Test func estimatesKnownConditionNumbers() throws {
        #expect(try CholeskyFactor(try matrix(columns: [[1, 0], [0, 1]])).conditionEstimate() == 1)
        let diagonal = try CholeskyFactor(try matrix(columns: [[1e3, 0], [0, 1e-6]])).conditionEstimate()
        #expect(abs(diagonal / 1e9 - 1) <= 1e-12)
        #expect(abs(try CholeskyFactor(hilbert(5)).conditionEstimate() / 943_656 - 1) <= 1e-6)
    }

    @Test(arguments: [
        ([[0, 0, 0], [0, 1, 0], [0, 0, 1]], 0), ([[1, 2, 0], [2, 1, 0], [0, 0, 1]], 1),
        ([[1, 0, 0], [0, 1, 0], [0, 0, -1]], 2), ([[1, 1, 1], [1, 2, 2], [1, 2, 2]], 2),
    ])
    func namesTheColumnThatIsNotPositiveDefinite(columns: [[Double]], failing: Int) {
        #expect(throws: NumericsError.notPositiveDefinite(column: failing)) {
            try CholeskyFactor(try matrix(columns: columns))
        }
    }

    @Test func rejectsWhatIsNotSquareOrDoesNotFit() throws {
        let tall = NumericsError.shapeMismatch(what: "columns of a square matrix", expected: 3, got: 2)
        #expect(throws: tall) { try CholeskyFactor(Matrix(rowCount: 3, columnCount: 2)) }
        let factor = try CholeskyFactor(try matrix(columns: [[1, 0], [0, 1]]))
        #expect(throws: NumericsError.shapeMismatch(what: "right-hand side", expected: 2, got: 3)) {
            try factor.solve([1, 2, 3])
        }
    }

    @Test func rejectsNaN() {
        #expect(throws: NumericsError.self) { try CholeskyFactor(try matrix(columns: [[.nan, 0], [0, 1]])) }
        #expect(throws: NumericsError.self) { try CholeskyFactor(try matrix(columns: [[1, 0], [.nan, 1]])) }
    }

    @Test func theEmptyMatrixIsFine() throws {
        let factor = try CholeskyFactor(Matrix(rowCount: 0, columnCount: 0))
        #expect(try factor.solve([]) == [])
        #expect(try factor.inverse().elements == [])
        #expect(try factor.conditionEstimate() == 1)
    }

    private func hilbert(_ size: Int) throws -> Matrix {
        try matrix(columns: (0..<size).map { column in (0..<size).map { 1 / Double($0 + column + 1) } })
    }
}

import Testing

@testable import ChurnNumerics

@Suite struct RankRevealingQRTests {
    private let a = randomMatrix(rows: 200, columns: 1, seed: 1).elements
    private let b = randomMatrix(rows: 200, columns: 1, seed: 2).elements
    private let c = randomMatrix(rows: 200, columns: 1, seed: 3).elements

    static let scales = [1e-12, 1e-6, 1, 1e6, 1e12]

    @Test func keepsEveryColumnOfAFullRankMatrix() throws {
        let found = try decompose([a, b, c])
        #expect(found.independentColumns == [0, 1, 2])
        #expect(found.aliasedColumns == [])
        #expect(found.rank == 3)
    }

    @Test func dropsTheLaterOfTwoDuplicates() throws {
        let found = try decompose([a, b, a, c, b])
        #expect(found.independentColumns == [0, 1, 3])
        #expect(found.aliasedColumns == [2, 4])
    }

    @Test func dropsWhicheverColumnOfASumComesLast() throws {
        let sum = zip(a, b).map { $0 + $1 }
        #expect(try decompose([a, b, sum]).aliasedColumns == [2])
        #expect(try decompose([sum, a, b]).aliasedColumns == [2])
        #expect(try decompose([a, sum, c, b]).aliasedColumns == [3])
    }

    /// However long they are: pivoting prefers the longest column, order must not.
    @Test(arguments: scales, scales) func dropsAMultipleOnAnyScale(first: Double, second: Double) throws {
        let found = try decompose([a.map { first * $0 }, b, a.map { second * $0 }])
        #expect(found.aliasedColumns == [2])
    }

    @Test(arguments: scales, scales) func unitsDoNotMakeColumnsDependent(first: Double, second: Double) throws {
        let found = try decompose([a.map { first * $0 }, b.map { second * $0 }, c])
        #expect(found.rank == 3)
        #expect(found.conditionEstimate < 2)
    }

    @Test(arguments: scales) func unitsDoNotHideADependence(scale: Double) throws {
        let sum = zip(a, b).map { scale * ($0 + $1) }
        #expect(try decompose([a, b.map { $0 * 1e6 }, sum]).aliasedColumns == [2])
    }

    @Test func theToleranceSeparatesNearlyFromWhollyDependent() throws {
        let near = zip(a, b).map { $0 + 1e-6 * $1 }
        let nearer = zip(a, b).map { $0 + 1e-12 * $1 }
        #expect(try decompose([a, near]).rank == 2)
        #expect(try decompose([a, nearer]).aliasedColumns == [1])
        #expect(try decompose([a, near], tolerance: 1e-4).aliasedColumns == [1])
    }

    @Test func aColumnOfZerosIsAliased() throws {
        let zeros = [Double](repeating: 0, count: a.count)
        #expect(try decompose([zeros, a, zeros]).aliasedColumns == [0, 2])
        #expect(try decompose([zeros]).conditionEstimate == 1)
    }

    @Test func aWideMatrixHasTheRankOfItsRows() throws {
        let wide = randomMatrix(rows: 3, columns: 5)
        let found = try RankRevealingQR(wide, threads: 1)
        #expect(found.independentColumns == [0, 1, 2])
        #expect(found.aliasedColumns == [3, 4])
    }

    @Test func emptyMatricesHaveRankZero() throws {
        for (rows, columns) in [(0, 0), (5, 0), (0, 3)] {
            let found = try RankRevealingQR(Matrix(rowCount: rows, columnCount: columns), threads: 2)
            #expect(found.rank == 0)
            #expect(found.aliasedColumns == Array(0..<columns))
            #expect(found.conditionEstimate == 1)
        }
    }

    /// Dummies of the same groups, as one-hot encoding makes them: whole numbers, and several dependences at once.
    @Test func findsDependencesAmongDummies() throws {
        let group = (0..<200).map { $0 * 7 % 5 }
        func dummy(_ level: Int) -> [Double] { group.map { $0 == level ? 1 : 0 } }
        let ones = [Double](repeating: 1, count: 200)
        let either = group.map { $0 == 1 || $0 == 3 ? 1.0 : 0 }
        let found = try decompose([ones, dummy(1), dummy(2), dummy(3), either, dummy(4), dummy(0)])
        #expect(found.aliasedColumns == [4, 6])
    }

    /// More rows than one chunk, so that triangles are stacked.
    @Test func findsDependencesAcrossChunks() throws {
        let found = try RankRevealingQR(tall(), threads: 2)
        #expect(found.independentColumns == [0, 1, 2, 4])
        #expect(found.aliasedColumns == [3])
    }

    /// A column that varies in one row only is still a direction of its own.
    @Test func seesADirectionThatOneRowCarries() throws {
        var lone = randomMatrix(rows: 20_000, columns: 2)
        for row in 0..<20_000 { lone[row, 1] = lone[row, 0] }
        lone[19_999, 1] += 1
        #expect(try RankRevealingQR(lone, threads: 2).rank == 2)
    }

    @Test func threadsDoNotChangeABit() throws {
        let matrix = tall()
        let one = try RankRevealingQR(matrix, threads: 1)
        for threads in [2, 3, 8] {
            let found = try RankRevealingQR(matrix, threads: threads)
            #expect(found.independentColumns == one.independentColumns)
            #expect(found.conditionEstimate.bitPattern == one.conditionEstimate.bitPattern)
        }
    }

    @Test func orthogonalColumnsHaveConditionOne() throws {
        let found = try decompose([[1, 0, 0, 0], [0, 1e9, 0, 0], [0, 0, 1e-9, 0]])
        #expect(abs(found.conditionEstimate - 1) <= 1e-15)
    }

    /// Columns that vary around a common value, beside a column of ones.
    @Test func theInterceptIsNeverTheOneThatGoes() throws {
        let ones = [Double](repeating: 3, count: 200)
        let found = try RankRevealingQR(
            matrix(columns: [a, ones, zip(a, b).map { $0 + $1 + 1 }, b]),
            besideIntercept: true,
            threads: 1
        )
        #expect(found.independentColumns == [0, 2] && found.aliasedColumns == [1, 3])
    }

    /// Rows with the factor 0 are not there.
    @Test func rowFactorsLeaveRowsOut() throws {
        let twice = a.enumerated().map { $0 < 150 ? 2 * $1 : -$1 }
        let factors = (0..<200).map { $0 < 150 ? 1.0 : 0 }
        let matrix = try matrix(columns: [a, twice])
        #expect(try RankRevealingQR(matrix, threads: 1).rank == 2)
        #expect(try RankRevealingQR(matrix, rowFactors: factors, threads: 1).aliasedColumns == [1])
    }

    private func decompose(_ columns: [[Double]], tolerance: Double = 1e-9) throws -> RankRevealingQR {
        try RankRevealingQR(matrix(columns: columns), tolerance: tolerance, threads: 1)
    }

    /// 30,001 rows of five columns, the fourth being the first less the second.
    private func tall() -> Matrix {
        var matrix = randomMatrix(rows: 30_001, columns: 5)
        for row in 0..<matrix.rowCount { matrix[row, 3] = matrix[row, 0] - matrix[row, 1] }
        return matrix
    }
}

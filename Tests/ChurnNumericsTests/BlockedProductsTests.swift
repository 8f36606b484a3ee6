import Testing

@testable import ChurnNumerics

/// Against sums in plain loops; tolerances are shares of the sum of the terms' magnitudes.
@Suite struct BlockedProductsTests {
    /// Around the edges of blocks (512) and chunks (8,192).
    static let rowCounts = [0, 1, 511, 512, 513, 8193, 20_000]
    static let columnCounts = [0, 1, 7]

    @Test(arguments: rowCounts, columnCounts) func gramIsThePlainSum(rows: Int, columns: Int) {
        let design = randomMatrix(rows: rows, columns: columns)
        let weights = randomMatrix(rows: rows, columns: 1, seed: 2).elements.map { max(0, $0) }
        let gram = products(design) { products in weights.withUnsafeBufferPointer { products.weightedGram(weights: $0) }
        }
        #expect(gram.rowCount == columns + 1 && gram.columnCount == columns + 1)
        for left in 0...columns {
            for right in 0...columns {
                var sum = PlainSum()
                for row in 0..<rows { sum.add(element(design, row, left) * weights[row] * element(design, row, right)) }
                #expect(sum.agrees(with: gram[left, right]), "\(left), \(right)")
                #expect(gram[left, right] == gram[right, left])
            }
        }
    }

    @Test(arguments: rowCounts, columnCounts) func transposedProductIsThePlainSum(rows: Int, columns: Int) {
        let design = randomMatrix(rows: rows, columns: columns)
        let vector = randomMatrix(rows: rows, columns: 1, seed: 3).elements
        let product = products(design) { products in vector.withUnsafeBufferPointer { products.transposedProduct($0) } }
        #expect(product.count == columns + 1)
        for column in 0...columns {
            var sum = PlainSum()
            for row in 0..<rows { sum.add(element(design, row, column) * vector[row]) }
            #expect(sum.agrees(with: product[column]), "\(column)")
        }
    }

    @Test(arguments: rowCounts, columnCounts) func linearPredictorIsThePlainSum(rows: Int, columns: Int) {
        let design = randomMatrix(rows: rows, columns: columns)
        let coefficients = randomMatrix(rows: columns + 1, columns: 1, seed: 4).elements
        let predictor = linearPredictor(design, coefficients, threads: 2)
        var worst = 0.0
        for row in 0..<rows {
            var sum = PlainSum()
            for column in 0...columns { sum.add(element(design, row, column) * coefficients[column]) }
            worst = max(worst, abs(sum.sum - predictor[row]) / sum.magnitude)
        }
        #expect(worst <= 1e-15)
    }

    @Test(arguments: [(513, 3), (20_000, 7), (90_001, 2)]) func threadsDoNotChangeABit(rows: Int, columns: Int) {
        let design = randomMatrix(rows: rows, columns: columns)
        let vector = randomMatrix(rows: rows, columns: 1, seed: 3).elements
        let weights = vector.map(abs)
        let coefficients = randomMatrix(rows: columns + 1, columns: 1, seed: 4).elements
        func all(threads: Int) -> [UInt64] {
            let sums = products(design, threads: threads) { products in
                weights.withUnsafeBufferPointer { products.weightedGram(weights: $0).elements }
                    + vector.withUnsafeBufferPointer { products.transposedProduct($0) }
            }
            return (sums + linearPredictor(design, coefficients, threads: threads)).map(\.bitPattern)
        }
        let one = all(threads: 1)
        for threads in [2, 3, 8] { #expect(all(threads: threads) == one, "\(threads) threads") }
    }

    /// A record batch of a mapped file: its columns lie further apart than they are long.
    @Test func columnsMayLieApart() {
        let whole = randomMatrix(rows: 1000, columns: 3)
        let rows = 100..<700
        var part = Matrix(rowCount: rows.count, columnCount: 3)
        for column in 0..<3 {
            for row in rows { part[row - rows.lowerBound, column] = whole[row, column] }
        }
        let ones = [Double](repeating: 1, count: rows.count)
        let fromPart = products(part) { products in ones.withUnsafeBufferPointer { products.weightedGram(weights: $0) }
        }
        let fromWhole = whole.withBlock { block in
            let view = MatrixBlock(
                base: block.base + rows.lowerBound,
                rowCount: rows.count,
                columnCount: 3,
                leadingDimension: 1000
            )
            return ones.withUnsafeBufferPointer { BlockedProducts(design: view, threads: 1).weightedGram(weights: $0) }
        }
        #expect(fromPart == fromWhole)
    }

    private func products<Result>(
        _ design: Matrix,
        threads: Int = 2,
        _ body: (BlockedProducts) -> Result
    ) -> Result {
        design.withBlock { body(BlockedProducts(design: $0, threads: threads)) }
    }

    private func linearPredictor(_ design: Matrix, _ coefficients: [Double], threads: Int) -> [Double] {
        var result = [Double](repeating: .nan, count: design.rowCount)
        products(design, threads: threads) { products in
            result.withUnsafeMutableBufferPointer { products.linearPredictor(coefficients, into: $0) }
        }
        return result
    }

    /// Of the design matrix with the column of ones in front.
    private func element(_ design: Matrix, _ row: Int, _ column: Int) -> Double {
        column == 0 ? 1 : design.elements[(column - 1) * design.rowCount + row]
    }

    private struct PlainSum {
        var sum = 0.0
        var magnitude = 0.0

        mutating func add(_ term: Double) {
            sum += term
            magnitude += abs(term)
        }

        func agrees(with other: Double) -> Bool { abs(other - sum) <= 1e-13 * magnitude }
    }
}

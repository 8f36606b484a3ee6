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
        let product = products(design) { products in transposedProduct(products, vector) }
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
                    + transposedProduct(products, vector)
            }
            return (sums + linearPredictor(design, coefficients, threads: threads)).map(\.bitPattern)
        }
        let one = all(threads: 1)
        for threads in [2, 3, 8] { #expect(all(threads: threads) == one, "\(threads) threads") }
    }

    /// Columns in pieces, as record batches of a mapped file have them, are the same as columns in one.
    @Test func columnsMayComeInPieces() {
        let whole = randomMatrix(rows: 1000, columns: 3)
        let ones = [Double](repeating: 1, count: 1000)
        func gram(_ design: any ColumnarDesign) -> Matrix {
            ones.withUnsafeBufferPointer { BlockedProducts(design, threads: 2).weightedGram(weights: $0) }
        }
        let pieces = whole.withBlock { block in
            (0..<3).map { column in
                NumericColumn(
                    pieces: [0..<100, 100..<100, 100..<701, 701..<1000].map { rows in
                        .init(
                            UnsafeBufferPointer(start: block.column(column) + rows.lowerBound, count: rows.count),
                            owner: whole
                        )
                    }
                )
            }
        }
        #expect(gram(Columns(columns: pieces)) == gram(whole))
        #expect(pieces[1].array == whole.column(1) && pieces[2][701] == whole[701, 2])
    }

    /// Columns that are read where they stand give the bits of columns that are copied, on both sides of a piece's end.
    @Test func columnsMayStayWhereTheyStand() throws {
        let (rows, count) = (20_000, 7)
        let whole = randomMatrix(rows: rows, columns: count)
        let vector = randomMatrix(rows: rows, columns: 1, seed: 3).elements
        let coefficients = randomMatrix(rows: count + 1, columns: 1, seed: 4).elements
        func bits(_ design: any ColumnarDesign) throws -> [UInt64] {
            let sums = products(design, threads: 2) { transposedProduct($0, vector) }
            let predictor = linearPredictor(design, coefficients, threads: 2)
            return try (sums + predictor + design.requireFinite(threads: 2)).map(\.bitPattern)
        }
        try whole.withBlock { block in
            func standing(_ order: [Int], _ pieces: [Range<Int>]) -> NumericColumns {
                NumericColumns(
                    order.map { column in
                        NumericColumn(
                            pieces: pieces.map {
                                .init(
                                    UnsafeBufferPointer(start: block.column(column) + $0.lowerBound, count: $0.count),
                                    owner: whole
                                )
                            }
                        )
                    },
                    rowCount: rows
                )
            }
            let inOrder = standing(Array(0..<count), [0..<9000, 9000..<rows])
            let place = try #require(inOrder.standing(rows: 9000..<9100))
            #expect(place.elements == block.column(0) + 9000 && place.leadingDimension == rows)
            #expect(inOrder.standing(rows: 8999..<9001) == nil)
            #expect(try bits(inOrder) == bits(whole))
            let mixed = standing([0, 2, 1, 3, 4, 5, 6], [0..<rows])
            #expect(mixed.standing(rows: 0..<10) == nil && mixed.standing(column: 1, rows: 0..<10) != nil)
            #expect(try bits(mixed) == bits(SelectedColumns([0, 2, 1, 3, 4, 5, 6], of: whole)))
        }
    }

    /// Single precision widened is what double precision of the same numbers is.
    @Test func singlePrecisionIsWidened() {
        let numbers = (0..<300).map { Float($0) * 0.1 }
        numbers.withUnsafeBufferPointer { buffer in
            let column = NumericColumn(pieces: [.init(buffer, owner: numbers)])
            #expect(column.array == numbers.map(Double.init) && column.count == 300)
        }
    }

    @Test func aSampleIsEveryOtherRun() {
        let whole = randomMatrix(rows: 103, columns: 2)
        let sample = SampledRows(everyRun: 3, of: 10, in: whole)
        let rows = (0..<103).filter { $0 / 10 % 3 == 0 }
        #expect(sample.rowCount == rows.count)
        #expect(sample.column(1) == rows.map { whole[$0, 1] })
        #expect(sample.values(of: whole.column(0)) == rows.map { whole[$0, 0] })
        #expect(SelectedColumns([1, 0], of: sample).column(1) == sample.column(0))
    }

    private struct Columns: ColumnarDesign {
        let columns: [NumericColumn]
        var rowCount: Int { columns[0].count }
        var columnCount: Int { columns.count }

        func copy(column: Int, rows: Range<Int>, to target: UnsafeMutablePointer<Double>) {
            columns[column].copy(rows: rows, to: target)
        }
    }

    /// [1 X]ᵀ v, as a pass over the blocks sums it.
    private func transposedProduct(_ products: BlockedProducts, _ values: [Double]) -> [Double] {
        products.sum(length: products.dimension) { block, result in
            values.withUnsafeBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                block.addTransposedProduct(base + block.rows.lowerBound, to: result)
            }
        }
    }

    private func products<Result>(
        _ design: any ColumnarDesign,
        threads: Int = 2,
        _ body: (BlockedProducts) -> Result
    ) -> Result {
        body(BlockedProducts(design, threads: threads))
    }

    private func linearPredictor(_ design: any ColumnarDesign, _ coefficients: [Double], threads: Int) -> [Double] {
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

import COpenBLAS

/// Some rows of a design, with a column of ones in front that need not stand anywhere: packed column after column in memory that
/// stays in the cache, or where the design has them.
///
/// Index 0 of every result is the intercept, index j + 1 is column j of the design. Valid only inside the call that gets it.
public struct DesignBlock {
    /// The rows of the design.
    public let rows: Range<Int>
    /// Columns with the ones.
    public let dimension: Int
    private let elements: UnsafePointer<Double>
    private let leadingDimension: Int
    /// The column of ones in front of columns that may be changed.
    private let ones: UnsafeMutablePointer<Double>?

    /// - Parameter elements: of the first column.
    init(rows: Range<Int>, dimension: Int, elements: UnsafePointer<Double>, leadingDimension: Int) {
        self.rows = rows
        self.dimension = dimension
        self.elements = elements
        self.leadingDimension = leadingDimension
        ones = nil
    }

    /// - Parameter ones: a column of them in front of the first column, all of which may be changed.
    init(rows: Range<Int>, dimension: Int, ones: UnsafeMutablePointer<Double>, leadingDimension: Int) {
        self.rows = rows
        self.dimension = dimension
        elements = UnsafePointer(ones + leadingDimension)
        self.leadingDimension = leadingDimension
        self.ones = ones
    }

    /// The elements of a column of the design, `rows.count` of them.
    @inline(__always)
    public func column(_ column: Int) -> UnsafePointer<Double> { elements + column * leadingDimension }

    /// [1 X] coefficients, one number a row.
    public func linearPredictor(_ coefficients: UnsafePointer<Double>, into result: UnsafeMutablePointer<Double>) {
        result.update(repeating: 0, count: rows.count)
        multiply(CblasNoTrans, coefficients + 1, into: result)
        for row in 0..<rows.count { result[row] += coefficients[0] }
    }

    /// Adds [1 X]ᵀ values, `dimension` numbers, to `result`.
    public func addTransposedProduct(_ values: UnsafePointer<Double>, to result: UnsafeMutablePointer<Double>) {
        result[0] += sum(values)
        multiply(CblasTrans, values, into: result + 1)
    }

    /// Σ of one number a row, in eight sums that are added in the end.
    private func sum(_ values: UnsafePointer<Double>) -> Double {
        var sums = SIMD8<Double>(repeating: 0)
        let whole = rows.count / 8 * 8
        for row in stride(from: 0, to: whole, by: 8) {
            sums += UnsafeRawPointer(values + row).loadUnaligned(as: SIMD8<Double>.self)
        }
        var rest = 0.0
        for row in whole..<rows.count { rest += values[row] }
        return sums.sum() + rest
    }

    /// Adds the product of the columns or of their transpose with some values.
    private func multiply(
        _ transposition: CBLAS_TRANSPOSE,
        _ values: UnsafePointer<Double>,
        into result: UnsafeMutablePointer<Double>
    ) {
        guard dimension > 1 else { return }
        cblas_dgemv(
            CblasColMajor,
            transposition,
            blasint(rows.count),
            blasint(dimension - 1),
            1,
            elements,
            blasint(leadingDimension),
            values,
            1,
            1,
            result,
            1
        )
    }

    /// Adds each column's sum of squares, weighted where there are weights, to `result`, `dimension` numbers.
    /// - Parameter weights: one a row; `nil` for all 1.
    public func addSquares(weights: UnsafePointer<Double>?, to result: UnsafeMutablePointer<Double>) {
        let count = rows.count
        guard let weights else {
            result[0] += Double(count)
            for number in 0..<dimension - 1 {
                result[number + 1] += cblas_ddot(blasint(count), column(number), 1, column(number), 1)
            }
            return
        }
        result[0] += sum(weights)
        withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { scratch in
            guard let products = scratch.baseAddress else { return }
            for number in 0..<dimension - 1 {
                let values = column(number)
                for row in 0..<count { products[row] = weights[row] * values[row] }
                result[number + 1] += cblas_ddot(blasint(count), products, 1, values, 1)
            }
        }
    }

    /// xᵀA⁻¹x of each row x of [1 X].
    /// - Parameter factor: of A, `dimension` x `dimension`.
    public func quadraticForm(_ factor: CholeskyFactor, into result: UnsafeMutablePointer<Double>) {
        precondition(factor.dimension == dimension, "one row and column for each of the block's columns")
        let count = rows.count
        withUnsafeTemporaryAllocation(of: Double.self, capacity: count * dimension) { scratch in
            guard let solved = scratch.baseAddress else { return }
            solved.update(repeating: 1, count: count)
            for number in 1..<dimension { (solved + number * count).update(from: column(number - 1), count: count) }
            factor.withTriangle { triangle in
                // X U⁻¹, whose rows' lengths are asked for.
                cblas_dtrsm(
                    CblasColMajor,
                    CblasRight,
                    CblasUpper,
                    CblasNoTrans,
                    CblasNonUnit,
                    blasint(count),
                    blasint(dimension),
                    1,
                    triangle,
                    blasint(dimension),
                    solved,
                    blasint(count)
                )
            }
            result.update(repeating: 0, count: count)
            for number in 0..<dimension {
                let values = solved + number * count
                for row in 0..<count { result[row] += values[row] * values[row] }
            }
        }
    }

    /// Adds [1 X]ᵀ diag(w) [1 X], the upper triangle of `dimension` x `dimension` numbers, to `result`. The block must have a
    /// column of ones; its elements are lost: each row is multiplied by the root of its weight.
    /// - Parameter weights: one a row, none negative; replaced by their roots.
    public func addGram(weights: UnsafeMutablePointer<Double>, to result: UnsafeMutablePointer<Double>) {
        guard let ones else { preconditionFailure("a Gram matrix takes a block of its own") }
        let count = rows.count
        for row in 0..<count { weights[row] = weights[row].squareRoot() }
        for number in 0..<dimension {
            let values = ones + number * leadingDimension
            for row in 0..<count { values[row] *= weights[row] }
        }
        cblas_dsyrk(
            CblasColMajor,
            CblasUpper,
            CblasTrans,
            blasint(dimension),
            blasint(count),
            1,
            ones,
            blasint(leadingDimension),
            1,
            result,
            blasint(dimension)
        )
    }
}

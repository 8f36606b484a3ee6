import COpenBLAS

/// Some rows of a design with a column of ones in front, packed column after column in memory that stays in the cache.
///
/// Index 0 of every result is the intercept, index j + 1 is column j of the design. Valid only inside the call that gets it.
public struct DesignBlock {
    /// The rows of the design.
    public let rows: Range<Int>
    /// Columns with the ones.
    public let dimension: Int
    let base: UnsafeMutablePointer<Double>
    let leadingDimension: Int

    /// A column's elements, `rows.count` of them; 0 is the column of ones.
    @inline(__always)
    public func column(_ column: Int) -> UnsafeMutablePointer<Double> { base + column * leadingDimension }

    /// [1 X] coefficients, one number a row.
    public func linearPredictor(_ coefficients: UnsafePointer<Double>, into result: UnsafeMutablePointer<Double>) {
        cblas_dgemv(
            CblasColMajor,
            CblasNoTrans,
            blasint(rows.count),
            blasint(dimension),
            1,
            base,
            blasint(leadingDimension),
            coefficients,
            1,
            0,
            result,
            1
        )
    }

    /// Adds [1 X]ᵀ values, `dimension` numbers, to `result`.
    public func addTransposedProduct(_ values: UnsafePointer<Double>, to result: UnsafeMutablePointer<Double>) {
        cblas_dgemv(
            CblasColMajor,
            CblasTrans,
            blasint(rows.count),
            blasint(dimension),
            1,
            base,
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
            for number in 0..<dimension {
                result[number] += cblas_ddot(blasint(count), column(number), 1, column(number), 1)
            }
            return
        }
        withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { scratch in
            guard let products = scratch.baseAddress else { return }
            for number in 0..<dimension {
                let values = column(number)
                for row in 0..<count { products[row] = weights[row] * values[row] }
                result[number] += cblas_ddot(blasint(count), products, 1, values, 1)
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
            for number in 0..<dimension { (solved + number * count).update(from: column(number), count: count) }
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

    /// Adds [1 X]ᵀ diag(w) [1 X], the upper triangle of `dimension` x `dimension` numbers, to `result`. The block's elements
    /// are lost: each row is multiplied by the root of its weight.
    /// - Parameter weights: one a row, none negative; replaced by their roots.
    public func addGram(weights: UnsafeMutablePointer<Double>, to result: UnsafeMutablePointer<Double>) {
        let count = rows.count
        for row in 0..<count { weights[row] = weights[row].squareRoot() }
        for number in 0..<dimension {
            let values = column(number)
            for row in 0..<count { values[row] *= weights[row] }
        }
        cblas_dsyrk(
            CblasColMajor,
            CblasUpper,
            CblasTrans,
            blasint(dimension),
            blasint(count),
            1,
            base,
            blasint(leadingDimension),
            1,
            result,
            blasint(dimension)
        )
    }
}

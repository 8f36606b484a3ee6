import COpenBLAS

/// Products of a tall design matrix X (n x p), with a column of ones in front of it: index 0 of every result is the
/// intercept, index j + 1 is column j of X.
///
/// Rows are cut into chunks by n alone. Inside a chunk the product runs over blocks of `blockRows` rows that stay in the
/// cache; chunks run in parallel and are summed in pairs, in a fixed tree. The result has the same bits for any number of
/// threads.
public struct BlockedProducts: Sendable {
    /// Rows of one call to BLAS: 512 rows of 64 columns are 256 KiB and stay in the second-level cache.
    static let blockRows = 512
    private static let minimumChunkRows = 8192
    private static let maximumChunkCount = 64

    public let design: MatrixBlock
    public let threads: Int
    private let chunkRows: Int

    /// - Parameter threads: must be positive.
    public init(design: MatrixBlock, threads: Int) {
        LinearAlgebraLibrary.prepare()
        self.design = design
        self.threads = threads
        let even = (design.rowCount + Self.maximumChunkCount - 1) / Self.maximumChunkCount
        let whole = (even + Self.blockRows - 1) / Self.blockRows * Self.blockRows
        self.chunkRows = max(Self.minimumChunkRows, whole)
    }

    /// Columns of every result: p and the intercept.
    public var dimension: Int { design.columnCount + 1 }

    private var chunkCount: Int { (design.rowCount + chunkRows - 1) / chunkRows }

    private func rows(ofChunk chunk: Int) -> Range<Int> {
        chunk * chunkRows..<min(design.rowCount, (chunk + 1) * chunkRows)
    }

    /// [1 X]ᵀ diag(w) [1 X], (p+1) x (p+1), symmetric and filled on both sides.
    /// - Parameter weights: n of them, none negative.
    public func weightedGram(weights: UnsafeBufferPointer<Double>) -> Matrix {
        precondition(weights.count == design.rowCount, "one weight a row")
        let size = dimension
        nonisolated(unsafe) let weights = weights
        var sum = reducedOverChunks(length: size * size) { rows, result in
            accumulateGram(ofRows: rows, weights: weights, into: result)
        }
        for column in 0..<size {
            for row in column + 1..<size { sum[column * size + row] = sum[row * size + column] }
        }
        var gram = Matrix(rowCount: size, columnCount: size)
        gram.withMutableElements { elements in _ = elements.update(fromContentsOf: sum) }
        return gram
    }

    /// [1 X]ᵀ v, p+1 numbers.
    /// - Parameter values: n of them.
    public func transposedProduct(_ values: UnsafeBufferPointer<Double>) -> [Double] {
        precondition(values.count == design.rowCount, "one value a row")
        nonisolated(unsafe) let values = values
        return reducedOverChunks(length: dimension) { rows, result in
            guard let vector = values.baseAddress else { return }
            for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.blockRows) {
                let count = min(Self.blockRows, rows.upperBound - start)
                var sum = 0.0
                for row in start..<start + count { sum += vector[row] }
                result[0] += sum
                if design.columnCount > 0 {
                    cblas_dgemv(
                        CblasColMajor,
                        CblasTrans,
                        blasint(count),
                        blasint(design.columnCount),
                        1,
                        design.base + start,
                        blasint(design.leadingDimension),
                        vector + start,
                        1,
                        1,
                        result + 1,
                        1
                    )
                }
            }
        }
    }

    /// coefficients[0] + X coefficients[1...], written to `result` (n numbers).
    /// - Parameter coefficients: p+1 of them, the intercept first.
    public func linearPredictor(_ coefficients: [Double], into result: UnsafeMutableBufferPointer<Double>) {
        precondition(coefficients.count == dimension && result.count == design.rowCount, "shapes must match")
        nonisolated(unsafe) let result = result
        coefficients.withUnsafeBufferPointer { buffer in
            nonisolated(unsafe) let buffer = buffer
            Parallel.forEach(chunkCount, threads: threads) { chunk in
                guard let target = result.baseAddress, let weights = buffer.baseAddress else { return }
                let rows = rows(ofChunk: chunk)
                for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.blockRows) {
                    let count = min(Self.blockRows, rows.upperBound - start)
                    for row in start..<start + count { target[row] = weights[0] }
                    if design.columnCount > 0 {
                        cblas_dgemv(
                            CblasColMajor,
                            CblasNoTrans,
                            blasint(count),
                            blasint(design.columnCount),
                            1,
                            design.base + start,
                            blasint(design.leadingDimension),
                            weights + 1,
                            1,
                            1,
                            target + start,
                            1
                        )
                    }
                }
            }
        }
    }

    /// Adds the Gram matrix of some rows (upper triangle) to `result`.
    private func accumulateGram(
        ofRows rows: Range<Int>,
        weights: UnsafeBufferPointer<Double>,
        into result: UnsafeMutablePointer<Double>
    ) {
        let size = dimension
        withUnsafeTemporaryAllocation(of: Double.self, capacity: Self.blockRows * (size + 1)) { scratch in
            guard let scaled = scratch.baseAddress else { return }
            let roots = scaled + Self.blockRows * size
            for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.blockRows) {
                let count = min(Self.blockRows, rows.upperBound - start)
                for row in 0..<count { roots[row] = weights[start + row].squareRoot() }
                scaled.update(from: roots, count: count)
                for column in 0..<design.columnCount {
                    let source = design.column(column) + start
                    let target = scaled + (column + 1) * Self.blockRows
                    for row in 0..<count { target[row] = source[row] * roots[row] }
                }
                cblas_dsyrk(
                    CblasColMajor,
                    CblasUpper,
                    CblasTrans,
                    blasint(size),
                    blasint(count),
                    1,
                    scaled,
                    blasint(Self.blockRows),
                    1,
                    result,
                    blasint(size)
                )
            }
        }
    }

    /// Runs `body` for every chunk on zeroed memory of `length` numbers, and sums the chunks in a fixed tree.
    private func reducedOverChunks(
        length: Int,
        _ body: @Sendable (Range<Int>, UnsafeMutablePointer<Double>) -> Void
    ) -> [Double] {
        let parts = max(chunkCount, 1)
        var partials = [Double](repeating: 0, count: parts * length)
        partials.withUnsafeMutableBufferPointer { buffer in
            nonisolated(unsafe) let buffer = buffer
            guard let base = buffer.baseAddress else { return }
            nonisolated(unsafe) let start = base
            Parallel.forEach(chunkCount, threads: threads) { chunk in
                body(rows(ofChunk: chunk), start + chunk * length)
            }
            var distance = 1
            while distance < parts {
                for left in stride(from: 0, to: parts - distance, by: 2 * distance) {
                    let target = base + left * length
                    let source = base + (left + distance) * length
                    for element in 0..<length { target[element] += source[element] }
                }
                distance *= 2
            }
        }
        return Array(partials.prefix(length))
    }
}

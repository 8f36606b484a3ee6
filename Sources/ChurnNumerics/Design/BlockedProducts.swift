/// Products of a tall design matrix X (n x p), with a column of ones in front of it: index 0 of every result is the
/// intercept, index j + 1 is column j of X.
///
/// Rows are cut into chunks by n and p alone. Inside a chunk the product runs over blocks of rows that are packed into the
/// cache once, or stay there from where they stand, and are used for all that is asked of them; chunks run in parallel and are summed in pairs, in a fixed tree. The
/// result has the same bits for any number of threads.
public struct BlockedProducts: Sendable {
    /// Most rows of a block: 1,024 rows of 64 columns are 512 KiB and stay in the second-level cache.
    static let mostBlockRows = 1024
    private static let leastBlockRows = 64
    /// Numbers of a block that is read twice: 520 KiB.
    private static let blockNumbers = 66_560
    private static let minimumChunkRows = 8192
    private static let maximumChunkCount = 64
    private static let minimumChunkCount = 8
    /// Numbers that the sums of all chunks may take: 128 MiB.
    private static let partialNumbers = 1 << 24

    public let design: any ColumnarDesign
    public let threads: Int

    /// - Parameter threads: must be positive.
    public init(_ design: any ColumnarDesign, threads: Int) {
        precondition(threads > 0, "threads must be positive")
        LinearAlgebraLibrary.prepare()
        self.design = design
        self.threads = threads
    }

    /// Columns of every result: p and the intercept.
    public var dimension: Int { design.columnCount + 1 }

    /// What a pass over the rows does with a block: a matrix product, which gains from many rows, or less, which gains from
    /// blocks that are still in the cache when they are read again.
    public enum Use: Sendable {
        case vectors, gram
    }

    private func blockRows(_ use: Use) -> Int {
        if use == .gram { return Self.mostBlockRows }
        let fitting = Self.blockNumbers / dimension / Self.leastBlockRows * Self.leastBlockRows
        return min(Self.mostBlockRows, max(Self.leastBlockRows, fitting))
    }

    /// - Parameter length: numbers that each chunk sums up.
    private func chunkRows(length: Int) -> Int {
        let affordable = max(Self.minimumChunkCount, Self.partialNumbers / max(length, 1))
        let count = min(Self.maximumChunkCount, affordable)
        let even = (design.rowCount + count - 1) / count
        let whole = (even + Self.mostBlockRows - 1) / Self.mostBlockRows * Self.mostBlockRows
        return max(Self.minimumChunkRows, whole)
    }

    // MARK: Passes

    /// Calls `body` for every block of rows, and sums what it adds to its chunk's `length` numbers, in a fixed tree.
    /// - Parameter body: runs on several threads, but never twice at once for one chunk.
    public func sum(
        length: Int,
        use: Use = .vectors,
        _ body: @Sendable (DesignBlock, UnsafeMutablePointer<Double>) -> Void
    ) -> [Double] {
        let chunkRows = chunkRows(length: length)
        let chunks = (design.rowCount + chunkRows - 1) / chunkRows
        let parts = max(chunks, 1)
        var partials = [Double](repeating: 0, count: parts * length)
        partials.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            nonisolated(unsafe) let start = base
            forEachChunk(chunkRows, use) { chunk, block in body(block, start + chunk * length) }
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
        partials.removeSubrange(length...)
        return partials
    }

    /// Calls `body` for every block of rows.
    /// - Parameter body: runs on several threads.
    public func forEachBlock(use: Use = .vectors, _ body: @Sendable (DesignBlock) -> Void) {
        forEachChunk(chunkRows(length: 1), use) { _, block in body(block) }
    }

    private func forEachChunk(_ chunkRows: Int, _ use: Use, _ body: @Sendable (Int, DesignBlock) -> Void) {
        let blockRows = blockRows(use)
        let dimension = dimension
        // Only a Gram matrix changes its block.
        let mayStand = use == .vectors
        Parallel.forEach((design.rowCount + chunkRows - 1) / chunkRows, threads: threads) { chunk in
            let end = min(design.rowCount, (chunk + 1) * chunkRows)
            withUnsafeTemporaryAllocation(of: Double.self, capacity: blockRows * dimension) { scratch in
                guard let base = scratch.baseAddress else { return }
                for first in stride(from: chunk * chunkRows, to: end, by: blockRows) {
                    let rows = first..<min(end, first + blockRows)
                    if mayStand, let standing = design.standing(rows: rows) {
                        let (elements, distance) = standing
                        body(
                            chunk,
                            DesignBlock(
                                rows: rows,
                                dimension: dimension,
                                elements: elements,
                                leadingDimension: distance
                            )
                        )
                        continue
                    }
                    base.update(repeating: 1, count: rows.count)
                    design.copy(
                        columns: 0..<dimension - 1,
                        rows: rows,
                        to: base + blockRows,
                        leadingDimension: blockRows
                    )
                    body(
                        chunk,
                        DesignBlock(rows: rows, dimension: dimension, ones: base, leadingDimension: blockRows)
                    )
                }
            }
        }
    }

    // MARK: Products

    /// [1 X]ᵀ diag(w) [1 X], (p+1) x (p+1), symmetric and filled on both sides.
    /// - Parameter weights: n of them, none negative.
    public func weightedGram(weights: UnsafeBufferPointer<Double>) -> Matrix {
        precondition(weights.count == design.rowCount, "one weight a row")
        nonisolated(unsafe) let weights = weights
        let upper = sum(length: dimension * dimension, use: .gram) { block, result in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: block.rows.count) { roots in
                guard let base = roots.baseAddress, let source = weights.baseAddress else { return }
                base.update(from: source + block.rows.lowerBound, count: block.rows.count)
                block.addGram(weights: base, to: result)
            }
        }
        return Matrix(upperTriangle: upper[...], size: dimension)
    }

    /// coefficients[0] + X coefficients[1...], written to `result` (n numbers).
    /// - Parameter coefficients: p+1 of them, the intercept first.
    public func linearPredictor(_ coefficients: [Double], into result: UnsafeMutableBufferPointer<Double>) {
        precondition(coefficients.count == dimension && result.count == design.rowCount, "shapes must match")
        nonisolated(unsafe) let result = result
        coefficients.withUnsafeBufferPointer { buffer in
            nonisolated(unsafe) let buffer = buffer
            forEachBlock { block in
                guard let target = result.baseAddress, let source = buffer.baseAddress else { return }
                block.linearPredictor(source, into: target + block.rows.lowerBound)
            }
        }
    }
}

extension Matrix {
    /// A symmetric matrix of its upper triangle.
    /// - Parameter elements: `size` x `size` of them, column-major; those below the diagonal do not matter.
    public init(upperTriangle elements: ArraySlice<Double>, size: Int) {
        precondition(elements.count == size * size, "one element a place")
        self.init(rowCount: size, columnCount: size)
        withMutableElements { target in
            _ = target.update(fromContentsOf: elements)
            for column in 0..<size {
                for row in column + 1..<size { target[column * size + row] = target[row * size + column] }
            }
        }
    }
}

import COpenBLAS

/// Which columns of a tall matrix are linear combinations of others, by QR with column pivoting (LAPACK's `dgeqp3`).
///
/// The rows are first reduced to a p x p triangle with the same column geometry: QR of each chunk of rows, triangles
/// stacked in pairs and reduced again (TSQR; Demmel, Grigori, Hoemmen, Langou 2012), in a tree that n and p fix. Pivoting
/// then tells the rank; which columns of a dependent set go is chosen by their order: the later ones.
public struct RankRevealingQR: Sendable {
    /// Columns that can be kept together, ascending. Their number is the rank.
    public let independentColumns: [Int]
    /// Columns that equal a combination of earlier ones, ascending.
    public let aliasedColumns: [Int]
    /// Ratio of the largest to the smallest pivot among the independent columns, each scaled to length 1: a cheap
    /// estimate of the condition number of the scaled matrix. 1 when there is no column.
    public let conditionEstimate: Double

    /// - Parameters:
    ///   - block: n x p. Columns are scaled to length 1 first, so that units do not matter.
    ///   - tolerance: a column whose part outside the span of the earlier ones is shorter than this share of it is
    ///     aliased.
    public init(_ block: MatrixBlock, tolerance: Double = 1e-9, threads: Int) throws(NumericsError) {
        LinearAlgebraLibrary.prepare()
        var triangle = try Self.triangle(of: block, threads: threads)
        Self.scaleColumns(&triangle)
        let pivots = try Self.pivots(of: triangle)
        let largest = pivots.first ?? 0
        let rank = pivots.prefix { $0 > tolerance * max(largest, .leastNormalMagnitude) }.count
        let size = block.columnCount
        if rank == size {
            independentColumns = Array(0..<size)
            aliasedColumns = []
        } else {
            (independentColumns, aliasedColumns) = Self.selectInOrder(triangle, tolerance: tolerance)
        }
        conditionEstimate = rank == 0 ? 1 : largest / pivots[rank - 1]
    }

    public var rank: Int { independentColumns.count }

    // MARK: Reduction to a triangle

    /// An upper triangular p x p matrix R with RᵀR = XᵀX.
    private static func triangle(of block: MatrixBlock, threads: Int) throws(NumericsError) -> Matrix {
        let columns = block.columnCount
        let chunkRows = max(4096, 4 * columns)
        let chunks = max(1, (block.rowCount + chunkRows - 1) / chunkRows)
        let outcomes = Parallel.map(chunks, threads: threads) { chunk -> Result<Matrix, NumericsError> in
            let first = chunk * chunkRows
            let rows = max(0, min(chunkRows, block.rowCount - first))
            var copy = Matrix(rowCount: rows, columnCount: columns)
            copy.withMutableElements { elements in
                guard let target = elements.baseAddress else { return }
                for column in 0..<columns {
                    (target + column * rows).update(from: block.column(column) + first, count: rows)
                }
            }
            return Result { () throws(NumericsError) in try reduced(copy) }
        }
        var triangles: [Matrix] = []
        for outcome in outcomes { triangles.append(try outcome.get()) }
        while triangles.count > 1 {
            var next: [Matrix] = []
            for left in stride(from: 0, to: triangles.count, by: 2) {
                if left + 1 < triangles.count {
                    next.append(try reduced(stacked(triangles[left], triangles[left + 1])))
                } else {
                    next.append(triangles[left])
                }
            }
            triangles = next
        }
        return triangles[0]
    }

    private static func stacked(_ top: Matrix, _ bottom: Matrix) -> Matrix {
        let size = top.columnCount
        var result = Matrix(rowCount: 2 * size, columnCount: size)
        for column in 0..<size {
            for row in 0...column {
                result[row, column] = top[row, column]
                result[size + row, column] = bottom[row, column]
            }
        }
        return result
    }

    /// R of the QR factors of `matrix`, p x p; missing rows are zero.
    private static func reduced(_ matrix: Matrix) throws(NumericsError) -> Matrix {
        var work = matrix
        let columns = matrix.columnCount
        var tau = [Double](repeating: 0, count: max(1, min(matrix.rowCount, columns)))
        if matrix.rowCount > 0, columns > 0 {
            let info = work.withMutableElements { elements in
                LAPACKE_dgeqrf(
                    LAPACK_COL_MAJOR,
                    Int32(matrix.rowCount),
                    Int32(columns),
                    elements.baseAddress,
                    Int32(matrix.rowCount),
                    &tau
                )
            }
            if info != 0 { throw .lapack(routine: "dgeqrf", info: Int(info)) }
        }
        var triangle = Matrix(rowCount: columns, columnCount: columns)
        for column in 0..<columns {
            for row in 0..<min(column + 1, matrix.rowCount) { triangle[row, column] = work[row, column] }
        }
        return triangle
    }

    // MARK: Rank and choice

    private static func scaleColumns(_ triangle: inout Matrix) {
        let size = triangle.columnCount
        triangle.withMutableElements { elements in
            for column in 0..<size {
                // The largest element first, so that squares neither overflow nor vanish.
                var largest = 0.0
                for row in 0..<size { largest = max(largest, abs(elements[column * size + row])) }
                guard largest > 0 else { continue }
                var sum = 0.0
                for row in 0..<size {
                    elements[column * size + row] /= largest
                    sum += elements[column * size + row] * elements[column * size + row]
                }
                let length = sum.squareRoot()
                for row in 0..<size { elements[column * size + row] /= length }
            }
        }
    }

    /// Absolute values of the diagonal after pivoting, descending.
    private static func pivots(of triangle: Matrix) throws(NumericsError) -> [Double] {
        let size = triangle.columnCount
        guard size > 0 else { return [] }
        var work = triangle
        var order = [Int32](repeating: 0, count: size)
        var tau = [Double](repeating: 0, count: size)
        let info = work.withMutableElements { elements in
            LAPACKE_dgeqp3(
                LAPACK_COL_MAJOR,
                Int32(size),
                Int32(size),
                elements.baseAddress,
                Int32(size),
                &order,
                &tau
            )
        }
        if info != 0 { throw .lapack(routine: "dgeqp3", info: Int(info)) }
        return (0..<size).map { abs(work[$0, $0]) }
    }

    /// Walks the columns in order and keeps each that adds a direction (Gram-Schmidt, orthogonalised twice).
    private static func selectInOrder(_ triangle: Matrix, tolerance: Double) -> (kept: [Int], aliased: [Int]) {
        let size = triangle.columnCount
        var basis: [Double] = []
        var kept: [Int] = []
        var aliased: [Int] = []
        for column in 0..<size {
            var vector = Array(triangle.elements[column * size..<(column + 1) * size])
            for _ in 0..<2 {
                for direction in 0..<kept.count {
                    var product = 0.0
                    for row in 0..<size { product += basis[direction * size + row] * vector[row] }
                    for row in 0..<size { vector[row] -= product * basis[direction * size + row] }
                }
            }
            let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            if length > tolerance {
                kept.append(column)
                for element in vector { basis.append(element / length) }
            } else {
                aliased.append(column)
            }
        }
        return (kept, aliased)
    }
}

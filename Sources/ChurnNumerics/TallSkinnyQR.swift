import COpenBLAS

/// QR of a tall matrix, of which only the triangle is wanted: R with RᵀR = AᵀA, upper triangular.
///
/// Chunks of rows are factored on their own, their triangles stacked in pairs and factored again (TSQR; Demmel, Grigori,
/// Hoemmen, Langou 2012), in a tree that the shape fixes. R has all digits that A has, where AᵀA has half of them.
public enum TallSkinnyQR {
    /// The triangle of diag(rowFactors) A, stacked on diag(diagonal), where A is X or [1 X].
    /// - Parameters:
    ///   - design: X, n x p.
    ///   - besideIntercept: whether a column of ones stands in front.
    ///   - rowFactors: n numbers; `nil` for all 1.
    ///   - diagonal: one number a column of A, of rows that stand below; `nil` for none.
    /// - Returns: a square matrix of as many columns as A.
    public static func triangle(
        of design: any ColumnarDesign,
        besideIntercept: Bool,
        rowFactors: [Double]? = nil,
        diagonal: [Double]? = nil,
        threads: Int
    ) throws(NumericsError) -> Matrix {
        precondition(rowFactors.map { $0.count == design.rowCount } ?? true, "one factor a row")
        LinearAlgebraLibrary.prepare()
        let first = besideIntercept ? 1 : 0
        let size = design.columnCount + first
        let chunkRows = max(4096, 4 * size)
        let chunks = max(1, (design.rowCount + chunkRows - 1) / chunkRows)
        let outcomes = Parallel.map(chunks, threads: threads) { chunk -> Result<Matrix, NumericsError> in
            let start = min(chunk * chunkRows, design.rowCount)
            let rows = start..<min(design.rowCount, start + chunkRows)
            var copy = Matrix(rowCount: rows.count, columnCount: size)
            copy.withMutableElements { elements in
                guard let base = elements.baseAddress, !rows.isEmpty else { return }
                if besideIntercept { base.update(repeating: 1, count: rows.count) }
                for column in first..<size {
                    design.copy(column: column - first, rows: rows, to: base + column * rows.count)
                }
                guard let rowFactors else { return }
                for column in 0..<size {
                    let target = base + column * rows.count
                    for row in 0..<rows.count { target[row] *= rowFactors[rows.lowerBound + row] }
                }
            }
            return Result { () throws(NumericsError) in try reduced(copy) }
        }
        var triangles: [Matrix] = []
        for outcome in outcomes { triangles.append(try outcome.get()) }
        if let diagonal {
            var matrix = Matrix(rowCount: size, columnCount: size)
            for element in 0..<size { matrix[element, element] = diagonal[element] }
            triangles.append(matrix)
        }
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

    /// R of the QR factors of `matrix`; rows that are missing are zero.
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
}

import COpenBLAS

/// Which columns of a tall matrix are linear combinations of others, by QR with column pivoting (LAPACK's `dgeqp3`).
///
/// The rows are first reduced to a p x p triangle with the same column geometry (`TallSkinnyQR`). Pivoting then tells the
/// rank; which columns of a dependent set go is chosen by their order: the later ones.
public struct RankRevealingQR: Sendable {
    /// Columns that can be kept together, ascending. Their number is the rank.
    public let independentColumns: [Int]
    /// Columns that equal a combination of earlier ones, ascending.
    public let aliasedColumns: [Int]
    /// Ratio of the largest to the smallest pivot among the independent columns, each scaled to length 1: a cheap
    /// estimate of the condition number of the scaled matrix. 1 when there is no column.
    public let conditionEstimate: Double

    /// - Parameters:
    ///   - design: n x p. Columns are scaled to length 1 first, so that units do not matter.
    ///   - besideIntercept: whether a column of ones stands in front, which is not counted and never the one that goes.
    ///   - rowFactors: n numbers that rows are multiplied by; `nil` for all 1.
    ///   - tolerance: a column whose part outside the span of the earlier ones is shorter than this share of it is
    ///     aliased.
    public init(
        _ design: any ColumnarDesign,
        besideIntercept: Bool = false,
        rowFactors: [Double]? = nil,
        tolerance: Double = 1e-9,
        threads: Int
    ) throws(NumericsError) {
        LinearAlgebraLibrary.prepare()
        var triangle = try TallSkinnyQR.triangle(
            of: design,
            besideIntercept: besideIntercept,
            rowFactors: rowFactors,
            threads: threads
        )
        Self.scaleColumns(&triangle)
        let pivots = try Self.pivots(of: triangle)
        let largest = pivots.first ?? 0
        let rank = pivots.prefix { $0 > tolerance * max(largest, .leastNormalMagnitude) }.count
        let size = triangle.columnCount
        var kept = Array(0..<size)
        if rank < size { kept = Self.selectInOrder(triangle, tolerance: tolerance) }
        let first = besideIntercept ? 1 : 0
        independentColumns = kept.filter { $0 >= first }.map { $0 - first }
        aliasedColumns = Array(Set(0..<design.columnCount).subtracting(independentColumns)).sorted()
        conditionEstimate = rank == 0 ? 1 : largest / pivots[rank - 1]
    }

    public var rank: Int { independentColumns.count }

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
    private static func selectInOrder(_ triangle: Matrix, tolerance: Double) -> [Int] {
        let size = triangle.columnCount
        var basis: [Double] = []
        var kept: [Int] = []
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
            }
        }
        return kept
    }
}

import COpenBLAS

/// The Cholesky factor U of a symmetric positive definite matrix A = UᵀU (LAPACK's `dpotrf`).
public struct CholeskyFactor: Sendable {
    private let factor: Matrix
    private let norm: Double

    /// - Parameter matrix: square and symmetric; only its upper triangle is read.
    /// - Throws: `notPositiveDefinite` with the first column that fails, or `shapeMismatch` when it is not square.
    public init(_ matrix: Matrix) throws(NumericsError) {
        guard matrix.rowCount == matrix.columnCount else {
            throw .shapeMismatch(what: "columns of a square matrix", expected: matrix.rowCount, got: matrix.columnCount)
        }
        LinearAlgebraLibrary.prepare()
        let size = Int32(matrix.rowCount)
        var factor = matrix
        var norm = 0.0
        let info = factor.withMutableElements { elements -> Int32 in
            guard size > 0 else { return 0 }
            norm = LAPACKE_dlansy(LAPACK_COL_MAJOR, oneNorm, upper, size, elements.baseAddress, size)
            return LAPACKE_dpotrf(LAPACK_COL_MAJOR, upper, size, elements.baseAddress, size)
        }
        if info > 0 { throw .notPositiveDefinite(column: Int(info) - 1) }
        if info < 0 { throw .lapack(routine: "dpotrf", info: Int(info)) }
        self.factor = factor
        self.norm = norm
    }

    /// The factor of A = RᵀR, where R is known.
    /// - Parameter triangle: upper triangular; its diagonal may be negative.
    /// - Throws: `notPositiveDefinite` where a diagonal element is zero to the rounding of its own column.
    public init(triangle: Matrix) throws(NumericsError) {
        precondition(triangle.rowCount == triangle.columnCount, "a triangle is square")
        let rounding = Double(triangle.rowCount) * 0x1p-52
        for column in 0..<triangle.columnCount {
            let largest = (0...column).reduce(0) { max($0, abs(triangle[$1, column])) }
            guard abs(triangle[column, column]) > rounding * largest else { throw .notPositiveDefinite(column: column) }
        }
        factor = triangle
        let size = Int32(triangle.rowCount)
        norm =
            size == 0
            ? 0
            : triangle.productOfTriangle().withBlock {
                LAPACKE_dlansy(LAPACK_COL_MAJOR, oneNorm, upper, size, $0.base, size)
            }
    }

    public var dimension: Int { factor.rowCount }

    /// log det A.
    public var logDeterminant: Double {
        (0..<dimension).reduce(0) { $0 + 2 * PortableMath.log(abs(factor[$1, $1])) }
    }

    /// Calls `body` with U, column-major.
    func withTriangle<Result>(_ body: (UnsafePointer<Double>) -> Result) -> Result {
        factor.withBlock { body($0.base) }
    }

    /// x with A x = `rightHandSide`.
    public func solve(_ rightHandSide: [Double]) throws(NumericsError) -> [Double] {
        guard rightHandSide.count == dimension else {
            throw .shapeMismatch(what: "right-hand side", expected: dimension, got: rightHandSide.count)
        }
        guard dimension > 0 else { return [] }
        var solution = rightHandSide
        let size = Int32(dimension)
        let info = factor.withBlock { block in
            LAPACKE_dpotrs(LAPACK_COL_MAJOR, upper, size, 1, block.base, size, &solution, size)
        }
        if info != 0 { throw .lapack(routine: "dpotrs", info: Int(info)) }
        return solution
    }

    /// A⁻¹, symmetric and filled on both sides.
    public func inverse() throws(NumericsError) -> Matrix {
        var inverse = factor
        let size = Int32(dimension)
        guard size > 0 else { return inverse }
        let info = inverse.withMutableElements { elements in
            LAPACKE_dpotri(LAPACK_COL_MAJOR, upper, size, elements.baseAddress, size)
        }
        if info != 0 { throw .lapack(routine: "dpotri", info: Int(info)) }
        for column in 0..<dimension {
            for row in column + 1..<dimension { inverse[row, column] = inverse[column, row] }
        }
        return inverse
    }

    /// An estimate of A's condition number in the 1-norm (`dpocon`): infinity when it is singular to working precision.
    public func conditionEstimate() throws(NumericsError) -> Double {
        guard dimension > 0 else { return 1 }
        var reciprocal = 0.0
        let size = Int32(dimension)
        let info = factor.withBlock { block in
            LAPACKE_dpocon(LAPACK_COL_MAJOR, upper, size, block.base, size, norm, &reciprocal)
        }
        if info != 0 { throw .lapack(routine: "dpocon", info: Int(info)) }
        return 1 / reciprocal
    }
}

private let upper = CChar(UInt8(ascii: "U"))
private let oneNorm = CChar(UInt8(ascii: "1"))

/// What can go wrong in ChurnNumerics.
public enum NumericsError: Error, Equatable, Sendable {
    /// A count of rows, columns or elements is not what the operation needs.
    case shapeMismatch(what: String, expected: Int, got: Int)
    /// NaN or infinity where only finite numbers make sense. Rows and columns count from 0.
    case notFinite(row: Int, column: Int, value: Double)
    /// The leading minor that ends at `column` (from 0) is not positive definite: there is no Cholesky factor.
    case notPositiveDefinite(column: Int)
    /// LAPACK refused its arguments or failed: a defect in this library, or memory that ran out.
    case lapack(routine: String, info: Int)
}

extension NumericsError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .shapeMismatch(let what, let expected, let got):
            "\(what): expected \(expected), got \(got)"
        case .notFinite(let row, let column, let value):
            "the value in row \(row), column \(column) is \(value); every value must be finite"
        case .notPositiveDefinite(let column):
            "the matrix is not positive definite: its leading minor fails at column \(column)"
        case .lapack(let routine, let info):
            "LAPACK's \(routine) failed with info \(info)"
        }
    }
}

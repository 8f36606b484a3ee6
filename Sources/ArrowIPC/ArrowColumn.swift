/// The values of one column of one record batch, as handed to `ArrowFileWriter`.
///
/// `validity` has one element a row, true where there is a value; nil means that every row has one. What stands in
/// the values where `validity` is false is written as it is, except in `utf8` (written as empty) and `dictionary`
/// (written as 0).
///
/// The two `Memory` cases write straight from the caller's memory, with no copy in between; that memory must stay
/// valid until `write` returns. They also keep this type from being `Sendable`.
public enum ArrowColumn {
    case int32([Int32], validity: [Bool]? = nil)
    case int64([Int64], validity: [Bool]? = nil)
    case float32([Float], validity: [Bool]? = nil)
    case float64([Double], validity: [Bool]? = nil)
    case float32Memory(UnsafeBufferPointer<Float>, validity: [Bool]? = nil)
    case float64Memory(UnsafeBufferPointer<Double>, validity: [Bool]? = nil)
    case bool([Bool], validity: [Bool]? = nil)
    case utf8([String], validity: [Bool]? = nil)
    /// Text that the caller has put together: value i is the bytes `offsets[i]..<offsets[i + 1]`, which must be valid
    /// UTF-8. There is one offset more than rows, from 0 on, none below the one before.
    case utf8Buffers(offsets: [Int32], bytes: [UInt8])
    /// Days since 1970-01-01.
    case date32([Int32], validity: [Bool]? = nil)
    /// Ticks of the field's unit since 1970-01-01T00:00:00.
    case timestamp([Int64], validity: [Bool]? = nil)
    /// Positions in the dictionary that the writer was given for the column.
    case dictionary(codes: [Int32], validity: [Bool]? = nil)

    /// Number of rows.
    public var count: Int {
        switch self {
        case .int32(let values, _), .date32(let values, _), .dictionary(let values, _): values.count
        case .int64(let values, _), .timestamp(let values, _): values.count
        case .float32(let values, _): values.count
        case .float64(let values, _): values.count
        case .float32Memory(let values, _): values.count
        case .float64Memory(let values, _): values.count
        case .bool(let values, _): values.count
        case .utf8(let values, _): values.count
        case .utf8Buffers(let offsets, _): max(offsets.count - 1, 0)
        }
    }

    /// One element a row, true where there is a value; nil when the column was made without.
    public var validity: [Bool]? {
        switch self {
        case .int32(_, let validity), .int64(_, let validity), .float32(_, let validity), .float64(_, let validity),
            .float32Memory(_, let validity), .float64Memory(_, let validity), .bool(_, let validity),
            .utf8(_, let validity), .date32(_, let validity), .timestamp(_, let validity), .dictionary(_, let validity):
            validity
        case .utf8Buffers: nil
        }
    }

    /// The columns of a column-major matrix, to be written from where it stands.
    ///
    /// - Parameters:
    ///   - matrix: element (i, j) is at `j * leadingDimension + i`; valid until `write` returns.
    ///   - rows: must not be negative or above `leadingDimension`.
    ///   - columns: must not be negative.
    ///   - leadingDimension: elements from one column's first value to the next one's.
    public static func float64Columns(
        of matrix: UnsafePointer<Double>,
        rows: Int,
        columns: Int,
        leadingDimension: Int
    ) -> [ArrowColumn] {
        precondition(0 <= rows && rows <= leadingDimension && 0 <= columns, "the matrix has no such shape")
        return (0..<columns).map { column in
            .float64Memory(UnsafeBufferPointer(start: matrix + column * leadingDimension, count: rows))
        }
    }
}

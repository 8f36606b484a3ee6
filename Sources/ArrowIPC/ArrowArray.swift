/// One column of one record batch.
///
/// Its functions check the values as they read them: they throw `nullCountMismatch` when the validity bitmap
/// contradicts the null count, and `typeMismatch` when the column is of another type than they read.
public struct ArrowArray: Sendable {
    public let field: ArrowField
    let place: ArrowPlace
    let data: ArrayData
    let dictionaryID: Int64?
    let dictionaries: DictionaryStore

    /// Number of rows.
    public var count: Int { data.length }

    /// Number of rows without a value, as the file says.
    public var nullCount: Int { data.nullCount }

    /// One element a row, true where there is a value; nil when every row has one.
    public func validity() throws(ArrowError) -> [Bool]? {
        try data.checkedValidity(place)
    }

    func mismatch(expected: String) -> ArrowError {
        .typeMismatch(column: field.name, got: "\(field.type)", expected: expected)
    }
}

/// Some of a file's rows: one array a column, all of the same length.
public struct ArrowRecordBatch: Sendable {
    /// Number of the batch in its file, from 0.
    public let index: Int
    public let rowCount: Int
    public let schema: ArrowSchema
    let arrays: [ArrayData]
    private let dictionaryIDs: [Int64?]
    private let dictionaries: DictionaryStore

    init(
        index: Int,
        rowCount: Int,
        schema: ArrowSchema,
        arrays: [ArrayData],
        dictionaryIDs: [Int64?],
        dictionaries: DictionaryStore
    ) {
        self.index = index
        self.rowCount = rowCount
        self.schema = schema
        self.arrays = arrays
        self.dictionaryIDs = dictionaryIDs
        self.dictionaries = dictionaries
    }

    /// - Parameter column: position in the schema, from 0.
    /// - Throws: `noSuchColumn`.
    public func array(_ column: Int) throws(ArrowError) -> ArrowArray {
        guard arrays.indices.contains(column) else { throw .noSuchColumn(got: column, count: arrays.count) }
        return ArrowArray(
            field: schema.fields[column],
            place: ArrowPlace(column: schema.fields[column].name, batch: index),
            data: arrays[column],
            dictionaryID: dictionaryIDs[column],
            dictionaries: dictionaries
        )
    }
}

/// An Arrow IPC file ("Feather version 2") or stream, opened for reading.
///
/// Opening checks the whole structure: magic, footer, metadata, and that every buffer lies in the file and is long
/// enough for its rows. Values (text, offsets, dictionary indices, validity bitmaps) are checked when a column is read.
/// No content of a file can crash the process or make it use memory out of proportion to the file's size.
///
/// A mapped file must not be changed or cut short while it is open: the operating system would end the process. Files
/// that are replaced by renaming a new one over them are safe.
public final class ArrowFile: Sendable {
    public let schema: ArrowSchema
    /// Rows of all record batches together.
    public let rowCount: Int
    private let batches: [[ArrayData]]
    private let batchRowCounts: [Int]
    private let dictionaryIDs: [Int64?]
    private let dictionaries: DictionaryStore
    private let storage: ByteStorage

    /// Maps a file into memory; it stays mapped while this object, or a column or matrix block taken from it, lives.
    ///
    /// - Throws: `cannotRead`; or an error of format or structure.
    public convenience init(path: String) throws(ArrowError) {
        try self.init(storage: try FileMapping.map(path: path))
    }

    /// Reads a file from a copy of `bytes`.
    public convenience init(bytes: [UInt8]) throws(ArrowError) {
        try self.init(storage: bytes.withUnsafeBytes { ByteStorage(copying: $0) })
    }

    init(storage: ByteStorage) throws(ArrowError) {
        let messages = try ArrowMessages(ByteRegion(storage))
        let schema = messages.schema.schema
        var batches: [[ArrayData]] = []
        var rowCounts: [Int] = []
        var total = 0
        for (number, message) in messages.recordBatches.enumerated() {
            let batch = try RecordBatchDecoder(
                message.header,
                body: message.body,
                columns: schema.fields.map {
                    .init(place: ArrowPlace(column: $0.name, batch: number), layout: $0.type.layout)
                },
                part: "record batch \(number)"
            )
            batches.append(batch.arrays)
            rowCounts.append(batch.length)
            let (sum, overflow) = total.addingReportingOverflow(batch.length)
            guard !overflow else {
                let length = Int64(batch.length)
                throw .invalidLength(part: "record batch \(number)", got: length, expected: 0...Int64(Int.max - total))
            }
            total = sum
        }
        self.storage = storage
        self.schema = schema
        self.rowCount = total
        self.batches = batches
        self.batchRowCounts = rowCounts
        self.dictionaryIDs = messages.schema.dictionaryIDs
        self.dictionaries = try DictionaryStore(
            schema: schema,
            dictionaryIDs: messages.schema.dictionaryIDs,
            messages: messages.dictionaryBatches
        )
    }

    public var batchCount: Int { batches.count }

    /// Of the whole file.
    public var byteCount: Int { storage.count }

    /// Gives the memory in which the file is mapped back to the system, which maps it again as it is read: columns and blocks taken from
    /// it stay as they are. Nothing happens to a file read from bytes.
    public func releasePages() { storage.releasePages() }

    /// - Parameter index: from 0.
    /// - Throws: `noSuchBatch`.
    public func batch(_ index: Int) throws(ArrowError) -> ArrowRecordBatch {
        guard batches.indices.contains(index) else { throw .noSuchBatch(got: index, count: batches.count) }
        return ArrowRecordBatch(
            index: index,
            rowCount: batchRowCounts[index],
            schema: schema,
            arrays: batches[index],
            dictionaryIDs: dictionaryIDs,
            dictionaries: dictionaries
        )
    }
}

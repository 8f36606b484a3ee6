/// Writes an Arrow IPC file ("Feather version 2"): the schema first, record batches in order, the footer last.
///
///     var writer = try ArrowFileWriter(schema: schema) { try file.write(contentsOf: Data($0)) }
///     try writer.write([.float64(recency), .float64(spend)], rowCount: recency.count)
///     try writer.finish()
///
/// The bytes go to a sink in order, as they are made; opening, syncing and renaming a file are its owner's business.
/// Until `finish` has returned the output is no Arrow file.
///
/// **Layout guarantee.** Every buffer starts at a multiple of 64 bytes from the start of the file and is padded to a
/// multiple of 64. A column without nulls has no validity bitmap. So the float64 columns of a record batch that stand
/// next to each other and have no nulls are one column-major matrix: column j starts j · s bytes after the first,
/// where s is 8 · rows rounded up to a multiple of 64, and its leading dimension is s / 8. The same holds for float32
/// columns with 4 · rows and s / 4. `ArrowRecordBatch.float64Block(columns:)` reads them so.
///
/// The same schema, dictionaries and columns give the same bytes.
public struct ArrowFileWriter: ~Copyable {
    /// Takes the next bytes of the file. The memory is valid during the call only.
    public typealias Sink = (UnsafeRawBufferPointer) throws -> Void

    public let schema: ArrowSchema
    private let dictionaryCounts: [Int: Int]
    private let sink: Sink
    private var position = 0
    private var failure: String?
    private var dictionaryBlocks: [MessageBlock] = []
    private var recordBatchBlocks: [MessageBlock] = []

    /// Writes the schema and the dictionaries.
    ///
    /// - Parameters:
    ///   - schema: every field's type must be writable (`ArrowType.isWritable`).
    ///   - dictionaries: the values of each dictionary-encoded column, by the column's number from 0.
    ///   - sink: called in order, from within this and later calls only.
    /// - Throws: `notWritable`, `missingDictionary`, `unusedDictionary`, `textTooLong`, `metadataTooLarge` or
    ///   `sinkFailed`. A wrong argument is found before anything is written.
    public init(
        schema: ArrowSchema,
        dictionaries: [Int: [String]] = [:],
        sink: @escaping Sink
    ) throws(ArrowError) {
        self.schema = schema
        self.sink = sink
        self.dictionaryCounts = dictionaries.mapValues(\.count)
        let encodedDictionaries = try Self.encode(dictionaries, for: schema)
        let encodedSchema = try Self.message(.schema, header: schema.encoded, bodyLength: 0)

        try emit(.bytes(ArrowFormat.magic))
        try pad(to: ArrowFormat.headerByteCount)
        _ = try emitMessage(encodedSchema, body: nil)
        for (identifier, batch) in encodedDictionaries {
            let header = FlatNode.table([.long(identifier), .node(batch.header), .flag(false)])
            let metadata = try Self.message(.dictionaryBatch, header: header, bodyLength: batch.bodyLength)
            dictionaryBlocks.append(try emitMessage(metadata, body: batch))
        }
    }

    /// Writes one record batch.
    ///
    /// - Parameters:
    ///   - columns: one a field of the schema, in its order and of its type, each of `rowCount` rows.
    ///   - rowCount: must not be negative; 0 is an empty batch.
    /// - Throws: `countMismatch`, `typeMismatch`, `unexpectedNull` (in a field that is not nullable), `indexOutOfRange`
    ///   (a dictionary code) or `textTooLong`, all before anything is written; or `sinkFailed`, after which every
    ///   further call fails the same way.
    public mutating func write(_ columns: [ArrowColumn], rowCount: Int) throws(ArrowError) {
        precondition(rowCount >= 0, "a record batch has no negative number of rows")
        guard columns.count == schema.fields.count else {
            throw .countMismatch(part: "columns of a record batch", got: columns.count, expected: schema.fields.count)
        }
        var arrays: [EncodedArray] = []
        arrays.reserveCapacity(columns.count)
        for (index, column) in columns.enumerated() {
            let field = schema.fields[index]
            arrays.append(
                try column.encoded(
                    as: field,
                    rowCount: rowCount,
                    dictionaryCount: dictionaryCounts[index] ?? 0,
                    place: ArrowPlace(column: field.name, batch: recordBatchBlocks.count)
                )
            )
        }
        let batch = EncodedBatch(length: rowCount, arrays: arrays)
        let metadata = try Self.message(.recordBatch, header: batch.header, bodyLength: batch.bodyLength)
        recordBatchBlocks.append(try emitMessage(metadata, body: batch))
    }

    /// Writes the end-of-stream marker and the footer. The file is then complete.
    ///
    /// - Parameter order: the numbers of the record batches, each once, in the order in which the footer lists them;
    ///   `nil` for the order in which they were written. Readers of the file format go by the footer, so that batches
    ///   can be written as they are computed and read in another order; readers of a stream see the written one.
    /// - Throws: `metadataTooLarge` or `sinkFailed`.
    public consuming func finish(listing order: [Int]? = nil) throws(ArrowError) {
        let listed: [MessageBlock]
        if let order {
            precondition(order.sorted() == Array(recordBatchBlocks.indices), "the order must name each batch once")
            listed = order.map { recordBatchBlocks[$0] }
        } else {
            listed = recordBatchBlocks
        }
        let footer = FlatBufferBuilder.serialize(
            .table([
                .short(ArrowFormat.writtenVersion),
                .node(schema.encoded),
                .node(Self.encode(dictionaryBlocks)),
                .node(Self.encode(listed)),
            ])
        )
        try emit(.bytes(ArrowFormat.endOfStream))
        try emit(.bytes(footer))
        try emit(.int32([try Self.checkedLength(footer.count).littleEndian]))
        try emit(.bytes(ArrowFormat.magic))
    }

    // MARK: Messages

    /// A `Message` table.
    private static func message(
        _ kind: ArrowFormat.Message,
        header: FlatNode,
        bodyLength: Int
    ) throws(ArrowError) -> [UInt8] {
        let bytes = FlatBufferBuilder.serialize(
            .table([
                .short(ArrowFormat.writtenVersion), .byte(kind.rawValue), .node(header), .long(Int64(bodyLength)),
            ])
        )
        _ = try checkedLength(bytes.count)
        return bytes
    }

    /// Room for prefix and padding stays below the 32 bits of a message's length.
    private static func checkedLength(_ byteCount: Int) throws(ArrowError) -> Int32 {
        let limit = Int(Int32.max) - 2 * EncodedBatch.alignment
        guard byteCount <= limit else { throw .metadataTooLarge(byteCount: byteCount, limit: limit) }
        return Int32(truncatingIfNeeded: byteCount)
    }

    /// Writes prefix, metadata and padding so that the body starts at a multiple of 64, then the body.
    private mutating func emitMessage(_ metadata: [UInt8], body: EncodedBatch?) throws(ArrowError) -> MessageBlock {
        let start = position
        let prefixByteCount = 8
        let bodyStart = EncodedBatch.padded(start + prefixByteCount + metadata.count)
        let length = Int32(truncatingIfNeeded: bodyStart - start - prefixByteCount)
        try emit(.int32([Int32(bitPattern: ArrowFormat.continuation), length.littleEndian]))
        try emit(.bytes(metadata))
        try pad(to: bodyStart)
        for buffer in body?.buffers ?? [] {
            try emit(buffer)
            try pad(to: EncodedBatch.padded(position))
        }
        return MessageBlock(
            offset: start,
            metadataLength: bodyStart - start,
            bodyLength: position - bodyStart
        )
    }

    private static func encode(_ blocks: [MessageBlock]) -> FlatNode {
        .structs(
            blocks.flatMap { [Int64($0.offset), Int64($0.metadataLength), Int64($0.bodyLength)] },
            wordsEach: 3
        )
    }

    private static func encode(
        _ dictionaries: [Int: [String]],
        for schema: ArrowSchema
    ) throws(ArrowError) -> [(identifier: Int64, batch: EncodedBatch)] {
        var encoded: [(identifier: Int64, batch: EncodedBatch)] = []
        var unused = Set(dictionaries.keys)
        for (index, field) in schema.fields.enumerated() {
            guard field.type.isWritable else {
                throw .notWritable(column: field.name, type: "\(field.type)")
            }
            guard case .dictionary = field.type else { continue }
            guard let values = dictionaries[index] else { throw .missingDictionary(column: field.name) }
            unused.remove(index)
            let text = try textBuffers(of: values, validity: nil, place: ArrowPlace(column: field.name))
            let array = EncodedArray(length: values.count, nullCount: 0, buffers: [.bytes([])] + text)
            encoded.append((Int64(index), EncodedBatch(length: values.count, arrays: [array])))
        }
        if let index = unused.min() { throw .unusedDictionary(columnIndex: index) }
        return encoded
    }

    // MARK: Bytes

    private mutating func pad(to target: Int) throws(ArrowError) {
        if target > position { try emit(.bytes([UInt8](repeating: 0, count: target - position))) }
    }

    private mutating func emit(_ buffer: BodyBuffer) throws(ArrowError) {
        if let failure { throw .sinkFailed(reason: failure) }
        guard buffer.byteCount > 0 else { return }
        do {
            try buffer.withUnsafeBytes(sink)
        } catch {
            let reason = String(describing: error)
            failure = reason
            throw .sinkFailed(reason: reason)
        }
        position += buffer.byteCount
    }
}

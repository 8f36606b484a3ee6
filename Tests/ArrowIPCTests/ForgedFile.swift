@testable import ArrowIPC

/// Lays out files that the writer would refuse to write: other types, other versions, broken promises.
struct ForgedFile {
    /// A record batch whose numbers need not agree.
    struct Batch {
        var length: Int
        /// Length and null count of each array.
        var nodes: [(Int, Int)]
        /// In order, each padded to 8 bytes.
        var buffers: [[UInt8]]
        var variadicCounts: [Int64] = []
        /// Codec of the compression, 0 for lz4.
        var codec: UInt8?
        /// Added to every buffer's offset, to spoil its alignment or its bounds.
        var shift = 0

        var body: [UInt8] {
            [UInt8](repeating: 0xEE, count: max(0, min(shift, 64)))
                + buffers.flatMap { $0 + [UInt8](repeating: 0, count: (8 - $0.count % 8) % 8) } + [0, 0, 0, 0]
        }

        var header: FlatNode {
            var offset = shift
            var locations: [Int64] = []
            for buffer in buffers {
                locations += [Int64(offset), Int64(buffer.count)]
                offset += (buffer.count + 7) / 8 * 8
            }
            return .table([
                .long(Int64(length)),
                .node(.structs(nodes.flatMap { [Int64($0.0), Int64($0.1)] }, wordsEach: 2)),
                .node(.structs(locations, wordsEach: 2)),
                codec.map { .node(.table([.byte($0), .byte(0)])) } ?? .absent,
                variadicCounts.isEmpty ? .absent : .node(.structs(variadicCounts, wordsEach: 1)),
            ])
        }
    }

    var schema: FlatNode
    var dictionaries: [(id: Int64, isDelta: Bool, batch: Batch)] = []
    var batches: [Batch] = []
    var version: Int16 = 4
    /// Without the continuation marker that Arrow 0.15 introduced.
    var isLegacy = false

    init(_ fields: [ArrowField]) {
        schema = ArrowSchema(fields: fields).encoded
    }

    init(schema: FlatNode) {
        self.schema = schema
    }

    /// A file, with magic and footer.
    var file: [UInt8] {
        var bytes = ArrowFormat.magic + [0, 0]
        bytes += message(.schema, schema, body: []).bytes
        var blocks: (dictionaries: [Int64], batches: [Int64]) = ([], [])
        for dictionary in dictionaries {
            let (message, block) = message(.dictionaryBatch, header(dictionary), body: dictionary.batch.body)
            blocks.dictionaries += [Int64(bytes.count)] + block
            bytes += message
        }
        for batch in batches {
            let (message, block) = message(.recordBatch, batch.header, body: batch.body)
            blocks.batches += [Int64(bytes.count)] + block
            bytes += message
        }
        let footer = FlatBufferBuilder.serialize(
            .table([
                .short(version), .node(schema), .node(.structs(blocks.dictionaries, wordsEach: 3)),
                .node(.structs(blocks.batches, wordsEach: 3)),
            ])
        )
        return bytes + ArrowFormat.endOfStream + footer + littleEndian(Int32(footer.count)) + ArrowFormat.magic
    }

    /// The same messages as a stream.
    var stream: [UInt8] {
        message(.schema, schema, body: []).bytes
            + dictionaries.flatMap { message(.dictionaryBatch, header($0), body: $0.batch.body).bytes }
            + batches.flatMap { message(.recordBatch, $0.header, body: $0.body).bytes } + ArrowFormat.endOfStream
    }

    private func header(_ dictionary: (id: Int64, isDelta: Bool, batch: Batch)) -> FlatNode {
        .table([.long(dictionary.id), .node(dictionary.batch.header), .flag(dictionary.isDelta)])
    }

    /// The message, and the lengths of its metadata and body.
    private func message(
        _ kind: ArrowFormat.Message,
        _ header: FlatNode,
        body: [UInt8]
    ) -> (bytes: [UInt8], block: [Int64]) {
        var body = body
        while body.count % 8 != 0 { body.append(0) }
        var metadata = FlatBufferBuilder.serialize(
            .table([.short(version), .byte(kind.rawValue), .node(header), .long(Int64(body.count))])
        )
        let prefix = isLegacy ? [] : littleEndian(ArrowFormat.continuation)
        while (prefix.count + 4 + metadata.count) % 8 != 0 { metadata.append(0) }
        let bytes = prefix + littleEndian(Int32(metadata.count)) + metadata
        return (bytes + body, [Int64(bytes.count), Int64(body.count)])
    }
}

/// The bytes of integers or floats, in order.
func littleEndian<Value: BitwiseCopyable>(_ values: Value...) -> [UInt8] {
    values.withUnsafeBytes { Array($0) }
}

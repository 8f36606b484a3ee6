/// The messages of a file or stream, in order, before any of them is decoded.
struct ArrowMessages: Sendable {
    let schema: SchemaDecoder
    let dictionaryBatches: [ArrowMessage]
    let recordBatches: [ArrowMessage]

    /// Tells the format by its first bytes.
    init(_ bytes: ByteRegion) throws(ArrowError) {
        guard bytes.count >= ArrowFormat.headerByteCount else {
            throw .fileTooShort(byteCount: bytes.count, expectedAtLeast: ArrowFormat.minimumByteCount)
        }
        if try bytes.load(UInt32.self, at: 0, part: "stream") == ArrowFormat.continuation {
            try self.init(stream: bytes)
        } else {
            try self.init(file: bytes)
        }
    }

    // MARK: File

    private init(file bytes: ByteRegion) throws(ArrowError) {
        if bytes.starts(with: ArrowFormat.featherVersion1Magic) { throw .featherVersion1 }
        try Self.checkMagic(bytes, at: 0)
        guard bytes.count >= ArrowFormat.minimumByteCount else {
            throw .fileTooShort(byteCount: bytes.count, expectedAtLeast: ArrowFormat.minimumByteCount)
        }
        try Self.checkMagic(bytes, at: bytes.count - ArrowFormat.magic.count)

        let footerEnd = bytes.count - ArrowFormat.trailerByteCount
        let length = Int64(try bytes.load(Int32.self, at: footerEnd, part: "footer"))
        let limit = Int64(footerEnd - ArrowFormat.headerByteCount)
        guard 0 < length, length <= limit else {
            throw .invalidLength(part: "footer", got: length, expected: 1...limit)
        }
        let footerStart = footerEnd - Int(length)
        let footer = try bytes.subregion(at: footerStart, length: Int(length), part: "footer")
        let table = try FlatTable(rootOf: footer, part: "footer")
        let version = try table.scalar(0, default: Int16(0))
        guard ArrowFormat.supportedVersions.contains(version) else { throw .unsupportedVersion(got: Int(version)) }
        guard let schemaTable = try table.table(1) else {
            throw .malformedMetadata(part: "footer", problem: "it has no schema")
        }
        schema = try SchemaDecoder(schemaTable, metadataByteCount: footer.count)

        let dictionaryBlocks = try Self.blocks(try table.vector(2, stride: 24))
        let recordBatchBlocks = try Self.blocks(try table.vector(3, stride: 24))
        let messages = try bytes.subregion(at: 0, length: footerStart, part: "messages")
        try Self.checkDisjoint(dictionaryBlocks + recordBatchBlocks)
        dictionaryBatches = try Self.read(dictionaryBlocks, .dictionaryBatch, from: messages)
        recordBatches = try Self.read(recordBatchBlocks, .recordBatch, from: messages)
    }

    private static func checkMagic(_ bytes: ByteRegion, at offset: Int) throws(ArrowError) {
        let got = try bytes.subregion(at: offset, length: ArrowFormat.magic.count, part: "magic")
        guard got.starts(with: ArrowFormat.magic) else {
            throw .badMagic(offset: offset, got: got.withUnsafeBytes { Array($0) })
        }
    }

    private static func blocks(_ vector: FlatVector) throws(ArrowError) -> [MessageBlock] {
        var blocks: [MessageBlock] = []
        blocks.reserveCapacity(vector.count)
        for index in 0..<vector.count {
            let offset: Int64 = try vector.scalar(index)
            let metadataLength: Int32 = try vector.scalar(index, at: 8)
            let bodyLength: Int64 = try vector.scalar(index, at: 16)
            blocks.append(
                MessageBlock(
                    offset: Int(offset),
                    metadataLength: Int(metadataLength),
                    bodyLength: Int(bodyLength)
                )
            )
        }
        return blocks
    }

    /// Overlapping blocks could make a small file stand for any number of batches.
    private static func checkDisjoint(_ blocks: [MessageBlock]) throws(ArrowError) {
        var previousEnd = ArrowFormat.headerByteCount
        for block in blocks.sorted(by: { $0.offset < $1.offset }) {
            guard block.offset >= previousEnd else {
                throw .overlappingBlocks(offset: block.offset, previousEnd: previousEnd)
            }
            guard block.metadataLength >= 0, block.bodyLength >= 0 else {
                throw .malformedMetadata(part: "footer", problem: "the block at \(block.offset) has a negative length")
            }
            let (length, overflow) = block.metadataLength.addingReportingOverflow(block.bodyLength)
            let (end, overflowToo) = block.offset.addingReportingOverflow(length)
            guard !overflow, !overflowToo else {
                throw .malformedMetadata(part: "footer", problem: "the block at \(block.offset) ends beyond any file")
            }
            previousEnd = end
        }
    }

    private static func read(
        _ blocks: [MessageBlock],
        _ kind: ArrowFormat.Message,
        from bytes: ByteRegion
    ) throws(ArrowError) -> [ArrowMessage] {
        var messages: [ArrowMessage] = []
        messages.reserveCapacity(blocks.count)
        for (index, block) in blocks.enumerated() {
            let part = "\(kind) \(index)"
            // The sum cannot overflow: the blocks are known to be disjoint.
            let length = block.metadataLength + block.bodyLength
            let message = try ArrowMessage(
                startOf: try bytes.subregion(at: block.offset, length: length, part: part),
                part: part
            )
            try message.expect(kind)
            guard message.byteCount == length, message.body.count == block.bodyLength else {
                throw .countMismatch(part: "bytes of the \(part)", got: message.byteCount, expected: length)
            }
            messages.append(message)
        }
        return messages
    }

    // MARK: Stream

    private init(stream bytes: ByteRegion) throws(ArrowError) {
        let first = try ArrowMessage(startOf: bytes, part: "stream")
        try first.expect(.schema)
        schema = try SchemaDecoder(first.header, metadataByteCount: first.metadataByteCount)
        var dictionaryBatches: [ArrowMessage] = []
        var recordBatches: [ArrowMessage] = []
        var position = first.byteCount
        while true {
            let rest = try bytes.subregion(at: position, length: bytes.count - position, part: "stream")
            guard rest.count >= ArrowFormat.endOfStream.count else { throw .truncatedStream(offset: bytes.count) }
            if rest.starts(with: ArrowFormat.endOfStream) { break }
            let message = try ArrowMessage(startOf: rest, part: "stream")
            switch message.kind {
            case .dictionaryBatch: dictionaryBatches.append(message)
            case .recordBatch: recordBatches.append(message)
            case .schema: try message.expect(.recordBatch)
            }
            position += message.byteCount
        }
        self.dictionaryBatches = dictionaryBatches
        self.recordBatches = recordBatches
    }
}

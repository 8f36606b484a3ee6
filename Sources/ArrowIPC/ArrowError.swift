/// What can be wrong with an Arrow file, or with what is asked of one. Cases carry what was got and what was expected.
public enum ArrowError: Error, Equatable, Sendable {
    // Opening

    /// The operating system refused to open or map the file.
    case cannotRead(path: String, reason: String)
    case fileTooShort(byteCount: Int, expectedAtLeast: Int)
    /// The bytes at `offset` are not `ARROW1`.
    case badMagic(offset: Int, got: [UInt8])
    /// A file of the older Feather format, which is not Arrow IPC.
    case featherVersion1
    /// A stream that ends before its end-of-stream marker.
    case truncatedStream(offset: Int)
    case bigEndian
    /// A metadata version other than V4 or V5; `got` counts from 0 for V1.
    case unsupportedVersion(got: Int)

    // Structure

    /// The flatbuffers metadata contradicts itself.
    case malformedMetadata(part: String, problem: String)
    /// `length` bytes at `offset` do not lie within the `available` ones.
    case outOfBounds(part: String, offset: Int64, length: Int64, available: Int)
    case invalidLength(part: String, got: Int64, expected: ClosedRange<Int64>)
    case unexpectedMessage(got: String, expected: String)
    /// A block of the footer starts before the one in front of it ends.
    case overlappingBlocks(offset: Int, previousEnd: Int)
    case countMismatch(part: String, got: Int, expected: Int)
    case bufferTooShort(place: ArrowPlace, buffer: String, byteCount: Int, expectedAtLeast: Int)
    /// The file's buffers are compressed; this module reads uncompressed ones.
    case compressedBody(codec: String)
    /// A type that this module does not read.
    case unsupportedType(column: String, type: String)
    case repeatedDictionary(id: Int64)
    case unknownDictionary(id: Int64)

    // Values

    case invalidOffset(place: ArrowPlace, got: Int64, expected: ClosedRange<Int64>)
    case invalidUTF8(place: ArrowPlace)
    /// Text that refers to the same bytes so often that it would outgrow any sensible memory, or that exceeds what
    /// 32-bit offsets can address.
    case textTooLong(place: ArrowPlace, limit: Int)
    /// A dictionary index that is negative or not below `count`.
    case indexOutOfRange(place: ArrowPlace, got: String, count: Int)
    case nullCountMismatch(place: ArrowPlace, got: Int, expected: Int)

    // What was asked

    case noSuchBatch(got: Int, count: Int)
    case noSuchColumn(got: Int, count: Int)
    case typeMismatch(column: String, got: String, expected: String)
    case unexpectedNull(place: ArrowPlace)
    case notRepresentable(place: ArrowPlace, value: String, target: String)

    // Writing

    /// A type that this module reads but does not write.
    case notWritable(column: String, type: String)
    case missingDictionary(column: String)
    /// A dictionary was given for a column, by number, that is not dictionary-encoded.
    case unusedDictionary(columnIndex: Int)
    case metadataTooLarge(byteCount: Int, limit: Int)
    /// The sink threw, now or in an earlier call; the output is incomplete.
    case sinkFailed(reason: String)
}

extension ArrowError: CustomStringConvertible {
    /// One sentence for a person, with a remedy where there is one.
    public var description: String {
        switch self {
        case .cannotRead(let path, let reason):
            "cannot read \(path): \(reason)"
        case .fileTooShort(let byteCount, let expected):
            "\(byteCount) bytes are too few for an Arrow file, which has at least \(expected)"
        case .badMagic(let offset, let got):
            "not an Arrow file: expected ARROW1 at byte \(offset), got \(got)"
        case .featherVersion1:
            "a Feather version 1 file, expected Arrow IPC;"
                + " rewrite it, with pyarrow: feather.write_feather(table, path, version=2)"
        case .truncatedStream(let offset):
            "the Arrow stream ends at byte \(offset) without its end-of-stream marker; it is cut off"
        case .bigEndian:
            "the file's numbers are big-endian; only little-endian files are read"
        case .unsupportedVersion(let got):
            "Arrow metadata version V\(got + 1) is not supported, expected V4 or V5"
        case .malformedMetadata(let part, let problem):
            "damaged metadata in the \(part): \(problem)"
        case .outOfBounds(let part, let offset, let length, let available):
            "damaged \(part): \(length) bytes at offset \(offset) do not lie within the \(available) there are"
        case .invalidLength(let part, let got, let expected):
            "damaged \(part): length \(got) is not within \(expected.lowerBound)...\(expected.upperBound)"
        case .unexpectedMessage(let got, let expected):
            "expected a message of kind \(expected), got \(got)"
        case .overlappingBlocks(let offset, let previousEnd):
            "damaged footer: a block starts at \(offset), before the previous one ends at \(previousEnd)"
        case .countMismatch(let part, let got, let expected):
            "\(part): got \(got), expected \(expected)"
        case .bufferTooShort(let place, let buffer, let byteCount, let expected):
            "\(place): the \(buffer) buffer has \(byteCount) bytes, expected at least \(expected)"
        case .compressedBody(let codec):
            "the file is compressed with \(codec), which is not supported; write it with compression=\"uncompressed\""
                + " (pyarrow: feather.write_feather, polars: DataFrame.write_ipc)"
        case .unsupportedType(let column, let type):
            "column \"\(column)\" has the type \(type), which is not supported"
        case .repeatedDictionary(let id):
            "dictionary \(id) is replaced within the file, which is not supported"
        case .unknownDictionary(let id):
            "the dictionary \(id) is used by one part of the file and missing from another"
        case .invalidOffset(let place, let got, let expected):
            "\(place): offset \(got) is not within \(expected.lowerBound)...\(expected.upperBound)"
        case .invalidUTF8(let place):
            "\(place): the text is not valid UTF-8"
        case .textTooLong(let place, let limit):
            "\(place): the column's text exceeds \(limit) bytes"
        case .indexOutOfRange(let place, let got, let count):
            "\(place): dictionary index \(got) is not below \(count)"
        case .nullCountMismatch(let place, let got, let expected):
            "\(place): the validity bitmap has \(got) nulls, expected \(expected)"
        case .noSuchBatch(let got, let count):
            "there is no record batch \(got); the file has \(count)"
        case .noSuchColumn(let got, let count):
            "there is no column \(got); the file has \(count)"
        case .typeMismatch(let column, let got, let expected):
            "column \"\(column)\" is \(got), expected \(expected)"
        case .unexpectedNull(let place):
            "\(place): a null where none is allowed"
        case .notRepresentable(let place, let value, let target):
            "\(place): \(value) is not exactly representable as \(target)"
        case .notWritable(let column, let type):
            "column \"\(column)\": \(type) cannot be written"
        case .missingDictionary(let column):
            "column \"\(column)\" is dictionary-encoded but no dictionary was given"
        case .unusedDictionary(let columnIndex):
            "a dictionary was given for column \(columnIndex), which is not dictionary-encoded"
        case .metadataTooLarge(let byteCount, let limit):
            "the metadata would have \(byteCount) bytes, more than the \(limit) that the format allows"
        case .sinkFailed(let reason):
            "writing failed: \(reason)"
        }
    }
}

/// Some rows of a delimited file, cut into fields that still lie in the reader's buffer.
///
/// Valid only until the reader is asked for the next batch.
struct RecordBatch {
    /// Where a field lies in the buffer, and whether its quotes need undoing.
    struct Field {
        var start: Int32
        var length: Int32
        /// The field was quoted and holds doubled quotes.
        var hasEscapes: Bool
    }

    struct Record {
        /// Line on which the row begins, from 1.
        var line: Int
        var firstField: Int
        var fieldCount: Int
        /// The whole row in the buffer, without its line end.
        var start: Int32
        var length: Int32
        /// Something follows a closing quote, on this field (from 0); the row cannot be trusted.
        var strayQuoteField: Int?
        /// Line ends of rows before this one, so that it can be read again.
        var lineEndsBefore: Normalisations.LineEnds
    }

    var bytes: UnsafeBufferPointer<UInt8>
    var fields: [Field] = []
    var records: [Record] = []

    /// Calls `body` with the content of a field: doubled quotes are undone.
    @inline(__always)
    func withContent<Result>(_ field: Field, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        field.withContent(in: bytes, body)
    }

    /// The content of a field as text, for messages.
    func text(_ field: Field) -> String { field.text(in: bytes) }

    /// The bytes of a whole row, without its line end.
    func row(_ record: Record) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[Int(record.start)..<Int(record.start) + Int(record.length)])
    }
}

extension RecordBatch.Field {
    /// The bytes of the field as they stand in the file, without the quotes around it.
    @inline(__always)
    func raw(in bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[Int(start)..<Int(start) + Int(length)])
    }

    /// Calls `body` with the content of the field: doubled quotes are undone.
    @inline(__always)
    func withContent<Result>(
        in bytes: UnsafeBufferPointer<UInt8>,
        _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        if !hasEscapes { return body(raw(in: bytes)) }
        var content: [UInt8] = []
        var isSecondQuote = false
        for byte in raw(in: bytes) {
            if byte == UInt8(ascii: "\""), !isSecondQuote {
                isSecondQuote = true
                continue
            }
            isSecondQuote = false
            content.append(byte)
        }
        return content.withUnsafeBufferPointer(body)
    }

    /// The content of the field as text, for messages.
    func text(in bytes: UnsafeBufferPointer<UInt8>) -> String {
        withContent(in: bytes) { String(decoding: $0, as: UTF8.self) }
    }
}

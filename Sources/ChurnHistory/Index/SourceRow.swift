/// One row of a source's file: its cells, and the words to say what is wrong with one of them.
///
/// Valid only while the batch that it comes from is.
struct SourceRow {
    let record: RecordBatch.Record
    /// The reader's buffer, in which `fields` lie.
    private let bytes: UnsafeBufferPointer<UInt8>
    private let fields: UnsafePointer<RecordBatch.Field>
    let columnNames: [String]

    /// - Parameter fields: those of this row; as many as there are `columnNames`.
    init(
        _ record: RecordBatch.Record,
        bytes: UnsafeBufferPointer<UInt8>,
        fields: UnsafePointer<RecordBatch.Field>,
        columnNames: [String]
    ) {
        self.record = record
        self.bytes = bytes
        self.fields = fields
        self.columnNames = columnNames
    }

    /// The row as it stands in the file, without its line end.
    var row: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[Int(record.start)..<Int(record.start) + Int(record.length)])
    }

    /// Calls `body` with the content of a cell.
    /// - Parameter position: 0 to `columnNames.count - 1`.
    @inline(__always)
    func withCell<Result>(_ position: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        fields[position].withContent(in: bytes, body)
    }

    func text(_ position: Int) -> String { fields[position].text(in: bytes) }

    /// Where the content of a cell begins in the reader's buffer; `nil` where it does not stand there as it is.
    func offset(_ position: Int) -> UInt32? {
        fields[position].hasEscapes ? nil : UInt32(truncatingIfNeeded: fields[position].start)
    }

    /// Calls `body` with the content of a cell of a block, behind which `TextBlock.slack` bytes may be loaded.
    func withPaddedCell<Result>(_ position: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        withCell(position) { cell in
            guard fields[position].hasEscapes else { return body(cell) }
            let padded = Array(cell) + [UInt8](repeating: 0, count: TextBlock.slack)
            return padded.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[..<cell.count])) }
        }
    }

    /// The bytes of a field with its quotes.
    func raw(_ position: Int) -> UnsafeBufferPointer<UInt8> {
        let field = fields[position]
        let start = Int(field.start)
        let isQuoted = start > Int(record.start) && bytes[start - 1] == UInt8(ascii: "\"")
        return UnsafeBufferPointer(
            rebasing: bytes[start - (isQuoted ? 1 : 0)..<start + Int(field.length) + (isQuoted ? 1 : 0)]
        )
    }

    /// What is wrong with the row, or with one of its cells.
    func fault(_ code: DataErrorCode, _ problem: String, at position: Int? = nil, fix: String) -> DataError {
        DataError(
            code,
            problem,
            line: record.line,
            field: position.map { $0 + 1 },
            column: position.map { columnNames[$0] },
            value: position.map(text),
            fix: fix
        )
    }
}

/// What became of a row.
enum RowFate {
    case kept
    case droppedWithoutCustomer
    case droppedDuplicate
    case droppedOtherCurrency
    /// Put aside, and counted against what the study allows.
    case rejected(DataError)
    /// Only the study can say what the row means: stops the run, whatever it allows.
    case undecided(DataError)
}

/// What is looked at in every row before its cells are: quotes, number of fields, bytes.
struct RowCheck {
    let columnCount: Int
    /// The header's bytes, by which its repetitions are known; empty where there is none.
    let header: [UInt8]
    let dialect: DelimitedDialect
    /// Whether somebody said that the file is UTF-8, or a row has shown it.
    private(set) var isUTF8: Bool

    /// - Parameter isUTF8: whether rows before have shown that the file is UTF-8.
    init(columnCount: Int, header: [UInt8], dialect: DelimitedDialect, isUTF8: Bool = false) {
        self.columnCount = columnCount
        self.header = header
        self.dialect = dialect
        self.isUTF8 =
            isUTF8 || dialect.decidedEncoding != nil || header.withUnsafeBufferPointer { TextKind($0) } == .utf8
    }

    /// Whether the bytes of a row whose fields are in order are a row of the table; else `fault` tells what they are.
    mutating func isPlain(_ row: UnsafeBufferPointer<UInt8>, hasOddBytes: Bool) -> Bool {
        if row.count == header.count, row.elementsEqual(header) { return false }
        guard hasOddBytes else { return true }
        switch TextKind(row) {
        case .ascii: return true
        case .utf8:
            isUTF8 = true
            return true
        case .faulty: return false
        }
    }

    /// - Returns: `nil` where the row can be read.
    mutating func fault(_ record: RecordBatch.Record, of batch: RecordBatch, _ columnNames: [String]) -> RowFate? {
        func error(
            _ code: DataErrorCode,
            _ problem: String,
            at field: Int? = nil,
            fix: String
        ) -> DataError {
            DataError(
                code,
                problem,
                line: record.line,
                field: field.map { $0 + 1 },
                column: field.flatMap { $0 < columnNames.count ? columnNames[$0] : nil },
                value: field.map { batch.text(batch.fields[record.firstField + $0]) },
                fix: fix
            )
        }
        if let field = record.strayQuoteField {
            let lines = batch.row(record).count { $0 == 0x0A } + 1
            if lines > 1 {
                // The lines in between may be rows of their own: none of them must vanish in one rejected row.
                return .undecided(
                    error(
                        .strayQuote,
                        "has text after its closing quote, and the row runs over \(lines) lines: the quote may never have"
                            + " been meant to open",
                        at: field,
                        fix: "double the quotes that are part of a text, or close the one that opens in this row"
                    )
                )
            }
            return .rejected(
                error(
                    .strayQuote,
                    "has text after its closing quote",
                    at: field,
                    fix: "double the quotes that are part of the text"
                )
            )
        }
        let row = batch.row(record)
        if row.count == header.count, !header.isEmpty, row.elementsEqual(header) {
            return .rejected(
                error(.repeatedHeader, "the row repeats the header", fix: "take the line out where files were joined")
            )
        }
        if record.fieldCount != columnCount {
            let columns = "\(columnCount) column\(columnCount == 1 ? "" : "s")"
            let noRow =
                "if the line is no row of the table, \(dialect.settings.set([.skipLines])) or"
                + " \(dialect.settings.set([.skipFooter(nil)]))"
            return .rejected(
                error(
                    .wrongFieldCount,
                    "the row has \(record.fieldCount) fields where there are \(columns)",
                    fix: (otherDelimiter.map { "\(dialect.settings.set([.delimiter($0)])), which the header has; or " }
                        ?? "")
                        + "quote fields that hold the delimiter; \(noRow)"
                )
            )
        }
        switch TextKind(row) {
        case .ascii: return nil
        case .utf8:
            isUTF8 = true
            return nil
        case .faulty(let fault):
            let isUndecided = fault == .notUTF8 && !isUTF8
            let error = error(.invalidText, fault.problem, fix: fault.fix(dialect, isUndecided: isUndecided))
            return isUndecided ? .undecided(error) : .rejected(error)
        }
    }

    /// A delimiter that the header of one column has in its name.
    private var otherDelimiter: UInt8? {
        guard columnCount == 1 else { return nil }
        return [UInt8(ascii: ";"), 0x09, UInt8(ascii: "|"), UInt8(ascii: ",")].first { header.contains($0) }
    }
}

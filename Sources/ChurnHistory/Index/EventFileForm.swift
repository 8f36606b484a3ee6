/// How the rows of one file of events are read: all that does not change from row to row.
struct EventFileForm: Sendable {
    let source: EventSource
    let path: String
    let columnNames: [String]
    /// The header's bytes; empty where there is none.
    let header: [UInt8]
    let calendar: StudyCalendar
    let observedUntil: Int64?
    let options: EventHistory.Options
    let fields: EventFields
    let content: RowContent
    let rowsForm: EventRows.Form
    /// Sets the transactions of this source apart from equal texts of another.
    let sourceNumber: Int
    /// By numeric column of the report.
    let numericColumnCount: Int

    var dialect: DelimitedDialect { source.dialect }

    /// Whether it matters that a row repeats an earlier one.
    var watchesRepetitions: Bool { source.duplicates != .keep || options.countsRepetitions }

    /// Whether the source's events have amounts.
    var hasAmount: Bool { fields.numeric.contains { $0.role != nil } }

    /// Whether most rows can be read without a closer look: amounts are products of plain numbers, rows are compared as
    /// they are written, and no event has a name.
    var hasPlainRows: Bool {
        guard case .byte = dialect.delimiter, !dialect.numbers.isDecorated, source.currency == nil, source.id == nil,
            fields.sign == nil, content.isAsWritten
        else { return false }
        return fields.numeric.allSatisfy { $0.role == nil || $0.role == .factor }
    }
}

/// The numbers in the column of transactions: above these two, a hash of the group's text.
enum TransactionMark {
    /// Each row is a transaction of its own.
    static let own: UInt64 = 0
    /// The row belongs to the transaction of its customer, type and day.
    static let day: UInt64 = 1

    /// Rows of one customer and type with the same text are one transaction.
    @inline(__always)
    static func group(_ text: UnsafePointer<UInt8>, count: Int, source: Int) -> UInt64 {
        let hash = CustomerHash.hash(text, count: count)
        return (hash &+ UInt64(truncatingIfNeeded: source) &* 0x9E37_79B9_7F4A_7C15) | 1 << 63
    }
}

import ChurnHistory

/// How a fuzzed file is said to be written and mapped: the choice of an input's first three bytes.
///
/// The first: delimiter (bits 0-2), encoding (3-4, the last value leaves it open), no header (5), lines to skip (6-7). The
/// second: number format (bits 0-1), null texts (2), duplicates (3-4), rows without a customer (5), time format (6), merged
/// days (7). The third: currencies (bit 0), negative styles (1), rows at the end (2-3), time format (4-5, where the second
/// byte names none), rule of the amount (6-7).
public struct ReaderDialect: Sendable {
    private static let delimiters = [",", ";", "tab", "|", ":", "blanks"]
    private static let encodings: [DelimitedDialect.Encoding?] = [.utf8, .windows1252, .latin1, nil]
    private static let columns = ["customer", "time", "amount"]

    /// For flat tables.
    public let dialect: DelimitedDialect
    /// The `format` of a source.
    let format: String
    /// For histories: a source of a study but for its `file` and `format`, as YAML.
    let source: String
    /// A column of times with its format, for the other sources of a study.
    let time: String

    public init(first: UInt8, second: UInt8, third: UInt8) {
        let delimiter = Self.delimiters[Int(first & 7) % Self.delimiters.count]
        var dialect = DelimitedDialect()
        dialect.delimiter = .init(name: delimiter) ?? dialect.delimiter
        dialect.decidedEncoding = Self.encodings[Int(first >> 3 & 3)]
        dialect.skipLines = Int(first >> 6)
        dialect.skipFooter = Int(third >> 2 & 3)
        var format = [
            "delimiter: \"\(delimiter)\"", "skipLines: \(first >> 6)", "skipFooter: \(dialect.skipFooter)",
        ]
        if let encoding = dialect.decidedEncoding { format.append("encoding: \(encoding.rawValue)") }
        if first & 32 != 0 {
            dialect.columnNames = Self.columns
            format += ["header: false", "columns: [\(Self.columns.joined(separator: ", "))]"]
        }
        let marks: (decimal: UInt8, thousands: UInt8?)
        switch second & 3 {
        case 1: marks = (UInt8(ascii: ","), UInt8(ascii: "."))
        case 2: marks = (UInt8(ascii: ","), UInt8(ascii: " "))
        case 3: marks = (UInt8(ascii: "."), UInt8(ascii: ","))
        default: marks = (UInt8(ascii: "."), nil)
        }
        if let thousands = marks.thousands {
            format.append("decimal: \"\(UnicodeScalar(marks.decimal))\"")
            format.append("thousands: \"\(UnicodeScalar(thousands))\"")
            dialect.decimalIsDecided = true
        }
        if third & 1 != 0 { format.append("currency: [EUR, \"€\", USD]") }
        if third & 2 != 0 { format.append("negative: [trailing, parentheses]") }
        dialect.numbers = NumberFormat(
            decimalMark: marks.decimal,
            thousandsMark: marks.thousands,
            currencies: third & 1 != 0 ? ["EUR", "€", "USD"] : [],
            negativeStyles: third & 2 != 0 ? [.trailing, .parentheses] : []
        )
        if second & 4 != 0 {
            dialect.nullTexts = ["", "NA"]
            format.append("null: [\"\", NA]")
        }
        self.dialect = dialect
        self.format = "format: {\(format.joined(separator: ", "))}\n"

        let formats = ["", "epochSeconds", "epochMilliseconds", "excelDays"]
        let named = second & 64 != 0 ? "dd.MM.yyyy HH:mm" : formats[Int(third >> 4 & 3)]
        time = named.isEmpty ? "time" : "{column: time, format: \(named)}"
        var keys = ["customer: customer", "time: \(time)"]
        switch third >> 6 {
        case 1: keys.append("amount: {plus: amount, minus: customer}")
        case 2: keys.append("amount: {column: amount, sign: {column: customer, negative: [B], positive: [A]}}")
        case 3:
            keys += [
                "amount: amount", "currency: {column: customer, base: A, rates: {B: 2}, others: drop}", "id: time",
            ]
        default: keys.append("amount: amount")
        }
        keys.append("type: {column: amount, startsWith: {\"-\": return, C: return}, otherwise: purchase}")
        if second & 8 != 0 { keys.append("duplicates: \(second & 16 != 0 ? "keep" : "drop")") }
        if second & 32 != 0 { keys.append("emptyCustomer: drop") }
        if second & 128 != 0 { keys.append("mergeSameDay: true") }
        source = keys.map { "\($0)\n" }.joined()
    }
}

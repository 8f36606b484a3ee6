import ChurnHistory

/// How a fuzzed file is said to be written and mapped: the choice of an input's first two bytes.
///
/// The first: delimiter (bits 0-2), encoding (3-4), no header (5), lines to skip (6-7). The second: number format (bits
/// 0-1), null texts (2), duplicates (3-4), rows without a customer (5), time format (6), merged days (7).
public struct ReaderDialect: Sendable {
    private static let delimiters = [",", ";", "tab", "|", ":", "blanks"]
    private static let encodings: [DelimitedDialect.Encoding] = [.utf8, .windows1252, .latin1]
    private static let columns = ["customer", "time", "amount"]

    /// For flat tables.
    public let dialect: DelimitedDialect
    /// For histories: a source of a study but for its `file`, as YAML.
    let source: String

    public init(first: UInt8, second: UInt8) {
        let delimiter = Self.delimiters[Int(first & 7) % Self.delimiters.count]
        let encoding = Self.encodings[Int(first >> 3 & 3) % Self.encodings.count]
        var dialect = DelimitedDialect()
        dialect.delimiter = .init(name: delimiter) ?? dialect.delimiter
        dialect.encoding = encoding
        dialect.skipLines = Int(first >> 6)
        var format = ["delimiter: \"\(delimiter)\"", "encoding: \(encoding.rawValue)", "skipLines: \(first >> 6)"]
        if first & 32 != 0 {
            dialect.columnNames = Self.columns
            format += ["header: false", "columns: [\(Self.columns.joined(separator: ", "))]"]
        }
        let point = UInt8(ascii: ".")
        let comma = UInt8(ascii: ",")
        switch second & 3 {
        case 1:
            dialect.numbers = NumberFormat(decimalMark: comma, thousandsMark: point)
            format += ["decimal: \",\"", "thousands: \".\""]
        case 2:
            dialect.numbers = NumberFormat(decimalMark: comma, thousandsMark: UInt8(ascii: " "))
            format += ["decimal: \",\"", "thousands: \" \""]
        case 3:
            dialect.numbers = NumberFormat(decimalMark: point, thousandsMark: comma)
            format.append("thousands: \",\"")
        default: break
        }
        if second & 4 != 0 {
            dialect.nullTexts = ["", "NA"]
            format.append("null: [\"\", NA]")
        }
        self.dialect = dialect

        var keys = ["format: {\(format.joined(separator: ", "))}", "customer: customer", "amount: amount"]
        keys.append("type: {column: amount, startsWith: {\"-\": return, C: return}, otherwise: purchase}")
        if second & 8 != 0 { keys.append("duplicates: \(second & 16 != 0 ? "keep" : "drop")") }
        if second & 32 != 0 { keys.append("emptyCustomer: drop") }
        keys.append(second & 64 != 0 ? "time: {column: time, format: dd.MM.yyyy HH:mm}" : "time: time")
        if second & 128 != 0 { keys.append("mergeSameDay: true") }
        source = keys.map { "\($0)\n" }.joined()
    }
}

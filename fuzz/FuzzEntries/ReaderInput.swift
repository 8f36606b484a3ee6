import ChurnHistory
import Foundation

/// One input of the reader's fuzzing: two bytes choose how the file is said to be written, the rest is the file.
///
/// The harness and the replay of the stored corpus both come through here. Only the modules' public faces are used; every
/// one of them reads by `DelimitedReader`.
public struct ReaderInput {
    private static let delimiters = [",", ";", "tab", "|", ":", "blanks"]
    private static let encodings: [DelimitedDialect.Encoding] = [.utf8, .windows1252, .latin1]
    private static let columns = ["customer", "time", "amount"]

    /// The file, as stored.
    public let file: [UInt8]
    /// How it is said to be written.
    public let dialect: DelimitedDialect
    private let source: String

    /// Reads the two choosing bytes; an input of less than two bytes is an empty file.
    ///
    /// The first: delimiter (bits 0-2), encoding (3-4), no header (5), lines to skip (6-7). The second: number format
    /// (bits 0-1), null texts (2), duplicates (3-4), no customer (5), time format (6), merged days (7).
    public init(_ bytes: [UInt8]) {
        let first = Int(bytes.first ?? 0)
        let second = bytes.count > 1 ? Int(bytes[1]) : 0
        file = Array(bytes.dropFirst(2))

        let delimiter = Self.delimiters[(first & 7) % Self.delimiters.count]
        let encoding = Self.encodings[(first >> 3 & 3) % Self.encodings.count]
        var dialect = DelimitedDialect()
        dialect.delimiter = .init(name: delimiter) ?? dialect.delimiter
        dialect.encoding = encoding
        dialect.skipLines = first >> 6
        if first & 32 != 0 { dialect.columnNames = Self.columns }

        var format = ["delimiter: \"\(delimiter)\"", "encoding: \(encoding.rawValue)", "skipLines: \(first >> 6)"]
        if first & 32 != 0 { format += ["header: false", "columns: [\(Self.columns.joined(separator: ", "))]"] }
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
            format += ["thousands: \",\""]
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

    /// Reads the file as a table and as a history, and returns which promise was broken; `nil` when none was.
    /// - Parameter path: where the file is written to be read.
    public func violation(writingTo path: String) -> String? {
        do {
            try Data(file).write(to: URL(fileURLWithPath: path))
        } catch {
            return "the file could not be written: \(error)"
        }
        return tableViolation(path) ?? historyViolation(path)
    }

    private func tableViolation(_ path: String) -> String? {
        do throws(DataError) {
            let table = try FlatTable(path: path, dialect: dialect)
            for name in table.columnNames {
                guard try table.texts(name).count == table.rowCount else { return "a column lacks a row" }
            }
            // Whether the columns are numbers or categories, an error must be one that says where.
            _ = try table.predictors(table.columnNames)
            return nil
        } catch {
            return Self.violation(of: error)
        }
    }

    private func historyViolation(_ path: String) -> String? {
        var kept: Int?
        do throws(DataError) {
            kept = try history(path, .init()).index.eventCount
        } catch {
            if let violation = Self.violation(of: error) { return violation }
        }
        do throws(DataError) {
            let report = try history(path, .inspection).report
            let isBalanced = report.files.allSatisfy(\.isBalanced)
            guard isBalanced else { return "rows were lost" }
            if let kept, kept != report.kept || report.rejected > 0 { return "an inspection keeps other rows" }
            return nil
        } catch {
            if kept != nil { return "an inspection fails on a file that was read without: \(error)" }
            return Self.violation(of: error)
        }
    }

    private func history(_ path: String, _ options: EventHistory.Options) throws(DataError) -> EventHistory {
        guard let calendar = StudyCalendar(timeZoneName: "Europe/Berlin") else {
            throw DataError(.badValue, "the zone of the fuzzing is not known here", file: path)
        }
        let node = try StudyNode(yaml: "file: \"\(path)\"\n\(source)", file: "study.yaml")
        let source = try EventSource(node, folder: "", calendar: calendar)
        return try EventHistory(sources: [source], calendar: calendar, observedUntil: nil, options: options)
    }

    /// What every error about a file owes its reader: a file, and a place that exists.
    private static func violation(of error: DataError) -> String? {
        if error.kind == .badStudy { return "the mapping was refused: \(error)" }
        guard error.file != nil else { return "an error names no file: \(error)" }
        guard error.line ?? 1 >= 1, error.field ?? 1 >= 1 else { return "an error names no place: \(error)" }
        return error.description.isEmpty ? "an error says nothing" : nil
    }
}

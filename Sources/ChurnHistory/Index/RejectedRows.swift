/// A CSV file of the rows that were put aside, each with its place and reason, so that they can be mended and sent again.
///
/// Columns: file, line, field, column, code, reason, fix, row. It holds what customers did, so only its owner may read it.
public final class RejectedRows {
    private let file: AtomicFile
    private var line = CSVLine()

    /// Creates the file, which appears under its name when `finish` is called.
    public init(path: String) throws(DataError) {
        file = try AtomicFile(path: path, mode: 0o600)
        for name in ["file", "line", "field", "column", "code", "reason", "fix", "row"] { line.append(text: name) }
        try line.write(to: file)
    }

    func add(_ error: DataError, row: UnsafeBufferPointer<UInt8>) throws(DataError) {
        line.append(text: error.file ?? "")
        line.append(number: error.line.map(Double.init) ?? .nan)
        line.append(number: error.field.map(Double.init) ?? .nan)
        line.append(text: error.column ?? "")
        line.append(text: error.code.rawValue)
        line.append(text: error.problem)
        line.append(text: error.fix ?? "")
        line.append(text: String(decoding: row, as: UTF8.self))
        try line.write(to: file)
    }

    /// Puts the file in its place, also when the reading stopped at one of its rows.
    public func finish() throws(DataError) { try file.commit() }
}

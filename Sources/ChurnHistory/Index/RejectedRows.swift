import Foundation

/// A CSV file of the rows that were put aside, each with its place and reason, so that they can be mended and sent again.
///
/// Columns: file, line, field, column, code, reason, fix, row. It holds what customers did, so only its owner may read it.
public final class RejectedRows {
    private let file: AtomicFile
    private var line = CSVLine()

    /// Creates the file, which appears under its name when `finish` is called.
    public init(path: String) throws(DataError) {
        file = try AtomicFile(path: path, mode: 0o600)
        for name in Self.header { line.append(text: name) }
        try line.write(to: file)
    }

    private static let header = ["file", "line", "field", "column", "code", "reason", "fix", "row"]

    /// Removes such a file, and no other.
    /// - Parameter isOver: whether its time is over, given when it was written.
    /// - Returns: whether it was removed.
    public static func remove(at path: String, where isOver: (Date) -> Bool) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            isOver(Date(timeIntervalSince1970: Double(status.modified)))
        else { return false }
        return hasHeader(descriptor) && unlink(path) == 0
    }

    /// Writes such a file again without the rows that may be somebody's.
    /// - Parameter names: of his; a row is his where a field of it is one of them, however the row's fields are parted.
    public static func rewriting(at path: String, without names: CustomerNames) throws(DataError) -> FileRewriting {
        let rewriting = try FileRewriting(path: path)
        let quoted = names.texts.map { "\"\($0)\"" }
        // What parts fields in some dialect does not part this name.
        let parted = names.texts.filter { $0.utf8.contains(where: isMark) }
        let spellings = parted + parted.map { $0.replacing("\"", with: "\"\"") }
        try rewriting.copyCSV(columns: ["reason", "row"]) { cells in
            quoted.contains { cells[0].contains($0) } || fields(cells[1]).contains(where: names.contains)
                || spellings.contains { cells[1].contains($0) }
        }
        return rewriting
    }

    /// Whether a file is one of rejected rows.
    public static func isOne(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return hasHeader(descriptor)
    }

    private static func hasHeader(_ descriptor: Int32) -> Bool {
        let expected = Array((header.joined(separator: ",") + "\n").utf8)
        var bytes = [UInt8](repeating: 0, count: expected.count)
        return read(descriptor, &bytes, bytes.count) == bytes.count && bytes == expected
    }

    /// What stands between the marks that part fields in any dialect.
    private static func fields(_ row: String) -> [String] {
        row.utf8.split(whereSeparator: isMark).map { String(Substring($0)) }
    }

    private static func isMark(_ byte: UInt8) -> Bool { marks.contains(byte) }
    private static let marks = Set(",;:|\t\" ".utf8)

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

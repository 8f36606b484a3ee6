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
    public static func remove(at path: String, where isOver: (Date) -> Bool) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            isOver(Date(timeIntervalSince1970: Double(status.modified)))
        else { return }
        let expected = Array((header.joined(separator: ",") + "\n").utf8)
        var bytes = [UInt8](repeating: 0, count: expected.count)
        guard read(descriptor, &bytes, bytes.count) == bytes.count, bytes == expected else { return }
        unlink(path)
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

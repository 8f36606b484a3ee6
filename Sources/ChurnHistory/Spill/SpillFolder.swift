import Foundation

/// Where columns go that memory has no room for: temporary files without a name, mapped, gone with their last owner or with
/// the process.
///
/// Their room on the disk is taken when they are made, so that a full disk is an error and never a crash.
public struct SpillFolder: Sendable {
    let path: String

    /// `$TMPDIR`, else `/var/tmp`, which, unlike `/tmp`, is seldom kept in memory itself.
    public static var standard: SpillFolder {
        let named = ProcessInfo.processInfo.environment["TMPDIR"] ?? ""
        return SpillFolder(path: named.isEmpty ? "/var/tmp" : named)
    }

    public init(path: String) { self.path = path }

    /// Memory that is a file; its content is zero.
    /// - Parameter byteCount: must not be negative.
    func memory(byteCount: Int) throws(DataError) -> SpilledMemory {
        var template = Array("\(path)/churn-spill-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw failure("no temporary file can be made") }
        defer { close(descriptor) }
        unlink(template)
        guard byteCount > 0 else { return SpilledMemory(nil, byteCount: 0) }
        let code = posix_fallocate(descriptor, 0, off_t(byteCount))
        guard code == 0 else {
            errno = code
            throw failure("there is no room for \(byteCount) bytes")
        }
        guard let start = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), start != MAP_FAILED
        else { throw failure("a temporary file cannot be mapped") }
        return SpilledMemory(start, byteCount: byteCount)
    }

    /// Calls `body` with the path of a file that may be made, and removes it afterwards.
    public func withTemporaryFile<Result>(ending: String, _ body: (String) throws -> Result) rethrows -> Result {
        let file = "\(path)/churn-\(UUID().uuidString).\(ending)"
        defer { unlink(file) }
        return try body(file)
    }

    private func failure(_ problem: String) -> DataError {
        DataError(
            .writeFailed,
            "\(problem): \(String(cString: strerror(errno)))",
            file: path,
            fix: "set TMPDIR to a folder with room, or give more --memory"
        )
    }
}

/// Mapped memory of a temporary file.
final class SpilledMemory: @unchecked Sendable {
    let start: UnsafeMutableRawPointer?
    let byteCount: Int

    init(_ start: UnsafeMutableRawPointer?, byteCount: Int) {
        self.start = start
        self.byteCount = byteCount
    }

    deinit {
        if let start { munmap(start, byteCount) }
    }

    /// Takes the pages out of this process's memory; they are read again when they are needed.
    func release() {
        if let start { _ = madvise(start, byteCount, MADV_DONTNEED) }
    }
}

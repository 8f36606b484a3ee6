import Foundation

/// Where columns go that memory has no room for: temporary files without a name, mapped, gone with their last owner or with
/// the process.
///
/// The room of mapped ones is taken on the disk when they are made, so that a full disk is an error and never a crash.
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
        let descriptor = try unnamedFile()
        defer { close(descriptor) }
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

    /// A file to be written from its start to its end, and then read.
    public func file() throws(DataError) -> SpilledFile { try SpilledFile(descriptor: unnamedFile(), folder: self) }

    private func unnamedFile() throws(DataError) -> Int32 {
        var template = Array("\(path)/churn-spill-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw failure("no temporary file can be made") }
        unlink(template)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return descriptor
    }

    fileprivate func failure(_ problem: String) -> DataError {
        DataError(
            .writeFailed,
            "\(problem): \(String(cString: strerror(errno)))",
            file: path,
            fix: "set TMPDIR to a folder with room, or give more --memory"
        )
    }
}

/// A temporary file that is written before it is read, gone with this or with the process.
public final class SpilledFile {
    private let descriptor: Int32
    private let folder: SpillFolder

    fileprivate init(descriptor: Int32, folder: SpillFolder) {
        self.descriptor = descriptor
        self.folder = folder
    }

    deinit { close(descriptor) }

    /// By which this process can open it as long as this exists.
    public var path: String { "/dev/fd/\(descriptor)" }

    public func write(_ bytes: UnsafeRawBufferPointer) throws(DataError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw folder.failure("there is no room for a temporary file")
            }
            rest = rest.dropFirst(count)
        }
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

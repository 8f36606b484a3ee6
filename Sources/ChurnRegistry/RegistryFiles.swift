import CRenameNew
import Foundation

/// All that a registry does to a disk, in one place: what is not here, it does not do.
struct RegistryFiles: Sendable {
    /// A stored file is never larger; checked before it is read.
    static let maximumFileBytes = 256 << 20

    /// Writes a new file and makes its content durable. Its name is durable once the folder is synced.
    func writeSynced(_ data: Data, to path: String) throws(RegistryError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw failure("create", path) }
        let bytes = [UInt8](data)
        var offset = 0
        var error: RegistryError?
        while offset < bytes.count, error == nil {
            let count = bytes.withUnsafeBytes { buffer in
                write(descriptor, buffer.baseAddress.map { $0 + offset }, bytes.count - offset)
            }
            if count < 0, errno != EINTR { error = failure("write", path) }
            if count > 0 { offset += count }
        }
        if error == nil, fsync(descriptor) != 0 { error = failure("sync", path) }
        if close(descriptor) != 0, error == nil { error = failure("close", path) }
        if let error { throw error }
    }

    func syncFolder(_ path: String) throws(RegistryError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync", path) }
    }

    /// Makes a folder, and those above it; one that is there already is fine.
    func makeFolder(_ path: String) throws(RegistryError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw .cannotCreate(path: path)
        }
    }

    /// Gives a folder its final name in one step.
    /// - Returns: `false` when the name is taken.
    func renameFolder(_ from: String, toNew to: String) throws(RegistryError) -> Bool {
        if churn_rename_new(from, to) == 0 { return true }
        if errno == EEXIST { return false }
        // A file system without the call: rename still refuses a folder that is not empty, and versions never are.
        guard errno == EINVAL || errno == ENOSYS else { throw failure("rename", from) }
        if rename(from, to) == 0 { return true }
        if errno == EEXIST || errno == ENOTEMPTY { return false }
        throw failure("rename", from)
    }

    /// Gives a file a second name.
    /// - Returns: `false` when the name is taken.
    func link(_ from: String, toNew to: String) throws(RegistryError) -> Bool {
        if Foundation.link(from, to) == 0 { return true }
        if errno == EEXIST { return false }
        throw failure("link", to)
    }

    func removeFile(_ path: String) { unlink(path) }

    func removeFolder(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

    enum Entry: Equatable {
        case file(size: Int)
        case folder, other, absent
    }

    /// What stands at a path; a symbolic link counts as `other` and is never followed.
    func entry(_ path: String) -> Entry {
        var status = stat()
        guard lstat(path, &status) == 0 else { return .absent }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file(size: Int(status.st_size))
        case S_IFDIR: return .folder
        default: return .other
        }
    }

    /// The names in a folder in byte order; empty when there is no such folder.
    func names(in path: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The content of a plain file of at most `maximumFileBytes`.
    func read(_ path: String) throws(RegistryError) -> Data {
        switch entry(path) {
        case .absent: throw .damaged(path: path, problem: "it is missing")
        case .folder, .other: throw .damaged(path: path, problem: "it is not a plain file")
        case .file(let size):
            guard size <= Self.maximumFileBytes else {
                throw .damaged(path: path, problem: "it has \(size) bytes, more than a model's file can have")
            }
            guard let data = FileManager.default.contents(atPath: path) else {
                throw .inputOutput(path: path, operation: "reading", reason: "the file cannot be opened")
            }
            return data
        }
    }

    private func failure(_ operation: String, _ path: String) -> RegistryError {
        .inputOutput(path: path, operation: operation, reason: String(cString: strerror(errno)))
    }
}

import Crypto
import Foundation

/// A file that appears under its name whole or not at all: written beside its place, synced, renamed.
///
/// What a killed process leaves is a hidden file `.NAME.PID-CHANCE.partial` beside the place; never a part under the name.
public final class AtomicFile {
    public let path: String
    private let temporaryPath: String
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private static let bufferSize = 1 << 18
    /// Times that an interrupted write is made again.
    private static let mostInterruptions = 100
    /// Bytes that the page cache still takes.
    private var cacheRoom: Int
    /// Takes in the bytes in order, where they are asked for.
    private var hasher: SHA256?
    /// SHA-256 of the content in hexadecimal, once it is committed, where that was asked for.
    public private(set) var digest: String?
    public private(set) var byteCount = 0
    /// What takes all bytes once the cache has its share.
    private var uncached: UncachedWriter?

    /// Creates the temporary file, so that a place that cannot be written is found before any work is done.
    /// - Parameters:
    ///   - path: where a link stands there, the file that it points to is meant.
    ///   - mode: permissions of the new file; 0600 for what holds customers.
    ///   - cacheRoom: how many bytes go through the system's page cache, and can be read again at once; the others go
    ///     around it, which takes less time and nobody's memory. At least 0.
    ///   - hashes: whether the content's digest is computed on the way.
    public init(
        path named: String,
        mode: mode_t = 0o600,
        cacheRoom: Int = .max,
        hashes: Bool = false
    ) throws(DataError) {
        path = try Self.place(named)
        hasher = hashes ? SHA256() : nil
        self.cacheRoom = cacheRoom / UncachedWriter.alignment * UncachedWriter.alignment
        let name = (path as NSString).lastPathComponent
        // By chance: in containers that share a folder processes have the same numbers.
        let chance = String(UInt64.random(in: 0 ... .max), radix: 36)
        temporaryPath = "\(Self.folder(of: path))/.\(name).\(getpid())-\(chance)\(Self.suffix)"
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw DataError(
                .cannotWrite,
                "cannot be created: \(reason)",
                file: path,
                fix: "choose a folder that exists and can be written"
            )
        }
        buffer.reserveCapacity(Self.bufferSize)
        // Tells those who look for what killed processes left.
        PresenceLock.take(descriptor)
    }

    /// Removes what processes that are no more left beside a file that they were to write.
    /// - Parameter path: of the file, whether it is there or not.
    /// - Returns: the names of what was removed.
    public static func removeLeftovers(of path: String) -> [String] {
        let folder = folder(of: (try? place(path)) ?? path)
        return unfinished(of: path).filter { name, process in
            let leftover = "\(folder)/\(name)"
            var status = stat()
            guard PresenceLock.isHeld(leftover) == false, lstat(leftover, &status) == 0 else { return false }
            // Its process may be about to lock it. Another one can have its number by now.
            let isDead = kill(process, 0) != 0 && errno == ESRCH
            guard isDead || time(nil) - status.modified >= 60 else { return false }
            return unlink(leftover) == 0
        }.map(\.name)
    }

    /// Whether something stands beside a file that was to become it, and somebody may still be at.
    public static func isBeingWritten(_ path: String) -> Bool { !unfinished(of: path).isEmpty }

    /// What stands beside a file that was to become it, with the number of the process that began it.
    private static func unfinished(of path: String) -> [(name: String, process: pid_t)] {
        guard let place = try? place(path) else { return [] }
        let prefix = ".\((place as NSString).lastPathComponent)."
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder(of: place))) ?? []
        return names.sorted().compactMap { name in
            guard name.hasPrefix(prefix), name.hasSuffix(suffix), name.count > prefix.count + suffix.count else {
                return nil
            }
            let numbers = name.dropFirst(prefix.count).dropLast(suffix.count).split(separator: "-")
            guard numbers.count == 2, let process = pid_t(numbers[0]), process > 0, UInt64(numbers[1], radix: 36) != nil
            else {
                return nil
            }
            return (name, process)
        }
    }

    private static let suffix = ".partial"

    static func folder(of path: String) -> String {
        let folder = (path as NSString).deletingLastPathComponent
        return folder.isEmpty ? "." : folder
    }

    /// Where a file of this name really stands.
    private static func place(_ path: String) throws(DataError) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { return path }
        // What stands behind these is the shell's, even where it is a file.
        if path.hasPrefix("/dev/") { status.st_mode = S_IFCHR }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw DataError(.cannotWrite, "is a folder", file: path, fix: "name a file in it")
        default:
            throw DataError(
                .cannotWrite,
                "is a device or a pipe, which cannot be replaced whole",
                file: path,
                fix: "name a file; a result that goes to standard output can be redirected"
            )
        }
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    deinit {
        if descriptor >= 0 {
            _ = uncached?.finish()
            close(descriptor)
            unlink(temporaryPath)
        }
    }

    public func write(_ bytes: UnsafeRawBufferPointer) throws(DataError) {
        hasher?.update(bufferPointer: bytes)
        byteCount += bytes.count
        try place(bytes)
    }

    /// Puts bytes where there is room for them.
    private func place(_ bytes: UnsafeRawBufferPointer) throws(DataError) {
        if let uncached { return try check(uncached.append(bytes)) }
        guard bytes.count > cacheRoom else {
            cacheRoom -= bytes.count
            return try writeCached(bytes)
        }
        let first = cacheRoom
        cacheRoom = 0
        try writeCached(UnsafeRawBufferPointer(rebasing: bytes[..<first]))
        try flush()
        let offset = Int(lseek(descriptor, 0, SEEK_CUR))
        uncached = UncachedWriter(path: temporaryPath, cached: descriptor, offset: offset)
        if uncached == nil { cacheRoom = .max }
        try place(UnsafeRawBufferPointer(rebasing: bytes[first...]))
    }

    private func writeCached(_ bytes: UnsafeRawBufferPointer) throws(DataError) {
        if buffer.count + bytes.count > Self.bufferSize { try flush() }
        if bytes.count >= Self.bufferSize {
            try writeOut(bytes)
        } else {
            buffer.append(contentsOf: bytes)
        }
    }

    public func write(_ bytes: [UInt8]) throws(DataError) {
        try bytes.withUnsafeBufferPointer { (buffer) throws(DataError) in
            try write(UnsafeRawBufferPointer(buffer))
        }
    }

    public func write(_ text: String) throws(DataError) { try write(Array(text.utf8)) }

    /// Syncs the content, gives the file its name and syncs the folder. Without this nothing stays.
    public func commit() throws(DataError) { _ = try commit(replacing: nil) }

    /// The same in the place of a file that is known, with its owner and rights.
    /// - Parameters:
    ///   - known: what must stand in the place; `nil` for whatever does.
    ///   - keepsTime: whether the time of the last change stays, too.
    /// - Returns: `false`, with nothing changed, where something else stands there.
    func commit(replacing known: (identity: FileIdentity, status: stat)?, keepsTime: Bool = false) throws(DataError)
        -> Bool
    {
        try flush()
        if let uncached { try check(uncached.finish()) }
        uncached = nil
        if let status = known?.status {
            // Who may not give a file away keeps it.
            _ = fchown(descriptor, status.st_uid, status.st_gid)
            if keepsTime {
                var times = status.times
                _ = futimens(descriptor, &times)
            }
        }
        guard fsync(descriptor) == 0 else { throw failed("sync") }
        if let known, FileIdentity(path: path) != known.identity {
            close(descriptor)
            descriptor = -1
            unlink(temporaryPath)
            return false
        }
        let closed = close(descriptor)
        descriptor = -1
        guard closed == 0 else {
            let error = failed("close")
            unlink(temporaryPath)
            throw error
        }
        guard rename(temporaryPath, path) == 0 else {
            let error = failed("rename")
            unlink(temporaryPath)
            throw error
        }
        try Self.syncDirectory(Self.folder(of: path))
        digest = hasher?.finalize().hexadecimal
        return true
    }

    /// Makes the names in a folder durable.
    public static func syncDirectory(_ path: String) throws(DataError) {
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else {
            throw DataError(
                .writeFailed,
                "cannot be opened to sync: \(String(cString: strerror(errno)))",
                file: path
            )
        }
        defer { close(directory) }
        guard fsync(directory) == 0 else {
            throw DataError(
                .writeFailed,
                "cannot be synced: \(String(cString: strerror(errno)))",
                file: path
            )
        }
    }

    private func flush() throws(DataError) {
        try buffer.withUnsafeBufferPointer { (bytes) throws(DataError) in try writeOut(UnsafeRawBufferPointer(bytes)) }
        buffer.removeAll(keepingCapacity: true)
    }

    private func writeOut(_ bytes: UnsafeRawBufferPointer) throws(DataError) {
        var offset = 0
        var interruptions = 0
        while offset < bytes.count {
            let count = Foundation.write(descriptor, bytes.baseAddress.map { $0 + offset }, bytes.count - offset)
            if count < 0 {
                interruptions += 1
                if errno == EINTR, interruptions < Self.mostInterruptions { continue }
                throw failed("write")
            }
            offset += count
        }
    }

    /// - Parameter error: the number of a write's error, 0 for none.
    private func check(_ error: Int32) throws(DataError) {
        guard error != 0 else { return }
        errno = error
        throw failed("write")
    }

    private func failed(_ operation: String) -> DataError {
        DataError(
            .writeFailed,
            "\(operation) failed: \(String(cString: strerror(errno)))",
            file: path,
            fix: "check the free space and the disk; nothing was left under the name"
        )
    }
}

extension stat {
    /// Of the last use and the last change.
    fileprivate var times: [timespec] {
        #if os(Linux)
            [st_atim, st_mtim]
        #else
            [st_atimespec, st_mtimespec]
        #endif
    }

    /// Seconds since 1970.
    var modified: Int {
        #if os(Linux)
            st_mtim.tv_sec
        #else
            st_mtimespec.tv_sec
        #endif
    }
}

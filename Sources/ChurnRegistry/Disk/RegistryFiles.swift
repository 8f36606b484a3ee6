import Foundation

/// What a registry does to a disk, step by step, with errors that say what failed where.
struct RegistryFiles: Sendable {
    /// A stored file is never larger; checked before it is read.
    static let maximumFileBytes = 256 << 20
    /// Times that an interrupted call is made again.
    private static let mostInterruptions = 100

    let disk: any Disk

    // MARK: Writing

    /// Writes a new file and makes its content durable. Its name is durable once the folder is synced.
    func writeSynced(_ data: Data, to path: String) throws(RegistryError) {
        let file = try attempt("create", path) { () throws(DiskFailure) in try disk.create(path) }
        let bytes = [UInt8](data)
        do throws(RegistryError) {
            var offset = 0
            while offset < bytes.count {
                offset += try attempt("write", path) { () throws(DiskFailure) in
                    try disk.write(bytes[offset...], to: file)
                }
            }
            // What a failed sync was to write may be lost, and another one would not tell.
            try once("sync", path) { () throws(DiskFailure) in try disk.sync(file) }
        } catch {
            try? disk.close(file)
            throw error
        }
        try once("close", path) { () throws(DiskFailure) in try disk.close(file) }
    }

    func syncFolder(_ path: String) throws(RegistryError) {
        try once("sync", path) { () throws(DiskFailure) in try disk.syncFolder(path) }
    }

    /// Makes a folder durably, and those above it that there are not; one that is there already is fine.
    /// - Parameter isAgain: whether those above were made just now.
    func makeFolder(_ path: String, isAgain: Bool = false) throws(RegistryError) {
        do throws(DiskFailure) {
            try uninterrupted { () throws(DiskFailure) in try disk.makeFolder(path) }
        } catch {
            switch error.code {
            case EEXIST:
                guard try entry(path).isFolder || isFolderBehindLink(path) else {
                    throw failure("make the folder", path, ENOTDIR)
                }
                return
            case ENOENT where !isAgain && Self.parent(of: path) != path:
                try makeFolder(Self.parent(of: path))
                return try makeFolder(path, isAgain: true)
            default: throw failure("make the folder", path, error.code)
            }
        }
        try syncFolder(Self.parent(of: path))
    }

    /// A registry's own folder, and those above it, may be links.
    private func isFolderBehindLink(_ path: String) -> Bool { (try? disk.names(in: path)) != nil }

    /// The folder that something stands in.
    static func parent(of path: String) -> String {
        var bytes = path.utf8[...]
        while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == bytes.startIndex ? "/" : String(path[..<slash])
    }

    /// Gives a file or a folder its final name in one step.
    /// - Returns: `false` when the name is taken.
    func rename(_ from: String, toNew to: String) throws(RegistryError) -> Bool {
        try isNew("rename", to) { () throws(DiskFailure) in try disk.rename(from, toNew: to) }
    }

    /// Gives a file another name, beside the old one or in its place.
    /// - Returns: `false` when the name is taken.
    func link(_ from: String, toNew to: String) throws(RegistryError) -> Bool {
        try isNew("link", to) { () throws(DiskFailure) in
            do throws(DiskFailure) {
                try disk.link(from, toNew: to)
            } catch  where Self.meansUnsupported.contains(error.code) || error.code == EPERM {
                // A file system without second names.
                try disk.rename(from, toNew: to)
            }
        }
    }

    private static let meansUnsupported = [EINVAL, ENOSYS, EXDEV, ENOTSUP]

    private func isNew(
        _ operation: String,
        _ path: String,
        _ call: () throws(DiskFailure) -> Void
    ) throws(RegistryError) -> Bool {
        do throws(DiskFailure) {
            try uninterrupted(call)
            return true
        } catch {
            if [EEXIST, ENOTEMPTY, ENOTDIR].contains(error.code) { return false }
            throw failure(operation, path, error.code)
        }
    }

    /// Puts a new file in the place of something, durably and in one step.
    /// - Parameter aside: a free name on the same disk, under which what was there stands afterwards.
    func replace(_ place: String, by data: Data, aside: String) throws(RegistryError) {
        try writeSynced(data, to: aside)
        do throws(DiskFailure) {
            try uninterrupted { () throws(DiskFailure) in try disk.exchange(aside, place) }
        } catch {
            guard Self.meansUnsupported.contains(error.code) else {
                try? remove(aside)
                throw failure("exchange", place, error.code)
            }
            // A file system without the call. In between the name is free, but the history knows it as taken.
            let note = "\(aside).note"
            guard try rename(aside, toNew: note), try rename(place, toNew: aside), try rename(note, toNew: place) else {
                throw failure("exchange", place, error.code)
            }
        }
        try syncFolder(Self.parent(of: place))
        try syncFolder(Self.parent(of: aside))
    }

    /// Removes a file, or a folder with all that is in it; somebody else may do so at the same time.
    func remove(_ path: String) throws(RegistryError) {
        switch try entry(path) {
        case .absent: return
        case .file, .other: try removeOne(path) { () throws(DiskFailure) in try disk.removeFile(path) }
        case .folder:
            for name in try names(in: path) { try remove("\(path)/\(name.name)") }
            try removeOne(path) { () throws(DiskFailure) in try disk.removeFolder(path) }
        }
    }

    private func removeOne(_ path: String, _ call: () throws(DiskFailure) -> Void) throws(RegistryError) {
        do throws(DiskFailure) {
            try uninterrupted(call)
        } catch  where error.code != ENOENT {
            throw failure("remove", path, error.code)
        } catch {}
    }

    // MARK: Reading

    func entry(_ path: String) throws(RegistryError) -> DiskEntry {
        try attempt("look at", path) { () throws(DiskFailure) in try disk.entry(path) }
    }

    /// What a folder has, in the order of the names; nothing when there is no such folder.
    func names(in path: String) throws(RegistryError) -> [DiskName] {
        do throws(DiskFailure) {
            return try uninterrupted { () throws(DiskFailure) in try disk.names(in: path) }
                .sorted { $0.name < $1.name }
        } catch {
            if [ENOENT, ENOTDIR].contains(error.code) { return [] }
            throw failure("list", path, error.code)
        }
    }

    /// The content of a plain file.
    /// - Parameter most: bytes that it may have.
    /// - Throws: `damaged` where there is none, or a larger one.
    func read(_ path: String, most: Int = maximumFileBytes) throws(RegistryError) -> Data {
        do throws(DiskFailure) {
            return Data(try uninterrupted { () throws(DiskFailure) in try disk.read(path, most: most) })
        } catch {
            switch error.code {
            case ENOENT, ENOTDIR: throw .damaged(path: path, problem: "it is missing")
            case ELOOP, EINVAL, EISDIR, ENXIO: throw .damaged(path: path, problem: "it is not a plain file")
            case EFBIG:
                throw .damaged(path: path, problem: "it has more than the \(most) bytes that it can have")
            default: throw failure("read", path, error.code)
            }
        }
    }

    // MARK: Failures

    private func attempt<Result>(
        _ operation: String,
        _ path: String,
        _ call: () throws(DiskFailure) -> Result
    ) throws(RegistryError) -> Result {
        do throws(DiskFailure) {
            return try uninterrupted(call)
        } catch {
            throw failure(operation, path, error.code)
        }
    }

    private func once(_ operation: String, _ path: String, _ call: () throws(DiskFailure) -> Void) throws(RegistryError)
    {
        do throws(DiskFailure) {
            try call()
        } catch {
            throw failure(operation, path, error.code)
        }
    }

    private func uninterrupted<Result>(_ call: () throws(DiskFailure) -> Result) throws(DiskFailure) -> Result {
        for _ in 0..<Self.mostInterruptions {
            do throws(DiskFailure) {
                return try call()
            } catch {
                if error.code != EINTR { throw error }
            }
        }
        throw DiskFailure(code: EINTR)
    }

    private func failure(_ operation: String, _ path: String, _ code: Int32) -> RegistryError {
        let reason = String(cString: strerror(code))
        if ["create", "make the folder"].contains(operation),
            [EACCES, EPERM, EROFS, ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG].contains(code)
        {
            return .cannotCreate(path: path, reason: reason)
        }
        return .inputOutput(path: path, operation: operation, reason: reason)
    }
}

import CRenameNew
import Foundation

/// The disk of the machine.
struct SystemDisk: Disk {
    func create(_ path: String) throws(DiskFailure) -> OpenFile {
        OpenFile(number: try Self.checked(open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)))
    }

    func write(_ bytes: ArraySlice<UInt8>, to file: OpenFile) throws(DiskFailure) -> Int {
        let count = bytes.withUnsafeBytes { Foundation.write(file.number, $0.baseAddress, $0.count) }
        // A write of nothing would be tried for ever.
        if count == 0, !bytes.isEmpty { throw DiskFailure(code: EIO) }
        return try Self.checked(count)
    }

    func sync(_ file: OpenFile) throws(DiskFailure) { try Self.check(fsync(file.number)) }

    func close(_ file: OpenFile) throws(DiskFailure) { try Self.check(Foundation.close(file.number)) }

    func syncFolder(_ path: String) throws(DiskFailure) {
        let descriptor = try Self.checked(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        defer { _ = Foundation.close(descriptor) }
        try Self.check(fsync(descriptor))
    }

    func makeFolder(_ path: String) throws(DiskFailure) { try Self.check(mkdir(path, 0o755)) }

    func rename(_ from: String, toNew to: String) throws(DiskFailure) {
        do throws(DiskFailure) {
            try Self.check(churn_rename_new(from, to))
        } catch  where [EINVAL, ENOSYS].contains(error.code) {
            // A file system without the call: rename still refuses a folder that is not empty, and versions never are. It would
            // replace a file.
            guard try entry(from).isFolder else { throw error }
            try Self.check(Foundation.rename(from, to))
        }
    }

    func exchange(_ one: String, _ other: String) throws(DiskFailure) {
        try Self.check(churn_rename_exchange(one, other))
    }

    func link(_ from: String, toNew to: String) throws(DiskFailure) { try Self.check(Foundation.link(from, to)) }

    func removeFile(_ path: String) throws(DiskFailure) { try Self.check(unlink(path)) }

    func removeFolder(_ path: String) throws(DiskFailure) { try Self.check(rmdir(path)) }

    func entry(_ path: String) throws(DiskFailure) -> DiskEntry {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return .absent }
            throw DiskFailure(code: errno)
        }
        #if os(Linux)
            let time = status.st_mtim
        #else
            let time = status.st_mtimespec
        #endif
        let modified = Date(timeIntervalSince1970: Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9)
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file(size: Int(status.st_size), modified: modified)
        case S_IFDIR: return .folder(modified: modified)
        default: return .other
        }
    }

    func names(in path: String) throws(DiskFailure) -> [DiskName] {
        guard let folder = opendir(path) else { throw DiskFailure(code: errno) }
        defer { closedir(folder) }
        var names: [DiskName] = []
        while true {
            errno = 0
            guard let entry = readdir(folder) else {
                if errno != 0 { throw DiskFailure(code: errno) }
                return names
            }
            let (name, isText) = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
                    (String(cString: $0), String(validatingCString: $0) != nil)
                }
            }
            if name == "." || name == ".." { continue }
            guard isText else {
                names.append(DiskName(name: name, kind: .other))
                continue
            }
            let kind: DiskName.Kind
            switch Int(entry.pointee.d_type) {
            case Int(DT_REG): kind = .file
            case Int(DT_DIR): kind = .folder
            case Int(DT_UNKNOWN):
                // Some file systems do not tell.
                let found = try self.entry("\(path)/\(name)")
                kind = found.isFolder ? .folder : found.isFile ? .file : .other
            default: kind = .other
            }
            names.append(DiskName(name: name, kind: kind))
        }
    }

    func read(_ path: String, most: Int) throws(DiskFailure) -> [UInt8] {
        // Whoever puts a pipe in the file's place keeps nobody waiting.
        let descriptor = try Self.checked(open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK))
        defer { _ = Foundation.close(descriptor) }
        var status = stat()
        try Self.check(fstat(descriptor, &status))
        guard status.st_mode & S_IFMT == S_IFREG else { throw DiskFailure(code: EINVAL) }
        var bytes: [UInt8] = []
        // One more than there should be, to see the end with the first call.
        var room = min(Int(status.st_size), most) + 1
        while true {
            var count = 0
            let start = bytes.count
            let more = [UInt8](unsafeUninitializedCapacity: room) { buffer, initialized in
                count = Foundation.read(descriptor, buffer.baseAddress, room)
                initialized = max(0, count)
            }
            _ = try Self.checked(count)
            if start == 0 { bytes = more } else { bytes += more }
            if count == 0 { return bytes }
            guard bytes.count <= most else { throw DiskFailure(code: EFBIG) }
            room = max(1, min(1 << 16, most + 1 - bytes.count))
        }
    }

    private static func check(_ result: Int32) throws(DiskFailure) { _ = try checked(result) }

    private static func checked<Number: SignedInteger>(_ result: Number) throws(DiskFailure) -> Number {
        if result < 0 { throw DiskFailure(code: errno) }
        return result
    }
}

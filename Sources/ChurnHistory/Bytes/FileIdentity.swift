import Foundation

/// What of a file's state changes when somebody writes to it or puts another file in its place.
public struct FileIdentity: Sendable, Equatable, Codable {
    /// Bytes as stored.
    public let size: Int
    /// When it was last written, in nanoseconds since 1970.
    public let modified: Int64
    public let inode: UInt64

    init(_ status: stat) {
        size = Int(status.st_size)
        #if canImport(Darwin)
            let changed = status.st_mtimespec
        #else
            let changed = status.st_mtim
        #endif
        modified = Int64(changed.tv_sec) * 1_000_000_000 + Int64(changed.tv_nsec)
        inode = UInt64(status.st_ino)
    }

    /// - Returns: `nil` where there is no such file.
    public init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }
}

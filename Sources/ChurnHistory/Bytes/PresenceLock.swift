import Foundation

/// Tells other processes that whoever works on a file is there: the system takes the lock back when its process ends, however that
/// comes about.
///
/// A lock on an open file (`F_OFD_SETLK`), which any process on the machine can ask for without taking it, across containers too. It
/// keeps nobody from anything: nothing that must be right rests on it.
public final class PresenceLock: Sendable {
    private let descriptor: Int32

    #if os(Linux)
        private static let (get, set): (Int32, Int32) = (36, 37)
    #else
        private static let (get, set): (Int32, Int32) = (92, 90)
    #endif

    /// Locks a file that there is.
    /// - Returns: `nil` where that cannot be done, as on some network file systems.
    public init?(path: String) {
        descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        guard Self.take(descriptor) else {
            close(descriptor)
            return nil
        }
    }

    deinit { close(descriptor) }

    /// Locks a file that is open for writing, until it is closed.
    /// - Returns: whether that could be done.
    @discardableResult
    static func take(_ descriptor: Int32) -> Bool {
        var lock = whole()
        return fcntl(descriptor, set, &lock) == 0
    }

    /// Whether somebody has locked a file; `nil` where that cannot be told.
    public static func isHeld(_ path: String) -> Bool? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var lock = whole()
        guard fcntl(descriptor, get, &lock) == 0 else { return nil }
        return lock.l_type != Int16(truncatingIfNeeded: F_UNLCK)
    }

    /// A lock on all bytes of a file.
    private static func whole() -> flock {
        var lock = flock()
        lock.l_type = Int16(truncatingIfNeeded: F_WRLCK)
        lock.l_whence = Int16(truncatingIfNeeded: SEEK_SET)
        return lock
    }
}

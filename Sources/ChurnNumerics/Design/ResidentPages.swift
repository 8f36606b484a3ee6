import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Keeps the pages of a mapped file that the process holds within a bound: once there are more, all are given back, and come again
/// from the system's cache as they are read.
public final class ResidentPages: Sendable {
    /// Bytes between two looks at how many pages there are.
    private static let stride = 8 << 20
    /// What the system maps at once around a byte that is read.
    private static let least = 64 << 10

    private let limit: Int
    /// Pages of files that the process held before.
    private let others: Int
    private let release: @Sendable () -> Void
    private let bytesRead = Atomic<Int>(0)

    /// - Parameters:
    ///   - limit: bytes.
    ///   - release: gives all pages of the file back; threads that read it meanwhile must not notice.
    public init(limit: Int, release: @escaping @Sendable () -> Void) {
        self.limit = limit
        self.release = release
        others = Self.mappedBytes ?? 0
    }

    /// Tells how many bytes of the file are read next.
    @inline(__always)
    func willRead(_ count: Int) {
        let total = bytesRead.wrappingAdd(max(count, Self.least), ordering: .relaxed)
        if total.oldValue / Self.stride != total.newValue / Self.stride { look() }
    }

    @inline(never)
    private func look() {
        // Where nobody tells, they are given back every time.
        if let bytes = Self.mappedBytes, bytes - others <= limit { return }
        release()
    }

    /// Bytes of mapped files that the process holds; `nil` where the system does not tell.
    private static var mappedBytes: Int? {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 128) { buffer in
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            guard count > 0 else { return nil }
            // Pages in all, resident ones, and those of files.
            let fields = buffer[..<count].split(separator: UInt8(ascii: " "))
            guard fields.count > 2, let pages = Int(String(decoding: fields[2], as: UTF8.self)) else { return nil }
            return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
        }
    }
}

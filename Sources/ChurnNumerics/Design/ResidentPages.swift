import Synchronization

/// Keeps the pages of a mapped file that the process holds within a bound: once more than that was read, all are given back, and come
/// again from the system's cache as they are read.
public final class ResidentPages: Sendable {
    /// What the system maps at once around a byte that is read.
    private static let least = 64 << 10

    private let limit: Int
    private let release: @Sendable () -> Void
    /// Since the pages were given back.
    private let bytesRead = Atomic<Int>(0)

    /// - Parameters:
    ///   - limit: bytes.
    ///   - release: gives all pages of the file back; threads that read it meanwhile must not notice.
    public init(limit: Int, release: @escaping @Sendable () -> Void) {
        self.limit = limit
        self.release = release
    }

    /// Tells how many bytes of the file are read next.
    @inline(__always)
    func willRead(_ count: Int) {
        let total = bytesRead.wrappingAdd(max(count, Self.least), ordering: .relaxed)
        if total.oldValue <= limit, total.newValue > limit { giveBack() }
    }

    @inline(never)
    private func giveBack() {
        // First, so that what others read meanwhile counts.
        bytesRead.store(0, ordering: .relaxed)
        release()
    }
}

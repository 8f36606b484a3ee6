/// Memory for a fixed number of plain values, freed with its last owner.
///
/// Whoever made it fills it before anybody else sees it; from then on it does not change.
final class OwnedBuffer<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    let base: UnsafeMutablePointer<Element>
    let count: Int

    /// - Parameters:
    ///   - count: must not be negative.
    ///   - slack: elements behind the last one that may be read and mean nothing.
    init(count: Int, slack: Int = 0) {
        self.count = count
        base = .allocate(capacity: count + slack)
    }

    deinit { base.deallocate() }

    var values: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: base, count: count) }
}

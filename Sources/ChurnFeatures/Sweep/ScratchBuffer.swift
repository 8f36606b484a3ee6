/// Memory that a family uses again for every customer, so that none is allocated in between.
final class ScratchBuffer<Element: BitwiseCopyable> {
    // One thread owns it and no call of its methods overlaps another: nothing is left to be checked at run time.
    @exclusivity(unchecked) private(set) var base: UnsafeMutablePointer<Element>
    @exclusivity(unchecked) private(set) var capacity: Int
    private let value: Element

    /// - Parameter value: what every element is at first.
    init(_ value: Element, capacity: Int) {
        self.value = value
        self.capacity = max(capacity, 1)
        base = .allocate(capacity: self.capacity)
        base.initialize(repeating: value, count: self.capacity)
    }

    deinit { base.deallocate() }

    /// Room for `count` elements at least. What stood there before is lost when it grows; all are the first value then.
    @inline(__always)
    func reserve(_ count: Int) -> UnsafeMutablePointer<Element> {
        if count > capacity { grow(count) }
        return base
    }

    private func grow(_ count: Int) {
        base.deallocate()
        capacity = max(count, 2 * capacity)
        base = .allocate(capacity: capacity)
        base.initialize(repeating: value, count: capacity)
    }
}

import Foundation

/// Memory for a fixed number of plain values, freed with its last owner.
///
/// Whoever made it fills it before anybody else sees it; from then on it does not change.
final class OwnedBuffer<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    let base: UnsafeMutablePointer<Element>
    let count: Int

    /// The temporary file that the values lie in; `nil` where they lie in the process's own memory.
    private let spilled: SpilledMemory?
    /// Bytes that were taken from the system itself and go back to it; 0 where they come from the allocator.
    private let mappedBytes: Int

    /// - Parameters:
    ///   - count: must not be negative.
    ///   - slack: elements behind the last one that may be read and mean nothing.
    init(count: Int, slack: Int = 0) {
        self.count = count
        base = .allocate(capacity: count + slack)
        spilled = nil
        mappedBytes = 0
    }

    /// Values that are needed for a while only: their memory goes back to the system at once, where the allocator would keep
    /// it between other pieces.
    /// - Parameters:
    ///   - count: must not be negative.
    ///   - slack: elements behind the last one that may be read and mean nothing.
    init(passing count: Int, slack: Int = 0) {
        self.count = count
        spilled = nil
        let byteCount = (count + slack) * MemoryLayout<Element>.stride
        let flags = MAP_PRIVATE | MAP_ANONYMOUS
        if byteCount >= 1 << 15, let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0),
            memory != MAP_FAILED
        {
            base = memory.assumingMemoryBound(to: Element.self)
            mappedBytes = byteCount
        } else {
            base = .allocate(capacity: count + slack)
            mappedBytes = 0
        }
    }

    /// Values that lie in a temporary file where there is a folder for it.
    init(count: Int, in folder: SpillFolder?) throws(DataError) {
        self.count = count
        mappedBytes = 0
        if let folder {
            let memory = try folder.memory(byteCount: max(count, 1) * MemoryLayout<Element>.stride)
            spilled = memory
            guard let start = memory.start else { preconditionFailure("at least one element has been mapped") }
            base = start.assumingMemoryBound(to: Element.self)
        } else {
            spilled = nil
            base = .allocate(capacity: count)
        }
    }

    /// The same values.
    convenience init(copying values: UnsafeBufferPointer<Element>) {
        self.init(count: values.count)
        if let start = values.baseAddress { base.update(from: start, count: count) }
    }

    deinit {
        if mappedBytes > 0 {
            munmap(base, mappedBytes)
        } else if spilled == nil {
            base.deallocate()
        }
    }

    var values: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: base, count: count) }

    /// Lets go of the process's pages of a temporary file.
    func release() { spilled?.release() }
}

import Foundation

/// Memory for a fixed number of plain values, freed with its last owner.
///
/// Whoever made it fills it before anybody else sees it; from then on it does not change.
final class OwnedBuffer<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    let base: UnsafeMutablePointer<Element>
    let count: Int
    private static var hugePage: Int { 1 << 21 }

    /// The temporary file that the values lie in; `nil` where they lie in the process's own memory.
    private let spilled: SpilledMemory?

    /// - Parameters:
    ///   - count: must not be negative.
    ///   - slack: elements behind the last one that may be read and mean nothing.
    init(count: Int, slack: Int = 0) {
        self.count = count
        base = .allocate(capacity: count + slack)
        spilled = nil
    }

    /// Values that lie in a temporary file where there is a folder for it.
    init(count: Int, in folder: SpillFolder?) throws(DataError) {
        self.count = count
        if let folder {
            let memory = try folder.memory(byteCount: max(count, 1) * MemoryLayout<Element>.stride)
            spilled = memory
            guard let start = memory.start else { preconditionFailure("at least one element has been mapped") }
            base = start.assumingMemoryBound(to: Element.self)
        } else {
            spilled = nil
            let byteCount = count * MemoryLayout<Element>.stride
            if byteCount >= Self.hugePage * 2 {
                let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: Self.hugePage)
                // Large pages are a wish, not a need: fewer of them must be found and cleared.
                #if canImport(Glibc)
                    _ = madvise(memory, byteCount, MADV_HUGEPAGE)
                #endif
                base = memory.assumingMemoryBound(to: Element.self)
            } else {
                base = .allocate(capacity: count)
            }
        }
    }

    deinit {
        if spilled == nil { base.deallocate() }
    }

    var values: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: base, count: count) }

    /// Lets go of the process's pages of a temporary file.
    func release() { spilled?.release() }
}

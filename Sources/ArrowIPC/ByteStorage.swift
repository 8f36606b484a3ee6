/// The read-only bytes of a file, mapped or owned. They stay where they are until the last reference is gone.
///
/// Sendable because nothing writes to the bytes after `init`.
final class ByteStorage: @unchecked Sendable {
    /// What `deinit` has to give back.
    private enum Ownership {
        case allocated
        case mapped
    }

    /// Alignment of the first byte: that of Arrow's buffers, or a page's.
    private static let alignment = 64

    let base: UnsafeRawPointer
    let count: Int
    private let ownership: Ownership

    /// Copies the bytes to aligned memory.
    init(copying bytes: UnsafeRawBufferPointer) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(bytes.count, 1), alignment: Self.alignment)
        UnsafeMutableRawBufferPointer(start: memory, count: bytes.count).copyMemory(from: bytes)
        self.base = UnsafeRawPointer(memory)
        self.count = bytes.count
        self.ownership = .allocated
    }

    /// Takes over a mapping and unmaps it in the end.
    init(mapping base: UnsafeRawPointer, count: Int) {
        self.base = base
        self.count = count
        self.ownership = .mapped
    }

    /// Gives the pages of a mapping back to the system, which reads them again when they are asked for; no byte changes.
    func releasePages() {
        if case .mapped = ownership { FileMapping.releasePages(base, count: count) }
    }

    deinit {
        switch ownership {
        case .allocated: base.deallocate()
        case .mapped: FileMapping.unmap(base, count: count)
        }
    }
}

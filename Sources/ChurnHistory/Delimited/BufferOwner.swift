/// Owns the buffer that batches point into.
final class BufferOwner {
    private(set) var buffer: UnsafeMutableBufferPointer<UInt8>

    init(capacity: Int) { buffer = .allocate(capacity: capacity) }

    deinit { buffer.deallocate() }

    func grow(keeping count: Int) -> UnsafeMutableBufferPointer<UInt8> {
        let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: buffer.count * 2)
        if let from = buffer.baseAddress, let to = larger.baseAddress { to.update(from: from, count: count) }
        buffer.deallocate()
        buffer = larger
        return larger
    }
}

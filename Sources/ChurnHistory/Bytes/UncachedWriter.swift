import Foundation

/// Appends to a file around the page cache, on a thread of its own: what is written goes to the disk at once, where the
/// system would first have to find memory for it, which costs more than the writing and takes it from everybody else.
///
/// Bytes gather in blocks whose address, place and length suit a disk. What does not fill a block goes through the cache at the
/// end.
final class UncachedWriter: @unchecked Sendable {
    static let blockSize = 4 << 20
    /// What addresses and places of such writes must be a multiple of.
    static let alignment = 4096
    private static let blockCount = 8

    /// Around the cache.
    private let direct: Int32
    /// Through it: for the last bytes, and for disks that refuse a write in spite of having opened the file.
    private let cached: Int32
    private let queue = DispatchQueue(label: "churn.uncached-writer")
    private let room = DispatchSemaphore(value: UncachedWriter.blockCount)
    /// Used one after the other: that many are never on their way at once.
    private let blocks: [UnsafeMutableRawPointer]
    private var current = 0
    private var filled = 0
    /// Where the current block will stand.
    private var offset: Int

    /// Guards `failure`.
    private let lock = NSLock()
    private var failure: Int32 = 0

    /// - Parameters:
    ///   - path: of a file that exists.
    ///   - cached: an open descriptor of it, which outlives the writer.
    ///   - offset: where the next byte goes.
    /// - Returns: `nil` where the system or the file system has no such writes, or none at this offset.
    convenience init?(path: String, cached: Int32, offset: Int) {
        guard let flag = Self.flag, offset >= 0, offset % Self.alignment == 0 else { return nil }
        let direct = open(path, O_WRONLY | O_CLOEXEC | flag)
        guard direct >= 0 else { return nil }
        self.init(direct: direct, cached: cached, offset: offset)
    }

    /// - Parameter direct: closed with the writer.
    init(direct: Int32, cached: Int32, offset: Int) {
        self.direct = direct
        self.cached = cached
        self.offset = offset
        blocks = (0..<Self.blockCount).map { _ in .allocate(byteCount: Self.blockSize, alignment: Self.alignment) }
        room.wait()
    }

    /// The C library's `O_DIRECT`, which Swift does not see.
    static var flag: Int32? {
        #if os(Linux) && arch(x86_64)
            0x4000
        #elseif os(Linux) && arch(arm64)
            0x10000
        #else
            nil
        #endif
    }

    deinit {
        // Nobody else has the blocks: each write on its way keeps the writer alive.
        room.signal()
        close(direct)
        for block in blocks { block.deallocate() }
    }

    /// - Returns: the number of the error of an earlier write, 0 for none.
    func append(_ bytes: UnsafeRawBufferPointer) -> Int32 {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Self.blockSize - filled)
            UnsafeMutableRawBufferPointer(start: blocks[current] + filled, count: piece.count).copyBytes(from: piece)
            filled += piece.count
            rest = rest.dropFirst(piece.count)
            if filled == Self.blockSize { sendBlock() }
        }
        return lock.withLock { failure }
    }

    /// Waits until everything is written.
    /// - Returns: the number of the error of a write, 0 for none.
    func finish() -> Int32 {
        queue.sync {}
        let error = lock.withLock { failure }
        return error != 0 ? error : write(blocks[current], count: filled, to: cached, at: offset)
    }

    private func sendBlock() {
        let (block, place) = (current, offset)
        queue.async {
            if self.lock.withLock({ self.failure == 0 }) {
                var error = self.write(self.blocks[block], count: Self.blockSize, to: self.direct, at: place)
                if error == EINVAL {
                    error = self.write(self.blocks[block], count: Self.blockSize, to: self.cached, at: place)
                }
                if error != 0 { self.lock.withLock { self.failure = error } }
            }
            self.room.signal()
        }
        room.wait()
        current = (current + 1) % Self.blockCount
        filled = 0
        offset += Self.blockSize
    }

    /// - Returns: the number of the error, 0 for none.
    private func write(_ bytes: UnsafeMutableRawPointer, count: Int, to descriptor: Int32, at place: Int) -> Int32 {
        var done = 0
        while done < count {
            let written = pwrite(descriptor, bytes + done, count - done, off_t(place + done))
            if written < 0 {
                if errno == EINTR { continue }
                return errno
            }
            done += written
        }
        return 0
    }
}

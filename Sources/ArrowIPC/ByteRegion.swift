/// A range of a file's bytes that is known to lie within the file.
struct ByteRegion: Sendable {
    let storage: ByteStorage
    /// From the start of the storage.
    let offset: Int
    let count: Int

    init(_ storage: ByteStorage) {
        self.storage = storage
        self.offset = 0
        self.count = storage.count
    }

    private init(storage: ByteStorage, offset: Int, count: Int) {
        self.storage = storage
        self.offset = offset
        self.count = count
    }

    /// An empty region of the same storage.
    var empty: ByteRegion { ByteRegion(storage: storage, offset: offset, count: 0) }

    /// The `length` bytes at `start` of this region.
    /// - Throws: `outOfBounds`, naming `part`, when they do not all lie in it.
    func subregion(at start: Int64, length: Int64, part: String) throws(ArrowError) -> ByteRegion {
        guard 0 <= start, 0 <= length, start <= Int64(count), length <= Int64(count) - start else {
            throw .outOfBounds(part: part, offset: start, length: length, available: count)
        }
        return ByteRegion(storage: storage, offset: offset + Int(start), count: Int(length))
    }

    func subregion(at start: Int, length: Int, part: String) throws(ArrowError) -> ByteRegion {
        try subregion(at: Int64(start), length: Int64(length), part: part)
    }

    /// The little-endian integer at `start`, aligned or not.
    func load<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type,
        at start: Int,
        part: String
    ) throws(ArrowError) -> Value {
        let width = MemoryLayout<Value>.size
        guard 0 <= start, start <= count, width <= count - start else {
            throw .outOfBounds(part: part, offset: Int64(start), length: Int64(width), available: count)
        }
        return Value(littleEndian: storage.base.loadUnaligned(fromByteOffset: offset + start, as: type))
    }

    func starts(with bytes: [UInt8]) -> Bool {
        withUnsafeBytes { $0.starts(with: bytes) }
    }

    func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { extendLifetime(storage) }
        return try body(UnsafeRawBufferPointer(start: storage.base + offset, count: count))
    }

    /// The first `count` elements, which must lie within the region, aligned or not.
    func copy<Element: BitwiseCopyable>(of element: Element.Type, count: Int) -> [Element] {
        withUnsafeBytes { bytes in
            [Element](unsafeUninitializedCapacity: count) { target, initialized in
                let source = UnsafeRawBufferPointer(rebasing: bytes.prefix(count * MemoryLayout<Element>.stride))
                UnsafeMutableRawBufferPointer(target).copyMemory(from: source)
                initialized = count
            }
        }
    }

    /// True when the first byte's address is a multiple of `alignment`.
    func isAligned(to alignment: Int) -> Bool {
        Int(bitPattern: storage.base + offset) % alignment == 0
    }
}

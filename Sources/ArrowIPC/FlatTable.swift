/// A table of the flatbuffers encoding, read from bytes that nobody vouches for: every offset is checked before it is
/// followed, and a table refers to others only when asked, so that no depth or cycle can trap the reader.
///
/// Format: https://flatbuffers.dev/internals
struct FlatTable: Sendable {
    private let region: ByteRegion
    /// What the bytes are, for errors.
    private let part: String
    private let position: Int
    private let size: Int
    private let vtable: Int
    private let vtableSize: Int

    /// The table at the root of a buffer.
    init(rootOf region: ByteRegion, part: String) throws(ArrowError) {
        let position = try region.load(UInt32.self, at: 0, part: part)
        try self.init(region: region, position: Int(position), part: part)
    }

    init(region: ByteRegion, position: Int, part: String) throws(ArrowError) {
        let vtable = position - Int(try region.load(Int32.self, at: position, part: part))
        let vtableSize = Int(try region.load(UInt16.self, at: vtable, part: part))
        let size = Int(try region.load(UInt16.self, at: vtable + 2, part: part))
        guard vtableSize >= 4, vtableSize % 2 == 0, size >= 4 else {
            throw .malformedMetadata(part: part, problem: "a table of \(size) bytes with a vtable of \(vtableSize)")
        }
        _ = try region.subregion(at: vtable, length: vtableSize, part: part)
        _ = try region.subregion(at: position, length: size, part: part)
        self.region = region
        self.part = part
        self.position = position
        self.size = size
        self.vtable = vtable
        self.vtableSize = vtableSize
    }

    /// The scalar in a slot, or its default where the writer left it out.
    func scalar<Value: FixedWidthInteger & BitwiseCopyable>(
        _ slot: Int,
        default defaultValue: Value
    ) throws(ArrowError) -> Value {
        guard let start = try start(of: slot, width: MemoryLayout<Value>.size) else { return defaultValue }
        return try region.load(Value.self, at: start, part: part)
    }

    func flag(_ slot: Int) throws(ArrowError) -> Bool {
        try scalar(slot, default: UInt8(0)) != 0
    }

    func table(_ slot: Int) throws(ArrowError) -> FlatTable? {
        guard let target = try target(of: slot) else { return nil }
        return try FlatTable(region: region, position: target, part: part)
    }

    /// - Throws: also when the string is not UTF-8.
    func string(_ slot: Int) throws(ArrowError) -> String? {
        guard let target = try target(of: slot) else { return nil }
        let length = try region.load(UInt32.self, at: target, part: part)
        let bytes = try region.subregion(at: target + 4, length: Int(length), part: part)
        guard let text = bytes.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }) else {
            throw .malformedMetadata(part: part, problem: "a string is not valid UTF-8")
        }
        return text
    }

    /// The vector in a slot, empty where the writer left it out.
    /// - Parameter stride: bytes of one element; 4 for offsets to tables.
    func vector(_ slot: Int, stride: Int) throws(ArrowError) -> FlatVector {
        guard let target = try target(of: slot) else {
            return FlatVector(region: region.empty, part: part, count: 0, stride: stride)
        }
        let count = Int(try region.load(UInt32.self, at: target, part: part))
        _ = try region.subregion(at: target + 4, length: count * stride, part: part)
        return FlatVector(region: region, part: part, count: count, stride: stride, start: target + 4)
    }

    /// Where the object begins that the offset in a slot leads to.
    private func target(of slot: Int) throws(ArrowError) -> Int? {
        guard let start = try start(of: slot, width: 4) else { return nil }
        return start + Int(try region.load(UInt32.self, at: start, part: part))
    }

    /// Where a slot's value stands; nil when the table has none.
    private func start(of slot: Int, width: Int) throws(ArrowError) -> Int? {
        let entry = 4 + 2 * slot
        guard entry + 2 <= vtableSize else { return nil }
        let offset = Int(try region.load(UInt16.self, at: vtable + entry, part: part))
        guard offset != 0 else { return nil }
        guard offset >= 4, offset + width <= size else {
            throw .malformedMetadata(part: part, problem: "slot \(slot) lies at \(offset) in a table of \(size) bytes")
        }
        return position + offset
    }
}

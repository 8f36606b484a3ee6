/// A vector of the flatbuffers encoding whose elements are known to lie within the bytes.
struct FlatVector: Sendable {
    private let region: ByteRegion
    private let part: String
    private let start: Int
    private let stride: Int
    let count: Int

    init(region: ByteRegion, part: String, count: Int, stride: Int, start: Int = 0) {
        self.region = region
        self.part = part
        self.count = count
        self.stride = stride
        self.start = start
    }

    /// Element `index` of a vector of tables.
    func table(_ index: Int) throws(ArrowError) -> FlatTable {
        let position = start + index * stride
        let offset = try region.load(UInt32.self, at: position, part: part)
        return try FlatTable(region: region, position: position + Int(offset), part: part)
    }

    /// A scalar within element `index` of a vector of structs.
    func scalar<Value: FixedWidthInteger & BitwiseCopyable>(
        _ index: Int,
        at byteOffset: Int = 0
    ) throws(ArrowError) -> Value {
        try region.load(Value.self, at: start + index * stride + byteOffset, part: part)
    }
}

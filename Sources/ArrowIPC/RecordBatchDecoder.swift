/// Reads the `RecordBatch` table of the format and finds each array's buffers in the message's body.
struct RecordBatchDecoder {
    /// What the schema says of one array of the batch.
    struct Column {
        let place: ArrowPlace
        let layout: ArrowLayout
    }

    private let part: String
    private let body: ByteRegion
    private let nodes: FlatVector
    private let buffers: FlatVector
    private let variadicCounts: FlatVector
    private var nextBuffer = 0
    private var nextVariadic = 0

    let length: Int
    private(set) var arrays: [ArrayData] = []

    /// - Throws: `compressedBody`, or an error of structure; the counts of arrays, rows and buffers must be those that
    ///   `columns` asks for, and every buffer long enough for the rows.
    init(_ table: FlatTable, body: ByteRegion, columns: [Column], part: String) throws(ArrowError) {
        if let compression = try table.table(3) {
            throw .compressedBody(codec: try compression.scalar(0, default: Int8(0)) == 0 ? "lz4" : "zstd")
        }
        self.part = part
        self.body = body
        let length = try table.scalar(0, default: Int64(0))
        guard length >= 0 else {
            throw .invalidLength(part: part, got: length, expected: 0...Int64.max)
        }
        self.length = Int(length)
        nodes = try table.vector(1, stride: 16)
        buffers = try table.vector(2, stride: 16)
        variadicCounts = try table.vector(4, stride: 8)
        try Self.check("arrays of the \(part)", got: nodes.count, expected: columns.count)
        arrays.reserveCapacity(columns.count)
        for (index, column) in columns.enumerated() { try append(column, node: index) }
        try Self.check("buffers of the \(part)", got: buffers.count, expected: nextBuffer)
        try Self.check("variadic counts of the \(part)", got: variadicCounts.count, expected: nextVariadic)
    }

    private mutating func append(_ column: Column, node: Int) throws(ArrowError) {
        let rows: Int64 = try nodes.scalar(node)
        let nulls: Int64 = try nodes.scalar(node, at: 8)
        try Self.check("rows of \(column.place)", got: Int(rows), expected: length)
        guard 0 <= nulls, nulls <= rows else {
            throw .invalidLength(part: "null count of \(column.place)", got: nulls, expected: 0...rows)
        }
        let validity = try takeBuffer()
        if validity.count > 0 || nulls > 0 {
            try Self.check(validity, "validity", byteCount: bitmapByteCount(forLength: length), column.place)
        }
        let values = try takeBuffer()
        try Self.check(values, "first", byteCount: column.layout.byteCount(forLength: length), column.place)
        var all = [values]
        for _ in 0..<(try extraBufferCount(column.layout)) { all.append(try takeBuffer()) }
        arrays.append(ArrayData(length: length, nullCount: Int(nulls), validity: validity, buffers: all))
    }

    /// Buffers after the first two.
    private mutating func extraBufferCount(_ layout: ArrowLayout) throws(ArrowError) -> Int {
        switch layout {
        case .bits, .fixedWidth: return 0
        case .text(.utf8), .text(.largeUtf8): return 1
        case .text(.utf8View):
            guard nextVariadic < variadicCounts.count else {
                throw .countMismatch(
                    part: "variadic counts of the \(part)",
                    got: variadicCounts.count,
                    expected: nextVariadic + 1
                )
            }
            let count: Int64 = try variadicCounts.scalar(nextVariadic)
            nextVariadic += 1
            let remaining = Int64(buffers.count - nextBuffer)
            guard 0 <= count, count <= remaining else {
                throw .invalidLength(part: "variadic buffers of the \(part)", got: count, expected: 0...remaining)
            }
            return Int(count)
        }
    }

    private mutating func takeBuffer() throws(ArrowError) -> ByteRegion {
        guard nextBuffer < buffers.count else {
            throw .countMismatch(part: "buffers of the \(part)", got: buffers.count, expected: nextBuffer + 1)
        }
        let offset: Int64 = try buffers.scalar(nextBuffer)
        let length: Int64 = try buffers.scalar(nextBuffer, at: 8)
        nextBuffer += 1
        return try body.subregion(at: offset, length: length, part: "buffer of the \(part)")
    }

    private static func check(_ part: String, got: Int, expected: Int) throws(ArrowError) {
        guard got == expected else { throw .countMismatch(part: part, got: got, expected: expected) }
    }

    private static func check(
        _ buffer: ByteRegion,
        _ name: String,
        byteCount: Int?,
        _ place: ArrowPlace
    ) throws(ArrowError) {
        guard let byteCount, byteCount <= buffer.count else {
            throw .bufferTooShort(
                place: place,
                buffer: name,
                byteCount: buffer.count,
                expectedAtLeast: byteCount ?? Int.max
            )
        }
    }
}

/// Where the delimiters, quotes and line ends of a block stand.
///
/// Sixteen bytes are compared at a time; what comes out is a list of positions, in order, with which rows are cut without
/// looking at the bytes in between.
///
/// Masks are taken apart into words at once: bitwise operations on masks that were cast to vectors of bytes were seen to be
/// compiled lane by lane, which made this step seven times as dear.
struct LineStructure: ~Copyable {
    /// Offsets from the start of the text.
    private(set) var positions: UnsafeMutablePointer<UInt32>
    private(set) var count = 0
    /// Upper bound of the rows: the line ends, and a last row without one.
    private(set) var rowCapacity = 1
    /// Whether some byte is NUL or beyond ASCII.
    private(set) var hasOddBytes = false
    private var capacity: Int

    init() {
        capacity = 1 << 16
        positions = .allocate(capacity: capacity)
    }

    deinit { positions.deallocate() }

    /// Finds the structure of a block; its text must be shorter than 2 GiB.
    mutating func scan(_ block: TextBlock, delimiter: UInt8) {
        count = 0
        rowCapacity = 1
        guard let bytes = block.buffer.baseAddress else { return }
        let lanes = 16
        let delimiters = SIMD16<UInt8>(repeating: delimiter)
        let quotes = SIMD16<UInt8>(repeating: 0x22)
        let feeds = SIMD16<UInt8>(repeating: 0x0A)
        let returns = SIMD16<UInt8>(repeating: 0x0D)
        var union = SIMD16<UInt8>(repeating: 0)
        let nothing = SIMD16<UInt8>(repeating: 0)
        // Not zero where a NUL byte was.
        var zeros: UInt64 = 0
        // Line ends by lane; a lane overflows after 255 steps.
        var rows = SIMD16<UInt8>(repeating: 0)
        var steps = 0
        var position = 0
        while position + lanes <= block.count {
            if count + lanes > capacity { grow() }
            let chunk = UnsafeRawPointer(bytes + position).loadUnaligned(as: SIMD16<UInt8>.self)
            union |= chunk
            let zeroHalves = unsafeBitCast(chunk .== nothing, to: SIMD2<UInt64>.self)
            zeros |= zeroHalves[0] | zeroHalves[1]
            let lineEnds = (chunk .== feeds) .| (chunk .== returns)
            rows &-= unsafeBitCast(lineEnds, to: SIMD16<UInt8>.self)
            let found = (chunk .== delimiters) .| (chunk .== quotes) .| lineEnds
            let halves = unsafeBitCast(found, to: SIMD2<UInt64>.self)
            append(halves[0], at: position)
            append(halves[1], at: position + 8)
            position += lanes
            steps += 1
            if steps == 255 {
                rowCapacity += Self.sum(rows)
                rows = SIMD16(repeating: 0)
                steps = 0
            }
        }
        rowCapacity += Self.sum(rows)
        hasOddBytes = union.max() >= 0x80 || zeros != 0
        if count + lanes > capacity { grow() }
        while position < block.count {
            let byte = bytes[position]
            if byte == 0 || byte >= 0x80 { hasOddBytes = true }
            if byte == delimiter || byte == 0x22 || byte == 0x0A || byte == 0x0D {
                positions[count] = UInt32(truncatingIfNeeded: position)
                count += 1
                rowCapacity += byte == 0x0A || byte == 0x0D ? 1 : 0
            }
            position += 1
        }
    }

    private static func sum(_ lanes: SIMD16<UInt8>) -> Int {
        lanes.indices.reduce(0) { $0 + Int(lanes[$1]) }
    }

    /// Appends the positions of the bytes of a mask that are all ones.
    @inline(__always)
    private mutating func append(_ mask: UInt64, at start: Int) {
        var rest = mask & 0x8080_8080_8080_8080
        while rest != 0 {
            positions[count] = UInt32(truncatingIfNeeded: start + rest.trailingZeroBitCount >> 3)
            count += 1
            rest &= rest &- 1
        }
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity * 2)
        larger.update(from: positions, count: count)
        positions.deallocate()
        positions = larger
        capacity *= 2
    }
}

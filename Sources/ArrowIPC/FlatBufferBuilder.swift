/// Lays out a tree of nodes in the flatbuffers encoding, parents before children, every scalar aligned to its width.
///
/// Format: https://flatbuffers.dev/internals
struct FlatBufferBuilder {
    private var bytes: [UInt8] = []

    static func serialize(_ root: FlatNode) -> [UInt8] {
        var builder = FlatBufferBuilder()
        builder.append(UInt32(0))
        builder.patch(at: 0, target: builder.write(root))
        return builder.bytes
    }

    /// Returns the position of the node.
    private mutating func write(_ node: FlatNode) -> Int {
        switch node {
        case .table(let slots): return writeTable(slots)
        case .string(let text): return writeString(text)
        case .vector(let elements): return writeVector(elements)
        case .structs(let words, let wordsEach): return writeStructs(words, wordsEach: wordsEach)
        }
    }

    /// The vtable stands right in front of its table; fields go widest first, which aligns them without gaps.
    private mutating func writeTable(_ slots: [FlatSlot]) -> Int {
        let order = slots.indices.filter { slots[$0].width > 0 }.sorted {
            (slots[$1].width, $0) < (slots[$0].width, $1)
        }
        var offsets = [Int](repeating: 0, count: slots.count)
        var size = 4
        for index in order {
            offsets[index] = size
            size += slots[index].width
        }
        let vtableSize = 4 + 2 * slots.count
        let hasLong = order.first.map { slots[$0].width == 8 } ?? false
        pad(ahead: vtableSize + 4, alignment: hasLong ? 8 : 4)

        append(UInt16(truncatingIfNeeded: vtableSize))
        append(UInt16(truncatingIfNeeded: size))
        for offset in offsets { append(UInt16(truncatingIfNeeded: offset)) }
        let position = bytes.count
        append(Int32(truncatingIfNeeded: vtableSize))
        for index in order { appendInline(slots[index]) }
        for index in order {
            guard case .node(let child) = slots[index] else { continue }
            patch(at: position + offsets[index], target: write(child))
        }
        return position
    }

    private mutating func writeString(_ text: String) -> Int {
        pad(ahead: 0, alignment: 4)
        let position = bytes.count
        append(UInt32(truncatingIfNeeded: text.utf8.count))
        bytes.append(contentsOf: text.utf8)
        bytes.append(0)
        return position
    }

    private mutating func writeVector(_ elements: [FlatNode]) -> Int {
        pad(ahead: 0, alignment: 4)
        let position = bytes.count
        append(UInt32(truncatingIfNeeded: elements.count))
        bytes.append(contentsOf: repeatElement(0, count: elements.count * 4))
        for (index, element) in elements.enumerated() {
            patch(at: position + 4 + index * 4, target: write(element))
        }
        return position
    }

    private mutating func writeStructs(_ words: [Int64], wordsEach: Int) -> Int {
        pad(ahead: 4, alignment: 8)
        let position = bytes.count
        append(UInt32(truncatingIfNeeded: words.count / wordsEach))
        for word in words { append(word) }
        return position
    }

    private mutating func appendInline(_ slot: FlatSlot) {
        switch slot {
        case .absent: break
        case .byte(let value): append(value)
        case .short(let value): append(value)
        case .int(let value): append(value)
        case .long(let value): append(value)
        case .node: append(UInt32(0))
        }
    }

    private mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Pads so that what comes `ahead` bytes further on is aligned.
    private mutating func pad(ahead: Int, alignment: Int) {
        let excess = (bytes.count + ahead) % alignment
        if excess > 0 { bytes.append(contentsOf: repeatElement(0, count: alignment - excess)) }
    }

    /// Writes the distance from `position` to `target`, which lies further on, over the placeholder at `position`.
    private mutating func patch(at position: Int, target: Int) {
        let distance = UInt32(truncatingIfNeeded: target - position)
        for index in 0..<4 { bytes[position + index] = UInt8(truncatingIfNeeded: distance >> UInt32(8 * index)) }
    }
}

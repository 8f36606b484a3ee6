@testable import ArrowIPC

extension ForgedFile {
    /// Three rows of one text column in any of the three layouts: "short", null, `long`.
    static func text(_ type: ArrowTextType, long: String = "more than twelve bytes ü") -> ForgedFile {
        let bytes = Array(long.utf8)
        let end = 5 + bytes.count
        var batch = Batch(length: 3, nodes: [(3, 1)], buffers: [[0b101]])
        switch type {
        case .utf8:
            batch.buffers += [littleEndian(Int32(0), 5, 5, Int32(end)), Array("short".utf8) + bytes]
        case .largeUtf8:
            batch.buffers += [littleEndian(Int64(0), 5, 5, Int64(end)), Array("short".utf8) + bytes]
        case .utf8View:
            let views = inlineView("short") + [UInt8](repeating: 0xFF, count: 16) + view(bytes, buffer: 1, offset: 3)
            batch.buffers += [views, [], [1, 2, 3] + bytes]
            batch.variadicCounts = [2]
        }
        var file = ForgedFile([ArrowField(name: "t", type: .text(type))])
        file.batches = [batch]
        return file
    }

    static func inlineView(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        return littleEndian(Int32(bytes.count)) + bytes + [UInt8](repeating: 0, count: 12 - bytes.count)
    }

    static func view(_ bytes: [UInt8], buffer: Int32, offset: Int32) -> [UInt8] {
        littleEndian(Int32(bytes.count)) + bytes.prefix(4) + littleEndian(buffer, offset)
    }

    /// One column of one integer type: the type's least and greatest value.
    static func integers(_ type: ArrowIntegerType) -> ForgedFile {
        let values: [UInt8] =
            switch type {
            case .int8: littleEndian(Int8.min, .max)
            case .int16: littleEndian(Int16.min, .max)
            case .int32: littleEndian(Int32.min, .max)
            case .int64: littleEndian(Int64.min, .max)
            case .uint8: littleEndian(UInt8.min, .max)
            case .uint16: littleEndian(UInt16.min, .max)
            case .uint32: littleEndian(UInt32.min, .max)
            case .uint64: littleEndian(UInt64.min, .max)
            }
        var file = ForgedFile([ArrowField(name: "n", type: .integer(type))])
        file.batches = [Batch(length: 2, nodes: [(2, 0)], buffers: [[], values])]
        return file
    }

    /// Three rows with the codes 0, 2, 1 of a dictionary in two parts, "a" "b" and, as a delta, "c".
    static func dictionary(index: ArrowIntegerType = .uint8, codes: [UInt8] = [0, 2, 1]) -> ForgedFile {
        var file = ForgedFile([ArrowField(name: "d", type: .dictionary(index: index, values: .utf8))])
        let first = Batch(length: 2, nodes: [(2, 0)], buffers: [[], littleEndian(Int32(0), 1, 2), Array("ab".utf8)])
        let delta = Batch(length: 1, nodes: [(1, 0)], buffers: [[], littleEndian(Int32(0), 1), Array("c".utf8)])
        file.dictionaries = [(0, false, first), (0, true, delta)]
        let wide = codes.flatMap { [$0] + [UInt8](repeating: 0, count: index.byteWidth - 1) }
        file.batches = [Batch(length: codes.count, nodes: [(codes.count, 0)], buffers: [[], wide])]
        return file
    }

    /// Two float64 columns of two rows.
    static func doubles() -> ForgedFile {
        var file = ForgedFile([ArrowField(name: "x", type: .float64), ArrowField(name: "y", type: .float64)])
        file.batches = [
            Batch(
                length: 2,
                nodes: [(2, 0), (2, 0)],
                buffers: [[], littleEndian(1.5, 2.5), [], littleEndian(3.5, 4.5)]
            )
        ]
        return file
    }

    /// A schema of one column whose `Field` table is given slot by slot.
    static func field(_ slots: [FlatSlot], endianness: Int16 = 0) -> ForgedFile {
        ForgedFile(schema: .table([.short(endianness), .node(.vector([.table(slots)]))]))
    }
}

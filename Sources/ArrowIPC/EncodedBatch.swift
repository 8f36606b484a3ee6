/// A record batch ready to be written: the buffers of its arrays and where each lies in the body.
///
/// Every buffer starts at a multiple of 64 bytes and is padded to one. A column of floats without nulls has one buffer,
/// so contiguous columns of the same width start at equal distances.
struct EncodedBatch {
    static let alignment = 64

    let length: Int
    let arrays: [EncodedArray]

    var buffers: [BodyBuffer] { arrays.flatMap(\.buffers) }

    var bodyLength: Int {
        arrays.reduce(0) { total, array in
            array.buffers.reduce(total) { $0 + Self.padded($1.byteCount) }
        }
    }

    /// The `RecordBatch` table of the format.
    var header: FlatNode {
        var nodes: [Int64] = []
        var locations: [Int64] = []
        var offset = 0
        for array in arrays {
            nodes += [Int64(array.length), Int64(array.nullCount)]
            for buffer in array.buffers {
                locations += [Int64(offset), Int64(buffer.byteCount)]
                offset += Self.padded(buffer.byteCount)
            }
        }
        return .table([
            .long(Int64(length)),
            .node(.structs(nodes, wordsEach: 2)),
            .node(.structs(locations, wordsEach: 2)),
        ])
    }

    static func padded(_ byteCount: Int) -> Int {
        (byteCount + alignment - 1) / alignment * alignment
    }
}

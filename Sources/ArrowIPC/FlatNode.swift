/// An object of the flatbuffers encoding that is yet to be laid out.
indirect enum FlatNode {
    /// Slots in the order of the format's definition of the table.
    case table([FlatSlot])
    case string(String)
    case vector([FlatNode])
    /// A vector of structs, each of `wordsEach` 64-bit words.
    case structs([Int64], wordsEach: Int)
}

/// One slot of a table.
enum FlatSlot {
    case absent
    case byte(UInt8)
    case short(Int16)
    case int(Int32)
    case long(Int64)
    case node(FlatNode)

    static func flag(_ value: Bool) -> FlatSlot { .byte(value ? 1 : 0) }

    /// Bytes within the table; a node takes the four of its offset.
    var width: Int {
        switch self {
        case .absent: 0
        case .byte: 1
        case .short: 2
        case .int, .node: 4
        case .long: 8
        }
    }
}

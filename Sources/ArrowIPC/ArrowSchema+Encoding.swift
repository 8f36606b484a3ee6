extension ArrowSchema {
    /// The `Schema` table of the format. The id of a column's dictionary is the column's number.
    var encoded: FlatNode {
        .table([
            .short(0),
            .node(.vector(fields.enumerated().map { $1.encoded(dictionaryID: Int64($0)) })),
            metadata.isEmpty ? .absent : .node(.vector(metadata.map(\.encoded))),
        ])
    }
}

extension ArrowKeyValue {
    fileprivate var encoded: FlatNode {
        .table([.node(.string(key)), .node(.string(value))])
    }
}

extension ArrowField {
    fileprivate func encoded(dictionaryID: Int64) -> FlatNode {
        let (tag, table) = type.encoded
        let encoding: FlatSlot
        if case .dictionary(let index, _) = type {
            encoding = .node(.table([.long(dictionaryID), .node(index.encoded), .flag(false)]))
        } else {
            encoding = .absent
        }
        return .table([
            .node(.string(name)), .flag(isNullable), .byte(tag), .node(table), encoding, .node(.vector([])),
        ])
    }
}

extension ArrowType {
    /// Member of the `Type` union and its table.
    fileprivate var encoded: (tag: UInt8, table: FlatNode) {
        switch self {
        case .integer(let integer): (ArrowFormat.TypeTag.integer, integer.encoded)
        case .float32: (ArrowFormat.TypeTag.floatingPoint, .table([.short(1)]))
        case .float64: (ArrowFormat.TypeTag.floatingPoint, .table([.short(2)]))
        case .bool: (ArrowFormat.TypeTag.bool, .table([]))
        case .text(let text), .dictionary(_, let text): (text.encodedTag, .table([]))
        case .date32: (ArrowFormat.TypeTag.date, .table([.short(0)]))
        case .timestamp(let unit, let timeZone):
            (
                ArrowFormat.TypeTag.timestamp,
                .table([.short(unit.rawValue), timeZone.map { .node(.string($0)) } ?? .absent])
            )
        }
    }
}

extension ArrowTextType {
    fileprivate var encodedTag: UInt8 {
        switch self {
        case .utf8: ArrowFormat.TypeTag.utf8
        case .largeUtf8: ArrowFormat.TypeTag.largeUtf8
        case .utf8View: ArrowFormat.TypeTag.utf8View
        }
    }
}

extension ArrowIntegerType {
    fileprivate var encoded: FlatNode {
        .table([.int(Int32(byteWidth * 8)), .flag(isSigned)])
    }
}

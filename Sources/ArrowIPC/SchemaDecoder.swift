/// Reads the `Schema` table of the format.
struct SchemaDecoder {
    private static let part = "schema"

    /// What is left of the bytes that names and metadata may take. A sound file has each string once; a forged one
    /// could refer to a long string from every field and make a small file fill the memory.
    private var textBudget: Int

    private(set) var schema = ArrowSchema(fields: [])
    /// Dictionary of each column, nil where it has none.
    private(set) var dictionaryIDs: [Int64?] = []

    /// - Parameter metadataByteCount: bytes of the flatbuffer that holds the table.
    init(_ table: FlatTable, metadataByteCount: Int) throws(ArrowError) {
        textBudget = 16 * metadataByteCount
        guard try table.scalar(0, default: Int16(0)) == 0 else { throw .bigEndian }
        let fields = try table.vector(1, stride: 4)
        for index in 0..<fields.count { try append(field: try fields.table(index)) }
        let metadata = try table.vector(2, stride: 4)
        for index in 0..<metadata.count {
            let entry = try metadata.table(index)
            schema.metadata.append(ArrowKeyValue(key: try text(entry, 0) ?? "", value: try text(entry, 1) ?? ""))
        }
    }

    private mutating func append(field: FlatTable) throws(ArrowError) {
        let name = try text(field, 0) ?? ""
        let tag = try field.scalar(2, default: UInt8(0))
        var type = try decodeType(tag, table: try field.table(3), column: name)
        if let encoding = try field.table(4) {
            guard case .text(let values) = type else {
                throw .unsupportedType(column: name, type: "dictionary of \(type)")
            }
            type = .dictionary(index: try decodeInteger(try encoding.table(1), column: name), values: values)
            dictionaryIDs.append(try encoding.scalar(0, default: Int64(0)))
        } else {
            dictionaryIDs.append(nil)
        }
        let childCount = try field.vector(5, stride: 4).count
        guard childCount == 0 else {
            throw .countMismatch(part: "children of column \"\(name)\"", got: childCount, expected: 0)
        }
        schema.fields.append(ArrowField(name: name, type: type, isNullable: try field.flag(1)))
    }

    private mutating func decodeType(
        _ tag: UInt8,
        table: FlatTable?,
        column: String
    ) throws(ArrowError) -> ArrowType {
        switch tag {
        case ArrowFormat.TypeTag.integer: return .integer(try decodeInteger(table, column: column))
        case ArrowFormat.TypeTag.floatingPoint: return try decodeFloatingPoint(table, column: column)
        case ArrowFormat.TypeTag.utf8: return .text(.utf8)
        case ArrowFormat.TypeTag.largeUtf8: return .text(.largeUtf8)
        case ArrowFormat.TypeTag.utf8View: return .text(.utf8View)
        case ArrowFormat.TypeTag.bool: return .bool
        case ArrowFormat.TypeTag.date:
            guard try table?.scalar(0, default: Int16(1)) == 0 else {
                throw .unsupportedType(column: column, type: "date64")
            }
            return .date32
        case ArrowFormat.TypeTag.timestamp:
            guard let table, let unit = ArrowTimeUnit(rawValue: try table.scalar(0, default: Int16(0))) else {
                throw .malformedMetadata(part: Self.part, problem: "column \"\(column)\" has no unit of time")
            }
            return .timestamp(unit, timeZone: try text(table, 1))
        default:
            throw .unsupportedType(column: column, type: ArrowFormat.typeName(tag))
        }
    }

    /// A dictionary without an index type has 32-bit signed indices.
    private func decodeInteger(_ table: FlatTable?, column: String) throws(ArrowError) -> ArrowIntegerType {
        guard let table else { return .int32 }
        let width = try table.scalar(0, default: Int32(0))
        guard let type = ArrowIntegerType(bitWidth: width, isSigned: try table.flag(1)) else {
            throw .unsupportedType(column: column, type: "int of \(width) bits")
        }
        return type
    }

    private func decodeFloatingPoint(_ table: FlatTable?, column: String) throws(ArrowError) -> ArrowType {
        switch try table?.scalar(0, default: Int16(0)) {
        case 1: return .float32
        case 2: return .float64
        default: throw .unsupportedType(column: column, type: "float16")
        }
    }

    private mutating func text(_ table: FlatTable, _ slot: Int) throws(ArrowError) -> String? {
        let text = try table.string(slot)
        textBudget -= text?.utf8.count ?? 0
        guard textBudget >= 0 else {
            throw .malformedMetadata(
                part: Self.part,
                problem: "names and metadata refer to the same bytes over and over"
            )
        }
        return text
    }
}

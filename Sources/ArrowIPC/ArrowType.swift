/// The logical type of a column: those of Arrow's types that this module reads.
public enum ArrowType: Hashable, Sendable {
    case integer(ArrowIntegerType)
    case float32
    case float64
    case bool
    case text(ArrowTextType)
    /// Days since 1970-01-01, 32 bits.
    case date32
    /// Ticks since 1970-01-01T00:00:00 UTC, or of the wall clock when there is no time zone; 64 bits.
    case timestamp(ArrowTimeUnit, timeZone: String? = nil)
    /// Each row is an index into a list of texts that the file holds once.
    case dictionary(index: ArrowIntegerType, values: ArrowTextType)

    public static let int32 = ArrowType.integer(.int32)
    public static let int64 = ArrowType.integer(.int64)
    public static let utf8 = ArrowType.text(.utf8)
    /// The dictionary-encoded text that `ArrowFileWriter` writes: 32-bit indices, 32-bit offsets.
    public static let dictionary = ArrowType.dictionary(index: .int32, values: .utf8)

    /// True when `ArrowFileWriter` can write columns of this type.
    public var isWritable: Bool {
        switch self {
        case .integer(.int32), .integer(.int64), .text(.utf8), .dictionary(index: .int32, values: .utf8): true
        case .float32, .float64, .bool, .date32, .timestamp: true
        case .integer, .text, .dictionary: false
        }
    }

    /// How the values of one record batch lie in memory.
    var layout: ArrowLayout {
        switch self {
        case .integer(let integer): .fixedWidth(integer.byteWidth)
        case .float32, .date32: .fixedWidth(4)
        case .float64, .timestamp: .fixedWidth(8)
        case .bool: .bits
        case .text(let text): .text(text)
        case .dictionary(let index, _): .fixedWidth(index.byteWidth)
        }
    }
}

extension ArrowType: CustomStringConvertible {
    public var description: String {
        switch self {
        case .integer(let integer): integer.rawValue
        case .float32: "float32"
        case .float64: "float64"
        case .bool: "bool"
        case .text(let text): text.rawValue
        case .date32: "date32"
        case .timestamp(let unit, nil): "timestamp[\(unit)]"
        case .timestamp(let unit, let timeZone?): "timestamp[\(unit), \(timeZone)]"
        case .dictionary(let index, let values): "dictionary<\(index.rawValue), \(values.rawValue)>"
        }
    }
}

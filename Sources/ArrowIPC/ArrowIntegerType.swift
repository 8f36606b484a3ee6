/// The width and signedness of an Arrow `Int`.
public enum ArrowIntegerType: String, Hashable, Sendable, CaseIterable {
    case int8, int16, int32, int64
    case uint8, uint16, uint32, uint64

    /// Bytes of one value: 1, 2, 4 or 8.
    public var byteWidth: Int {
        switch self {
        case .int8, .uint8: 1
        case .int16, .uint16: 2
        case .int32, .uint32: 4
        case .int64, .uint64: 8
        }
    }

    public var isSigned: Bool {
        switch self {
        case .int8, .int16, .int32, .int64: true
        case .uint8, .uint16, .uint32, .uint64: false
        }
    }

    /// Nil when Arrow has no integer of that width.
    init?(bitWidth: Int32, isSigned: Bool) {
        guard let match = Self.allCases.first(where: { $0.byteWidth * 8 == Int(bitWidth) && $0.isSigned == isSigned })
        else { return nil }
        self = match
    }
}

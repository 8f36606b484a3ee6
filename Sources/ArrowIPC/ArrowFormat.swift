/// Constants of the Arrow IPC format.
///
/// Format: https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc
enum ArrowFormat {
    /// `ARROW1`, at both ends of a file.
    static let magic: [UInt8] = [0x41, 0x52, 0x52, 0x4F, 0x57, 0x31]
    /// `FEA1`, at the start of the older Feather format.
    static let featherVersion1Magic: [UInt8] = [0x46, 0x45, 0x41, 0x31]
    /// Magic, padded to eight bytes.
    static let headerByteCount = 8
    /// Length of the footer and magic.
    static let trailerByteCount = 10
    /// Header, footer of at least four bytes, trailer.
    static let minimumByteCount = headerByteCount + 4 + trailerByteCount
    /// Stands in front of every message's length.
    static let continuation: UInt32 = 0xFFFF_FFFF
    static let endOfStream: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]

    /// V4 and V5, counted from 0 for V1. They differ only in unions, which are not read.
    static let supportedVersions: ClosedRange<Int16> = 3...4
    static let writtenVersion: Int16 = 4

    /// The `MessageHeader` union.
    enum Message: UInt8 {
        case schema = 1
        case dictionaryBatch = 2
        case recordBatch = 3
    }

    /// The members of the `Type` union that are read.
    enum TypeTag {
        static let integer: UInt8 = 2
        static let floatingPoint: UInt8 = 3
        static let utf8: UInt8 = 5
        static let bool: UInt8 = 6
        static let date: UInt8 = 8
        static let timestamp: UInt8 = 10
        static let largeUtf8: UInt8 = 20
        static let utf8View: UInt8 = 24
    }

    /// Names of the `Type` union's members, for messages.
    static func typeName(_ tag: UInt8) -> String {
        let names = [
            "none", "null", "int", "floating point", "binary", "utf8", "bool", "decimal", "date", "time", "timestamp",
            "interval", "list", "struct", "union", "fixed size binary", "fixed size list", "map", "duration",
            "large binary", "large utf8", "large list", "run-end encoded", "binary view", "utf8 view", "list view",
            "large list view",
        ]
        return Int(tag) < names.count ? names[Int(tag)] : "unknown (\(tag))"
    }
}

/// One buffer of a message body, held in whatever form it came so that it is never copied before it is written.
enum BodyBuffer {
    case bytes([UInt8])
    case int32([Int32])
    case int64([Int64])
    case float32([Float])
    case float64([Double])
    case memory(UnsafeRawBufferPointer)

    var byteCount: Int {
        switch self {
        case .bytes(let values): values.count
        case .int32(let values): values.count * 4
        case .int64(let values): values.count * 8
        case .float32(let values): values.count * 4
        case .float64(let values): values.count * 8
        case .memory(let bytes): bytes.count
        }
    }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        switch self {
        case .bytes(let values): try values.withUnsafeBytes(body)
        case .int32(let values): try values.withUnsafeBytes(body)
        case .int64(let values): try values.withUnsafeBytes(body)
        case .float32(let values): try values.withUnsafeBytes(body)
        case .float64(let values): try values.withUnsafeBytes(body)
        case .memory(let bytes): try body(bytes)
        }
    }
}

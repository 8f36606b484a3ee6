/// The physical layout of an array: which buffers follow its validity bitmap.
enum ArrowLayout: Hashable, Sendable {
    /// One buffer, one bit a value.
    case bits
    /// One buffer, this many bytes a value.
    case fixedWidth(Int)
    /// Offsets and data, or views and any number of data buffers.
    case text(ArrowTextType)

    /// Bytes that the first buffer after the validity bitmap must have for `length` values; nil on overflow.
    func byteCount(forLength length: Int) -> Int? {
        switch self {
        case .bits:
            return bitmapByteCount(forLength: length)
        case .fixedWidth(let width):
            return product(length, width)
        case .text(.utf8View):
            return product(length, 16)
        case .text(.utf8):
            return length == 0 ? 0 : offsets(length, width: 4)
        case .text(.largeUtf8):
            return length == 0 ? 0 : offsets(length, width: 8)
        }
    }

    private func offsets(_ length: Int, width: Int) -> Int? {
        let (count, overflow) = length.addingReportingOverflow(1)
        return overflow ? nil : product(count, width)
    }

    private func product(_ count: Int, _ width: Int) -> Int? {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: width)
        return overflow ? nil : bytes
    }
}

/// Bytes of a bitmap of `length` bits, without overflow for any length that is not negative.
func bitmapByteCount(forLength length: Int) -> Int {
    length / 8 + (length % 8 == 0 ? 0 : 1)
}

/// Windows-1252 and ISO 8859-1 as Unicode.
enum SingleByteEncoding {
    /// 0x80-0x9F of Windows-1252 (unicode.org's CP1252.TXT); the five unassigned bytes stay control characters.
    private static let windows1252: [UInt32] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,
        0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
        0x0153, 0x9D, 0x017E, 0x0178,
    ]

    static func scalar(_ byte: UInt8, _ encoding: DelimitedDialect.Encoding) -> Unicode.Scalar {
        if encoding == .windows1252, (0x80...0x9F).contains(byte) {
            return Unicode.Scalar(windows1252[Int(byte) - 0x80]) ?? "?"
        }
        return Unicode.Scalar(byte)
    }

    /// Writes single-byte characters as UTF-8.
    /// - Parameter target: must have room for three bytes a character.
    /// - Returns: the bytes written.
    static func transcode(
        _ source: UnsafeBufferPointer<UInt8>,
        _ encoding: DelimitedDialect.Encoding,
        into target: UnsafeMutableBufferPointer<UInt8>
    ) -> Int {
        precondition(target.count >= source.count * 3, "a character may take three bytes")
        var count = 0
        for byte in source {
            if byte < 0x80 {
                target[count] = byte
                count += 1
                continue
            }
            for unit in UTF8.encode(scalar(byte, encoding)) ?? .init([0x3F]) {
                target[count] = unit
                count += 1
            }
        }
        return count
    }

    /// Appends single-byte characters to a block.
    static func transcode(
        _ source: UnsafeBufferPointer<UInt8>,
        _ encoding: DelimitedDialect.Encoding,
        into block: TextBlock
    ) {
        let room = UnsafeMutableBufferPointer(rebasing: block.buffer[block.count..<block.capacity])
        block.count += transcode(source, encoding, into: room)
    }
}

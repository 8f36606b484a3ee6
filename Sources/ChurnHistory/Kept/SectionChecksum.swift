/// A 64-bit checksum of a section of a kept index: four lanes of eight bytes, each multiplied and folded.
///
/// It finds damage, not forgery.
enum SectionChecksum {
    static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
        var a: UInt64 = 1
        var b: UInt64 = 2
        var c: UInt64 = 3
        var d: UInt64 = 4
        var offset = 0
        func word(_ place: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
        }
        while offset + 32 <= bytes.count {
            a = mixed(a ^ word(offset), factor)
            b = mixed(b ^ word(offset + 8), factor)
            c = mixed(c ^ word(offset + 16), factor)
            d = mixed(d ^ word(offset + 24), factor)
            offset += 32
        }
        var rest = UInt64(truncatingIfNeeded: bytes.count)
        while offset < bytes.count {
            rest = mixed(rest ^ UInt64(bytes[offset]), factor)
            offset += 1
        }
        return [a, b, c, d].reduce(rest) { mixed($0 ^ $1, factor) }
    }

    @inline(__always)
    private static func mixed(_ value: UInt64, _ factor: UInt64) -> UInt64 {
        let product = value &* factor
        return product ^ product >> 32
    }
}

/// A 64-bit hash of a customer's id: which partition the customer's events go to, and where he stands in its table.
enum CustomerHash {
    /// - Parameter bytes: behind the id at least seven bytes more may be loaded.
    @inline(__always)
    static func hash(_ bytes: UnsafePointer<UInt8>, count: Int) -> UInt64 {
        let raw = UnsafeRawPointer(bytes)
        var hash: UInt64 = 0x2D35_8DCC_AA6C_78A5 ^ UInt64(truncatingIfNeeded: count)
        var offset = 0
        while offset &+ 8 <= count {
            hash = fold(hash ^ word(raw, offset))
            offset &+= 8
        }
        if offset < count {
            let mask = (UInt64(1) << UInt64(truncatingIfNeeded: (count &- offset) &* 8)) &- 1
            hash = fold(hash ^ (word(raw, offset) & mask))
        }
        return hash ^ hash >> 29
    }

    @inline(__always)
    private static func word(_ raw: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inline(__always)
    private static func fold(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
        return product.low ^ product.high
    }
}

/// A 128-bit fingerprint of a byte string: two multiply-and-fold hashes with different constants, eight bytes a step.
struct RowHash: Hashable, Sendable {
    let low: UInt64
    let high: UInt64

    /// What stands where there is no fingerprint.
    static let none = RowHash(low: 0, high: 0)

    private init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        let raw = UnsafeRawBufferPointer(bytes)
        var a: UInt64 = 0x2D35_8DCC_AA6C_78A5 ^ UInt64(raw.count)
        var b: UInt64 = 0x8BB8_4B93_962E_ACC9 &+ UInt64(raw.count)
        var offset = 0
        while offset + 8 <= raw.count {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            a = Self.fold(a ^ word, 0xA076_1D64_78BD_642F)
            b = Self.fold(b ^ word, 0xE703_7ED1_A0B4_28DB)
            offset += 8
        }
        if offset < raw.count {
            var word: UInt64 = 0
            for position in offset..<raw.count { word = word << 8 | UInt64(raw[position]) }
            a = Self.fold(a ^ word, 0xA076_1D64_78BD_642F)
            b = Self.fold(b ^ word, 0xE703_7ED1_A0B4_28DB)
        }
        low = Self.fold(a, 0x9E37_79B9_7F4A_7C15)
        high = Self.fold(b, 0xC2B2_AE3D_27D4_EB4F)
    }

    @inline(__always)
    private static func fold(_ value: UInt64, _ factor: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: factor)
        return product.low ^ product.high
    }
}

import CZstd
import Foundation

/// One frame of zstd in memory (RFC 8878).
enum ZstdFrame {
    private static let level: Int32 = 9

    /// - Returns: `nil` where there is no memory for it.
    static func compress(_ data: Data) -> Data? {
        let bytes = [UInt8](data)
        var target = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let count = ZSTD_compress(&target, target.count, bytes, bytes.count, level)
        return ZSTD_isError(count) == 0 ? Data(target.prefix(count)) : nil
    }

    /// - Parameter most: bytes that may come out.
    /// - Returns: `nil` for what is no frame, is damaged, does not say its size, or is larger.
    static func decompress(_ data: Data, most: Int) -> [UInt8]? {
        let bytes = [UInt8](data)
        let size = ZSTD_getFrameContentSize(bytes, bytes.count)
        // The two highest numbers mean "not known" and "no frame". Texts do not become so much smaller: that would be a bomb.
        guard size <= UInt64(most), size <= UInt64(bytes.count * mostRatio + leastRoom),
            ZSTD_findFrameCompressedSize(bytes, bytes.count) == bytes.count
        else { return nil }
        var target = [UInt8](repeating: 0, count: max(1, Int(size)))
        let count = ZSTD_decompress(&target, Int(size), bytes, bytes.count)
        guard ZSTD_isError(count) == 0, count == Int(size) else { return nil }
        target.removeSubrange(count...)
        return target
    }

    /// Bytes that a byte of a frame stands for, beyond `leastRoom` in all.
    private static let mostRatio = 100
    private static let leastRoom = 1 << 20
}

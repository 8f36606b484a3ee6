/// The line `sep=;` that may stand first in a file for Excel, and names the delimiter.
enum SeparatorLine {
    /// The delimiter that a first line names; `nil` where the first line is another one.
    static func delimiter(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt8? {
        guard bytes.count > 4, bytes.starts(with: "sep=".utf8) || bytes.starts(with: "SEP=".utf8) else { return nil }
        let named = bytes[4]
        guard named != 0x0A, named != 0x0D else { return nil }
        return bytes.count == 5 || bytes[5] == 0x0A || bytes[5] == 0x0D ? named : nil
    }

    /// Bytes of the line with its end.
    static func length(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        if bytes.count > 6, bytes[5] == 0x0D, bytes[6] == 0x0A { return 7 }
        return min(6, bytes.count)
    }
}

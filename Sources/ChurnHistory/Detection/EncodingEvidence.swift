/// What all bytes of a file say about its encoding.
///
/// Text that is not ASCII is hardly ever valid UTF-8 by chance, so validity decides. Windows-1252 has all letters of ISO
/// 8859-1, and signs and letters from 0x80 to 0x9F where that has control characters.
public struct EncodingEvidence: Sendable, Equatable {
    public let encoding: DelimitedDialect.Encoding
    /// Why, in words; `nil` for plain ASCII, which every encoding reads alike.
    public let reason: String?

    /// Reads a whole file, in blocks.
    public init(path: String) throws(DataError) {
        var count = ByteCount()
        let stream = try ByteStream(path: path)
        var block = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let length = try block.withUnsafeMutableBufferPointer { (bytes) throws(DataError) in
                try stream.read(into: UnsafeMutableRawBufferPointer(bytes))
            }
            if length == 0 { break }
            block.withUnsafeBufferPointer { count.take(UnsafeBufferPointer(rebasing: $0[0..<length])) }
        }
        count.end()
        self.init(count)
    }

    init(_ count: ByteCount) {
        // A few damaged rows do not make a UTF-8 file another one.
        if count.invalid == 0 || count.validSequences > 20 * count.invalid {
            encoding = .utf8
            reason =
                count.validSequences == 0
                ? nil
                : "\(count.validSequences) characters beyond ASCII are UTF-8"
                    + (count.invalid > 0 ? ", \(count.invalid) bytes are not" : "")
            return
        }
        // Without such a sign the two read alike; the next export may hold one, such as the euro's.
        encoding = .windows1252
        if let special = count.firstSpecial {
            reason = "byte 0x\(Self.hexadecimal(special.byte)) at line \(special.line) is a sign in Windows-1252 only"
        } else {
            let first = count.firstInvalid ?? (0, 1)
            reason =
                "byte 0x\(Self.hexadecimal(first.byte)) at line \(first.line) is not UTF-8; ISO 8859-1 would read it alike"
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String { String(byte, radix: 16, uppercase: true) }
}

/// Counts a stream's bytes by what they can be; sequences may cross blocks.
struct ByteCount {
    /// Complete UTF-8 sequences of two bytes or more.
    private(set) var validSequences = 0
    /// Bytes that belong to no UTF-8 sequence.
    private(set) var invalid = 0
    private(set) var firstInvalid: (byte: UInt8, line: Int)?
    /// The first byte from 0x80 to 0x9F that belongs to no UTF-8 sequence.
    private(set) var firstSpecial: (byte: UInt8, line: Int)?
    private var line = 1
    /// The bytes of a sequence that is not complete, and how many it needs.
    private var pending: [UInt8] = []
    private var needed = 0

    mutating func take(_ block: UnsafeBufferPointer<UInt8>) {
        for byte in block {
            if needed == 0, byte < 0x80 {
                if byte == 0x0A { line += 1 }
                continue
            }
            take(byte)
        }
    }

    mutating func end() {
        for byte in pending { noteInvalid(byte) }
        pending.removeAll()
        needed = 0
    }

    private mutating func take(_ byte: UInt8) {
        if needed > 0 {
            if byte & 0xC0 == 0x80 {
                pending.append(byte)
                needed -= 1
                if needed == 0 {
                    if String(validating: pending, as: UTF8.self) != nil {
                        validSequences += 1
                    } else {
                        for byte in pending { noteInvalid(byte) }
                    }
                    pending.removeAll(keepingCapacity: true)
                }
                return
            }
            end()
        }
        switch byte {
        case 0..<0x80:
            if byte == 0x0A { line += 1 }
        case 0xC2...0xDF, 0xE0...0xEF, 0xF0...0xF4:
            pending.append(byte)
            needed = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3
        default: noteInvalid(byte)
        }
    }

    private mutating func noteInvalid(_ byte: UInt8) {
        invalid += 1
        if firstInvalid == nil { firstInvalid = (byte, line) }
        if firstSpecial == nil, (0x80...0x9F).contains(byte) { firstSpecial = (byte, line) }
    }
}

/// Distinct byte strings, numbered in the order of their first appearance.
///
/// One growing buffer holds the bytes, an open-addressing table the numbers: no allocation per string.
public struct ByteDictionary: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var hashes: [UInt64] = []
    private var slots: [Int32]
    private var mask: Int

    public init() {
        slots = [Int32](repeating: -1, count: 64)
        mask = 63
    }

    /// How many distinct strings there are.
    public var count: Int { ends.count }

    /// The number of a string that is there already.
    public func existingCode(for key: UnsafeBufferPointer<UInt8>) -> Int32? {
        let candidate = slots[slot(of: key, hash: Self.hash(key))]
        return candidate < 0 ? nil : candidate
    }

    /// The number of a string, which is added when it is new.
    public mutating func code(for key: UnsafeBufferPointer<UInt8>) -> Int32 {
        let hash = Self.hash(key)
        let slot = slot(of: key, hash: hash)
        if slots[slot] >= 0 { return slots[slot] }
        let code = Int32(ends.count)
        slots[slot] = code
        bytes.append(contentsOf: key)
        ends.append(bytes.count)
        hashes.append(hash)
        if ends.count * 2 > slots.count { grow() }
        return code
    }

    public mutating func code(for text: String) -> Int32 {
        var text = text
        return text.withUTF8 { code(for: $0) }
    }

    /// The string of a number that `code(for:)` returned.
    public func string(_ code: Int) -> String {
        String(decoding: bytes[range(code)], as: UTF8.self)
    }

    /// All strings, by number.
    public var strings: [String] { (0..<count).map(string) }

    /// The numbers in the byte order of their strings.
    public func codesInByteOrder() -> [Int] {
        bytes.withUnsafeBufferPointer { buffer in
            (0..<count).sorted { left, right in
                buffer[range(left)].lexicographicallyPrecedes(buffer[range(right)])
            }
        }
    }

    /// Calls `body` with the bytes of a string.
    public func withBytes<Result>(_ code: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range(code)])) }
    }

    /// Calls `body` with the bytes of a string, behind which `TextBlock.slack` bytes may be loaded.
    func withPaddedBytes<Result>(_ code: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        let padded = Array(bytes[range(code)]) + [UInt8](repeating: 0, count: TextBlock.slack)
        return padded.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0.dropLast(TextBlock.slack))) }
    }

    /// The slot that holds a string's number, or the free one where it belongs.
    private func slot(of key: UnsafeBufferPointer<UInt8>, hash: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: hash) & mask
        while true {
            let candidate = slots[slot]
            if candidate < 0 || (hashes[Int(candidate)] == hash && equals(Int(candidate), key)) { return slot }
            slot = (slot + 1) & mask
        }
    }

    private func range(_ code: Int) -> Range<Int> {
        (code == 0 ? 0 : ends[code - 1])..<ends[code]
    }

    private func equals(_ code: Int, _ key: UnsafeBufferPointer<UInt8>) -> Bool {
        let range = range(code)
        guard range.count == key.count else { return false }
        return bytes.withUnsafeBufferPointer { buffer in
            for offset in 0..<key.count where buffer[range.lowerBound + offset] != key[offset] { return false }
            return true
        }
    }

    private mutating func grow() {
        mask = slots.count * 2 - 1
        slots = [Int32](repeating: -1, count: slots.count * 2)
        for (code, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] >= 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(code)
        }
    }

    private static func hash(_ key: UnsafeBufferPointer<UInt8>) -> UInt64 {
        RowHash(key).low
    }
}

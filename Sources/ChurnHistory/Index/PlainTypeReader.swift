/// Finds the number of an event's type without making a text of its cell, for types that are known already.
struct PlainTypeReader {
    private enum Rule {
        case always
        case cell
        case startsWith
        case equals
    }

    private let rule: Rule
    private let patterns: [[UInt8]]
    private let names: [String]
    private let otherwise: String?
    private let nullTexts: NullTexts

    /// By pattern: the number of its type, -1 while it is not known; the last one is that of `otherwise`.
    private let patternCodes: OwnedBuffer<Int>
    /// The known types by their first eight bytes, the next eight and their length.
    private let words = OwnedBuffer<UInt64>(count: 256)
    /// Their next eight bytes.
    private let secondWords = OwnedBuffer<UInt64>(count: 256)
    private let lengths = OwnedBuffer<Int>(count: 256)
    private var known = 0
    private var types = ByteDictionary()

    init(_ type: EventSource.TypeRule, _ nullTexts: NullTexts) {
        self.nullTexts = nullTexts
        switch type {
        case .always(let name):
            (rule, patterns, names, otherwise) = (.always, [], [], name)
        case .cell:
            (rule, patterns, names, otherwise) = (.cell, [], [], nil)
        case .startsWith(_, let types, let other):
            (rule, patterns, names, otherwise) = (.startsWith, types.map(\.pattern), types.map(\.type), other)
        case .equals(_, let types, let other):
            (rule, patterns, names, otherwise) = (.equals, types.map(\.pattern), types.map(\.type), other)
        }
        patternCodes = OwnedBuffer(count: patterns.count + 1)
        patternCodes.base.update(repeating: -1, count: patterns.count + 1)
    }

    /// Learns the types that are known by now.
    mutating func learn(_ types: ByteDictionary) {
        guard types.count != self.types.count else { return }
        self.types = types
        for (index, name) in (names.map(Optional.some) + [otherwise]).enumerated() {
            guard var name else { continue }
            patternCodes.base[index] = name.withUTF8 { types.existingCode(for: $0).map(Int.init) } ?? -1
        }
        for code in known..<min(types.count, words.count) {
            types.withBytes(code) { bytes in
                words.base[code] = Self.word(bytes.prefix(8))
                secondWords.base[code] = Self.word(bytes.dropFirst(8).prefix(8))
                lengths.base[code] = bytes.count
            }
        }
        known = min(types.count, words.count)
    }

    /// The number of a row's type; -1 where the row needs a closer look.
    /// - Parameter cell: behind it at least seven bytes more may be loaded.
    @inline(__always)
    func code(_ cell: UnsafePointer<UInt8>, count: Int) -> Int {
        switch rule {
        case .always:
            return patternCodes.base[0]
        case .cell:
            guard count > 0, cell[0] > 0x20, !nullTexts.containsFilled(cell, count: count) else { return -1 }
            let word = Self.word(cell, count: count)
            for code in 0..<known where words.base[code] == word && lengths.base[code] == count {
                if count <= 8 { return code }
                if count <= 16 {
                    if secondWords.base[code] == Self.word(cell + 8, count: count - 8) { return code }
                    continue
                }
                let key = UnsafeBufferPointer(start: cell, count: count)
                return types.existingCode(for: key).map(Int.init) ?? -1
            }
            return -1
        case .startsWith:
            for (index, pattern) in patterns.enumerated()
            where pattern.count <= count && Self.begins(cell, with: pattern) {
                return patternCodes.base[index]
            }
            return patternCodes.base[patterns.count]
        case .equals:
            for (index, pattern) in patterns.enumerated()
            where pattern.count == count && Self.begins(cell, with: pattern) {
                return patternCodes.base[index]
            }
            return patternCodes.base[patterns.count]
        }
    }

    private static func word(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    @inline(__always)
    private static func begins(_ cell: UnsafePointer<UInt8>, with pattern: [UInt8]) -> Bool {
        for position in 0..<pattern.count where cell[position] != pattern[position] { return false }
        return true
    }

    @inline(__always)
    private static func word(_ cell: UnsafePointer<UInt8>, count: Int) -> UInt64 {
        let word = UInt64(littleEndian: UnsafeRawPointer(cell).loadUnaligned(as: UInt64.self))
        return count >= 8 ? word : word & ((UInt64(1) << UInt64(truncatingIfNeeded: count * 8)) &- 1)
    }
}

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
    /// The known types by their first eight bytes.
    private let words = OwnedBuffer<UInt64>(count: 256)
    /// Their next eight bytes.
    private let secondWords = OwnedBuffer<UInt64>(count: 256)
    private let lengths = OwnedBuffer<Int>(count: 256)
    private var known = 0
    /// Where a type of up to sixteen bytes is looked for: its number by the place that `multiplier` gives it, -1 for none.
    private let places = OwnedBuffer<Int16>(count: 4096)
    /// Gives every known type a place of its own; 0 where none was found that does. So there is one comparison, whose outcome a
    /// processor can guess, where a search could go any way.
    private var multiplier: UInt64 = 0
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
        findPlaces()
    }

    private mutating func findPlaces() {
        var candidate: UInt64 = 0x9E37_79B9_7F4A_7C15
        for _ in 0..<64 {
            places.base.update(repeating: -1, count: places.count)
            let isFree = (0..<known).allSatisfy { code in
                guard lengths.base[code] <= 16 else { return true }
                let place = Self.place(words.base[code], secondWords.base[code], candidate)
                defer { places.base[place] = Int16(truncatingIfNeeded: code) }
                return places.base[place] < 0
            }
            if isFree {
                multiplier = candidate
                return
            }
            candidate = candidate &* 0xD134_2543_DE82_EF95 | 1
        }
        multiplier = 0
    }

    @inline(__always)
    private static func place(_ word: UInt64, _ second: UInt64, _ multiplier: UInt64) -> Int {
        Int(truncatingIfNeeded: ((word ^ second &* 0xA24B_AED4_963E_E407) &* multiplier) >> 52)
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
            if multiplier != 0, count <= 16 {
                let word = Self.word(cell, count: count)
                let second = count > 8 ? Self.word(cell + 8, count: count - 8) : 0
                let code = Int(places.base[Self.place(word, second, multiplier)])
                let isKnown =
                    code >= 0 && words.base[code] == word && secondWords.base[code] == second
                    && lengths.base[code] == count
                return isKnown ? code : -1
            }
            return types.existingCode(for: UnsafeBufferPointer(start: cell, count: count)).map(Int.init) ?? -1
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

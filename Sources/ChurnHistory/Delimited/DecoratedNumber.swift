/// A cell taken apart: the digits of a number, and what stands around them.
struct DecoratedNumber {
    /// Sign, digits and marks.
    private(set) var digits: [UInt8] = []
    /// Index of the currency that stands before or behind the number.
    private(set) var currency: Int?
    private(set) var hasTrailingMinus = false
    private(set) var hasParentheses = false
    /// No sign twice, and no second currency.
    private(set) var isWellFormed = true
    /// Nothing but blanks.
    let isBlank: Bool

    /// Whether what stands around the digits makes the number negative.
    var isNegated: Bool { hasTrailingMinus || hasParentheses }

    /// Takes a cell apart.
    /// - Parameter currencies: in the order in which they are tried.
    init(_ cell: UnsafeBufferPointer<UInt8>, currencies: [[UInt8]]) {
        var bytes = Self.withPlainBlanks(cell)[...]
        Self.trim(&bytes)
        isBlank = bytes.isEmpty
        // A sign may stand before the currency, a currency outside or inside of the parentheses: outside in, until
        // nothing more comes off.
        var sign: UInt8?
        var changed = true
        while changed, !bytes.isEmpty {
            changed = false
            if bytes.first == UInt8(ascii: "("), bytes.last == UInt8(ascii: ")"), bytes.count > 2, !hasParentheses {
                hasParentheses = true
                bytes = bytes.dropFirst().dropLast()
                changed = true
            } else if let byte = bytes.last, byte == UInt8(ascii: "-"), bytes.count > 1, !hasTrailingMinus {
                hasTrailingMinus = true
                bytes = bytes.dropLast()
                changed = true
            } else if let byte = bytes.first, byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+"), sign == nil {
                sign = byte
                bytes = bytes.dropFirst()
                changed = true
            } else if currency == nil, let found = Self.takeCurrency(currencies, &bytes) {
                currency = found
                changed = true
            }
            if changed { Self.trim(&bytes) }
        }
        if sign != nil, hasTrailingMinus || hasParentheses { isWellFormed = false }
        if hasTrailingMinus, hasParentheses { isWellFormed = false }
        if let first = bytes.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") { isWellFormed = false }
        digits = (sign.map { [$0] } ?? []) + bytes
    }

    /// The bytes with no-break spaces (U+00A0, U+202F), which exports put between thousands and before a currency, as
    /// plain blanks.
    private static func withPlainBlanks(_ cell: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        guard cell.contains(where: { $0 >= 0x80 }) else { return Array(cell) }
        var bytes: [UInt8] = []
        var rest = cell[...]
        while let byte = rest.first {
            if rest.starts(with: [0xC2, 0xA0]) {
                bytes.append(0x20)
                rest = rest.dropFirst(2)
            } else if rest.starts(with: [0xE2, 0x80, 0xAF]) {
                bytes.append(0x20)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
                rest = rest.dropFirst()
            }
        }
        return bytes
    }

    private static func trim(_ bytes: inout ArraySlice<UInt8>) {
        while let first = bytes.first, first == 0x20 || first == 0x09 { bytes = bytes.dropFirst() }
        while let last = bytes.last, last == 0x20 || last == 0x09 { bytes = bytes.dropLast() }
    }

    private static func takeCurrency(_ currencies: [[UInt8]], _ bytes: inout ArraySlice<UInt8>) -> Int? {
        for (index, currency) in currencies.enumerated() where currency.count < bytes.count {
            if bytes.starts(with: currency) {
                bytes = bytes.dropFirst(currency.count)
                return index
            }
            if bytes.suffix(currency.count).elementsEqual(currency) {
                bytes = bytes.dropLast(currency.count)
                return index
            }
        }
        return nil
    }
}

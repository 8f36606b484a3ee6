/// A cell looked at as a number whose marks are not known yet: what it shows of them.
struct NumberShape: Equatable {
    /// What the marks between the digits can be.
    enum Marks: Equatable {
        case none
        /// Both are proved, or absent.
        case proved(decimal: UInt8?, thousands: UInt8?)
        /// One point or comma with three digits behind it: `1.234` can be both.
        case ambiguous(UInt8)
    }

    enum Sign: Equatable { case none, leadingMinus, trailingMinus, parentheses }

    let marks: Marks
    let sign: Sign
    /// The currency's bytes in the cell.
    let currency: Range<Int>?
    /// A zero in front of another digit, as ids have it.
    let hasLeadingZero: Bool
    /// Written with an exponent.
    let hasExponent: Bool
    /// The value where only digits are written, at most 15 of them.
    let wholeNumber: Int64?
    /// The value in front of the decimal mark, where there is no other mark; at most 15 digits.
    let integerPart: Int64?

    /// Currencies that may stand before or behind a number.
    static let currencies = CurrencySigns.known.map { Array($0.utf8) }

    /// - Returns: `nil` for what is no number under any reading.
    init?(_ cell: UnsafeBufferPointer<UInt8>) {
        var start = 0
        var end = cell.count
        func trim() {
            while start < end, cell[start] == 0x20 || cell[start] == 0x09 { start += 1 }
            while start < end, cell[end - 1] == 0x20 || cell[end - 1] == 0x09 { end -= 1 }
        }
        trim()
        guard start < end, end - start <= 40 else { return nil }
        var sign = Sign.none
        var currency: Range<Int>?
        // Sign and currency may stand in any order around the digits: `-€ 5`, `5,00- EUR`, `(5.00)`.
        var isStripping = true
        while isStripping, start < end {
            isStripping = false
            let first = cell[start]
            let last = cell[end - 1]
            if first == UInt8(ascii: "("), last == UInt8(ascii: ")"), sign == .none {
                sign = .parentheses
                start += 1
                end -= 1
                isStripping = true
            } else if first == UInt8(ascii: "-") || first == UInt8(ascii: "+"), sign == .none {
                if first == UInt8(ascii: "-") { sign = .leadingMinus }
                start += 1
                isStripping = true
            } else if last == UInt8(ascii: "-"), sign == .none {
                sign = .trailingMinus
                end -= 1
                isStripping = true
            } else if currency == nil, !Self.canStandInNumber(first) || !Self.canStandInNumber(last) {
                if let length = Self.currencies.first(where: { cell[start..<end].starts(with: $0) })?.count {
                    currency = start..<start + length
                    start += length
                    isStripping = true
                } else if let text = Self.currencies.first(where: { Self.ends(cell, start..<end, with: $0) }) {
                    currency = end - text.count..<end
                    end -= text.count
                    isStripping = true
                }
            }
            trim()
        }
        guard start < end, let body = Self.body(cell, start..<end) else { return nil }
        self.marks = body.marks
        self.sign = sign
        self.currency = currency
        hasLeadingZero = end - start > 1 && cell[start] == 0x30 && Self.isDigit(cell[start + 1])
        hasExponent = body.hasExponent
        integerPart = body.hasExponent ? nil : body.integerPart
        wholeNumber = body.marks == .none ? integerPart : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func canStandInNumber(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ",")
    }

    private static func ends(
        _ cell: UnsafeBufferPointer<UInt8>,
        _ range: Range<Int>,
        with text: [UInt8]
    ) -> Bool {
        range.count >= text.count && cell[range.upperBound - text.count..<range.upperBound].elementsEqual(text)
    }

    /// Digits with marks between them, and an exponent.
    private static func body(
        _ cell: UnsafeBufferPointer<UInt8>,
        _ whole: Range<Int>
    ) -> (marks: Marks, integerPart: Int64?, hasExponent: Bool)? {
        var range = whole
        var hasExponent = false
        if let mark = range.first(where: { cell[$0] | 0x20 == UInt8(ascii: "e") }) {
            var position = mark + 1
            if position < range.upperBound, cell[position] == UInt8(ascii: "-") || cell[position] == UInt8(ascii: "+") {
                position += 1
            }
            guard position < range.upperBound, (position..<range.upperBound).allSatisfy({ isDigit(cell[$0]) }) else {
                return nil
            }
            hasExponent = true
            range = range.lowerBound..<mark
        }
        var digits = 0
        var value: Int64 = 0
        var leading: Int64?
        var groupLength = 0
        var firstGroup: Int?
        var areInnerGroupsThree = true
        var marks = 0
        var mark: UInt8 = 0
        var earlierMark: UInt8?
        for position in range {
            let byte = cell[position]
            if isDigit(byte) {
                digits += 1
                groupLength += 1
                if digits <= 15 { value = value * 10 + Int64(byte - 0x30) }
                continue
            }
            guard byte == 0x2E || byte == 0x2C || byte == 0x20 || byte == 0x27 else { return nil }
            if marks == 0 {
                firstGroup = groupLength
                leading = digits <= 15 ? value : nil
            } else if groupLength != 3 {
                areInnerGroupsThree = false
            }
            if marks > 0 {
                // Every mark but the last must be the same.
                if let earlier = earlierMark, earlier != mark { return nil }
                earlierMark = mark
            }
            mark = byte
            marks += 1
            groupLength = 0
        }
        guard digits > 0 else { return nil }
        guard marks > 0, let firstGroup else { return (.none, digits > 15 ? nil : value, hasExponent) }
        let canGroup = (1...3).contains(firstGroup) && areInnerGroupsThree && !(cell[range.lowerBound] == 0x30)
        let isPointOrComma = mark == 0x2E || mark == 0x2C
        guard let earlierMark else {
            if !isPointOrComma {
                return canGroup && groupLength == 3 ? (.proved(decimal: nil, thousands: mark), nil, hasExponent) : nil
            }
            if canGroup, groupLength == 3, !hasExponent { return (.ambiguous(mark), nil, false) }
            return (.proved(decimal: mark, thousands: nil), leading, hasExponent)
        }
        guard canGroup else { return nil }
        if earlierMark == mark {
            return groupLength == 3 ? (.proved(decimal: nil, thousands: mark), nil, hasExponent) : nil
        }
        return isPointOrComma ? (.proved(decimal: mark, thousands: earlierMark), nil, hasExponent) : nil
    }
}

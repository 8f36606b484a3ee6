/// How a file writes numbers: its decimal mark and, where it has them, its thousands mark, the currencies that stand beside
/// a number, and the ways of writing a negative one.
public struct NumberFormat: Sendable, Equatable {
    /// A way of writing negative numbers; a minus in front is always read.
    public enum NegativeStyle: String, Sendable, CaseIterable {
        /// `12,50-`, as SAP and other ERP systems write.
        case trailing
        /// `(12.50)`, as bookkeepers do.
        case parentheses
    }

    public let decimalMark: UInt8
    public let thousandsMark: UInt8?
    /// Texts that may stand before or behind a number, such as `EUR`; the longest first.
    public let currencies: [String]
    public let negativeStyles: Set<NegativeStyle>
    private let currencyBytes: [[UInt8]]
    /// Whether a cell may hold more than sign, digits and marks.
    let isDecorated: Bool

    /// A decimal point and no thousands mark.
    public static let point = NumberFormat(decimalMark: UInt8(ascii: "."), thousandsMark: nil)
    /// A decimal comma, and dots between thousands.
    public static let german = NumberFormat(decimalMark: UInt8(ascii: ","), thousandsMark: UInt8(ascii: "."))

    public init(
        decimalMark: UInt8,
        thousandsMark: UInt8?,
        currencies: [String] = [],
        negativeStyles: Set<NegativeStyle> = []
    ) {
        precondition(decimalMark != thousandsMark, "the two marks must differ")
        self.decimalMark = decimalMark
        self.thousandsMark = thousandsMark
        // The longest first, so that `$` does not take a part of `US$`.
        self.currencies = currencies.sorted { $0.utf8.count > $1.utf8.count }
        self.negativeStyles = negativeStyles
        currencyBytes = self.currencies.map { Array($0.utf8) }
        isDecorated = !currencies.isEmpty || !negativeStyles.isEmpty || thousandsMark == UInt8(ascii: " ")
    }

    /// Whether a text can be the sign of a currency: it is short and holds nothing that a number can.
    public static func isCurrency(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 16
            && !text.utf8.contains { (0x30...0x39).contains($0) || "+-.,()' \t".utf8.contains($0) }
    }

    public enum Outcome: Equatable, Sendable {
        /// The double nearest to what is written.
        case number(Double)
        case empty
        case malformed
        /// Too large for a double, or a whole number with so many digits that no double is equal to it.
        case outOfRange
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// 10 to a power of 0 to 22, which is an exact double.
    @inline(__always)
    static func exactPower(_ exponent: Int) -> Double { powersOfTen.withUnsafeBufferPointer { $0[exponent] } }

    /// Reads a whole cell; blanks around the number are skipped. `nan` and `inf` are malformed.
    public func parse(_ cell: UnsafeBufferPointer<UInt8>) -> Outcome {
        guard isDecorated else { return parsePlain(cell) }
        let bare = DecoratedNumber(cell, currencies: currencyBytes)
        if bare.hasTrailingMinus, !negativeStyles.contains(.trailing) { return .malformed }
        if bare.hasParentheses, !negativeStyles.contains(.parentheses) { return .malformed }
        if !bare.isWellFormed { return .malformed }
        let outcome = bare.digits.withUnsafeBufferPointer(parsePlain)
        switch outcome {
        case .number(let value):
            return .number(bare.isNegated ? -value : value)
        case .empty:
            return bare.isBlank ? .empty : .malformed
        case .malformed, .outOfRange:
            return outcome
        }
    }

    /// Which of `currencies` stands beside the number of a cell.
    func currency(of cell: UnsafeBufferPointer<UInt8>) -> Int? {
        currencies.isEmpty ? nil : DecoratedNumber(cell, currencies: currencyBytes).currency
    }

    private func parsePlain(_ cell: UnsafeBufferPointer<UInt8>) -> Outcome {
        var start = 0
        var end = cell.count
        while start < end, cell[start] == 0x20 || cell[start] == 0x09 { start += 1 }
        while start < end, cell[end - 1] == 0x20 || cell[end - 1] == 0x09 { end -= 1 }
        if start == end { return .empty }
        var isNegative = false
        if cell[start] == UInt8(ascii: "-") || cell[start] == UInt8(ascii: "+") {
            isNegative = cell[start] == UInt8(ascii: "-")
            start += 1
        }
        var mantissa: UInt64 = 0
        var significantDigits = 0
        var digits = 0
        var exponent = 0
        var position = start
        var digitsSinceMark: Int?
        var isWhole = true
        while position < end {
            let byte = cell[position]
            if byte >= 0x30, byte <= 0x39 {
                digits += 1
                if significantDigits < 19 {
                    mantissa = mantissa * 10 + UInt64(byte - 0x30)
                    if mantissa > 0 { significantDigits += 1 }
                } else {
                    significantDigits += 1
                    exponent += 1
                }
                if let count = digitsSinceMark { digitsSinceMark = count + 1 }
            } else if byte == thousandsMark {
                // Groups of three: at most three digits before the first mark, exactly three between marks.
                guard digits > 0, digitsSinceMark.map({ $0 == 3 }) ?? (digits <= 3) else { return .malformed }
                digitsSinceMark = 0
            } else {
                break
            }
            position += 1
        }
        if let count = digitsSinceMark, count != 3 { return .malformed }
        if position < end, cell[position] == decimalMark {
            isWhole = false
            position += 1
            while position < end, cell[position] >= 0x30, cell[position] <= 0x39 {
                digits += 1
                if significantDigits < 19 {
                    mantissa = mantissa * 10 + UInt64(cell[position] - 0x30)
                    if mantissa > 0 { significantDigits += 1 }
                    exponent -= 1
                } else {
                    significantDigits += 1
                }
                position += 1
            }
        }
        guard digits > 0 else { return .malformed }
        if position < end, cell[position] | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            position += 1
            var exponentIsNegative = false
            if position < end, cell[position] == UInt8(ascii: "-") || cell[position] == UInt8(ascii: "+") {
                exponentIsNegative = cell[position] == UInt8(ascii: "-")
                position += 1
            }
            var written = 0
            let first = position
            while position < end, cell[position] >= 0x30, cell[position] <= 0x39 {
                written = min(100_000, written * 10 + Int(cell[position] - 0x30))
                position += 1
            }
            guard position > first else { return .malformed }
            exponent += exponentIsNegative ? -written : written
        }
        guard position == end else { return .malformed }
        let magnitude: Double
        if significantDigits <= 19, mantissa <= 1 << 53, abs(exponent) <= 22 {
            // Both are exact doubles, so one rounding gives the nearest double (Clinger 1990).
            magnitude =
                exponent < 0
                ? Double(mantissa) / Self.powersOfTen[-exponent] : Double(mantissa) * Self.powersOfTen[exponent]
        } else {
            magnitude = slowMagnitude(cell, start..<end)
        }
        guard magnitude.isFinite else { return .outOfRange }
        // A whole number that would silently become another one is an id or an overflow, not an amount.
        if isWhole, significantDigits > 15, significantDigits > 19 || UInt64(exactly: magnitude) != mantissa {
            return .outOfRange
        }
        return .number(isNegative ? -magnitude : magnitude)
    }

    /// The rare cell with more digits than the exact path takes: the standard library rounds it right.
    private func slowMagnitude(_ cell: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Double {
        let plain = cell[range].compactMap { byte -> UInt8? in
            if byte == thousandsMark { return nil }
            return byte == decimalMark ? UInt8(ascii: ".") : byte
        }
        return Double(String(decoding: plain, as: UTF8.self)) ?? .infinity
    }
}

import Testing

@testable import ChurnHistory

@Suite struct NumberFormatTests {
    private static let german = NumberFormat(decimalMark: UInt8(ascii: ","), thousandsMark: UInt8(ascii: "."))
    private static let english = NumberFormat(decimalMark: UInt8(ascii: "."), thousandsMark: UInt8(ascii: ","))
    private static let french = NumberFormat(decimalMark: UInt8(ascii: ","), thousandsMark: UInt8(ascii: " "))
    private static let swiss = NumberFormat(decimalMark: UInt8(ascii: "."), thousandsMark: UInt8(ascii: "'"))

    // MARK: Exactness

    @Test func readsRandomDecimalTextsToTheBitLikeTheStandardLibrary() throws {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<20_000 {
            let text = Self.randomDecimal(&random)
            let expected = try #require(Double(text))
            guard Self.isExactWhere(whole: text) else {
                #expect(NumberFormat.point.parse(text) == .outOfRange, Comment(rawValue: text))
                continue
            }
            guard case .number(let value) = NumberFormat.point.parse(text) else {
                Issue.record("\(text) is \(NumberFormat.point.parse(text))")
                continue
            }
            #expect(value.bitPattern == expected.bitPattern, Comment(rawValue: text))
        }
    }

    /// Whether a double is equal to a whole number; other numbers may be rounded.
    private static func isExactWhere(whole text: String) -> Bool {
        let digits = text.drop { !$0.isNumber || $0 == "0" }
        guard text.allSatisfy({ $0.isNumber || "+-".contains($0) }), digits.count > 15 else { return true }
        guard digits.count <= 19, let whole = UInt64(digits) else { return false }
        return UInt64(exactly: Double(whole)) == whole
    }

    /// One to 25 digits, with or without sign, point, leading and trailing zeros, and exponent; within a double's range.
    private static func randomDecimal(_ random: inout SeededGenerator) -> String {
        var digits = String(repeating: "0", count: max(0, random.below(8) - 5))
        for _ in 0...random.below(random.below(4) == 0 ? 25 : 12) { digits += String(random.below(10)) }
        digits += String(repeating: "0", count: max(0, random.below(8) - 5))
        let point = random.below(digits.count + 1)
        var text = ["", "", "-", "+"][random.below(4)] + digits.prefix(point)
        if random.below(4) > 0 { text += "." }
        text += digits.dropFirst(point)
        if random.below(4) == 0 { text += ["e", "E", "e+", "e-"][random.below(4)] + String(random.below(270)) }
        return text
    }

    @Test(arguments: [
        "9007199254740992", "9007199254740993.0", "9007199254740995.5", "9007199254740993e-5", "1e22", "1e23", "8.5e22",
        "123456789012345678.0", "1234567890123456789e0", "12345678901234567890.0", "18446744073709551615e0",
        "99999999999999999999.0", "0.1", "0.30000000000000004", "4.9e-324", "2.4703282292062327e-324", "1e-400",
        "0e400",
        "2.2250738585072014e-308", "2.2250738585072011e-308", "1.7976931348623157e308", "-0", "-0.0", "5.", ".5",
        "00000000000000000000000000000012.50", "0.00000000000000000000000000000000000000125",
        "179769313486231570814527423731704356798070567525844996598917476803157260780028538760589558632766878.0",
    ])
    func readsHardNumbersToTheBitLikeTheStandardLibrary(text: String) throws {
        // The standard library does not read a number that begins or ends with its point.
        let plain = text == "5." ? "5" : text == ".5" ? "0.5" : text
        let expected = try #require(Double(plain))
        guard case .number(let value) = NumberFormat.point.parse(text) else {
            Issue.record("\(NumberFormat.point.parse(text))")
            return
        }
        #expect(value.bitPattern == expected.bitPattern)
    }

    // MARK: Marks

    @Test(arguments: [
        ("1.234.567,89", german, 1_234_567.89), ("1234567,89", german, 1_234_567.89), ("1.234", german, 1234),
        ("-12.345", german, -12_345), (",5", german, 0.5), ("0,5", german, 0.5), ("123.456,", german, 123_456),
        ("1.234.567,891e-3", german, 1_234.567891), ("1,234.5", english, 1234.5), ("1 234 567,5", french, 1_234_567.5),
        ("1'234.50", swiss, 1234.5), (" \t 1 234,5 ", french, 1234.5), ("12,5", .init(decimal: ","), 12.5),
        ("12.345.678.901.234.567.890,125", german, 12_345_678_901_234_567_890.125),
    ])
    func thousandsMarksGroupThreeDigits(text: String, format: NumberFormat, value: Double) {
        #expect(format.parse(text) == .number(value))
    }

    @Test(arguments: [
        ("1.23", german), ("1.2345", german), ("1234.567", german), (".123", german), ("1..234", german),
        ("1.234.", german), ("1.23.456", german), ("1,234.5", german), ("1,5,5", german), ("1,234.567", german),
        ("1,23.4", english), ("1,234,56", english), ("1  234", french), ("1.234,5", .init(decimal: ",")),
        ("1,234", .point), ("1 234", .point),
    ])
    func wronglyGroupedNumbersAreNotRead(text: String, format: NumberFormat) {
        #expect(format.parse(text) == .malformed)
    }

    // MARK: What is no number

    @Test(arguments: [
        "abc", "-", "+", ".", "-.", "e5", "1e", "1e+", "1e5.0", "1.2.3", "--1", "+-1", "- 1", "1-", "1 2", "0x10",
        "1_000",
        "$5", "5€", "5 %", "(12.50)", "nan", "NaN", "NA", "inf", "-inf", "Infinity", "1e5x", "١٢", "1\u{A0}000", "1,5",
        "−5", "1\0", "#N/A", "1d", "TRUE",
    ])
    func whatIsNoNumberIsMalformed(text: String) {
        #expect(NumberFormat.point.parse(text) == .malformed)
    }

    @Test(arguments: [
        "1e400", "-1e400", "1.8e308", "1e99999999999999999999", String(repeating: "9", count: 400), "9007199254740993",
        "-123456789012345678", "18446744073709551615", "99999999999999999999",
    ])
    func whatNoDoubleCanHoldIsOutOfRange(text: String) {
        #expect(NumberFormat.point.parse(text) == .outOfRange)
    }

    @Test(arguments: ["", " ", "\t  "]) func blankCellsAreEmpty(text: String) {
        #expect(NumberFormat.point.parse(text) == .empty)
        #expect(Self.french.parse(text) == .empty)
    }

    @Test func blanksAroundANumberAreSkipped() {
        #expect(NumberFormat.point.parse("  \t-2.5e1 ") == .number(-25))
    }
}

extension NumberFormat {
    fileprivate init(decimal: Unicode.Scalar) { self.init(decimalMark: UInt8(ascii: decimal), thousandsMark: nil) }

    fileprivate func parse(_ text: String) -> Outcome {
        Array(text.utf8).withUnsafeBufferPointer { parse($0) }
    }
}

import Testing

@testable import ChurnHistory

@Suite struct DecoratedNumberTests {
    private static func format(
        _ currencies: [String] = [],
        _ styles: Set<NumberFormat.NegativeStyle> = [],
        _ marks: NumberFormat = .german
    ) -> NumberFormat {
        NumberFormat(
            decimalMark: marks.decimalMark,
            thousandsMark: marks.thousandsMark,
            currencies: currencies,
            negativeStyles: styles
        )
    }

    private static func parse(_ text: String, _ format: NumberFormat) -> NumberFormat.Outcome {
        Array(text.utf8).withUnsafeBufferPointer { format.parse($0) }
    }

    @Test(arguments: [
        ("12,50 €", 12.5), ("€12,50", 12.5), ("EUR 1.234,56", 1234.56), ("1.234,56EUR", 1234.56), ("-12,50 €", -12.5),
        ("€ -12,50", -12.5), ("-€12,50", -12.5), ("12,50- EUR", -12.5), ("12,50 EUR-", -12.5), ("(12,50 €)", -12.5),
        ("(12,50) EUR", -12.5), ("12,50\u{A0}€", 12.5), ("+3 EUR", 3), ("0,00-", 0), (" 7 ", 7),
    ])
    func signsAndCurrenciesMayStandOnEitherSide(text: String, value: Double) {
        #expect(Self.parse(text, Self.format(["EUR", "€"], [.trailing, .parentheses])) == .number(value))
    }

    @Test(arguments: [
        "12,50 USD", "12,50 €€", "EUR 12 EUR", "-12,50-", "-(12,50)", "(12,50-)", "(12,50", "12,50)", "()", "-", "EUR",
        "- EUR", "--1", "+-1", "(-5)", "12,50--",
    ])
    func whatIsNoSuchNumberIsMalformed(text: String) {
        #expect(Self.parse(text, Self.format(["EUR", "€"], [.trailing, .parentheses])) == .malformed)
    }

    @Test func onlyTheStylesThatWereNamedAreRead() {
        #expect(Self.parse("5-", Self.format([], [.parentheses])) == .malformed)
        #expect(Self.parse("(5)", Self.format([], [.trailing])) == .malformed)
        #expect(Self.parse("5-", Self.format(["EUR"])) == .malformed)
        #expect(Self.parse("", Self.format(["EUR"], [.trailing])) == .empty)
    }

    @Test func noBreakSpacesSeparateThousands() {
        let french = NumberFormat(decimalMark: UInt8(ascii: ","), thousandsMark: UInt8(ascii: " "))
        for space in [" ", "\u{A0}", "\u{202F}"] {
            #expect(Self.parse("1\(space)234\(space)567,5", french) == .number(1_234_567.5))
        }
    }

    @Test(arguments: [
        ("0.125", false), ("1234.567", false), ("12.50", false), ("12.5678", false), (".125", false),
        ("1.234e2", false),
        ("-1.234", true), ("12.345", true), ("999.000", true), ("1.234 ", true),
    ])
    func aPointBeforeThreeDigitsIsInDoubt(text: String, isDoubtful: Bool) {
        var evidence = DecimalEvidence()
        Array(text.utf8).withUnsafeBufferPointer { evidence.note($0) { DataError(.ambiguousNumber, "in doubt") } }
        #expect((evidence.openDoubt != nil) == isDoubtful)
    }

    @Test func oneProofClearsADoubtBeforeOrAfterIt() {
        for texts in [["1.234", "1.5"], ["1.5", "1.234"]] {
            var evidence = DecimalEvidence()
            for text in texts {
                Array(text.utf8).withUnsafeBufferPointer { evidence.note($0) { DataError(.ambiguousNumber, text) } }
            }
            #expect(evidence.openDoubt == nil)
        }
    }

    @Test func wholeNumbersProveNothing() {
        var evidence = DecimalEvidence()
        for text in ["1.234", "5", "77"] {
            Array(text.utf8).withUnsafeBufferPointer { evidence.note($0) { DataError(.ambiguousNumber, text) } }
        }
        #expect(evidence.openDoubt?.problem == "1.234")
    }
}

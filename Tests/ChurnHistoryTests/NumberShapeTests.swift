import Testing

@testable import ChurnHistory

@Suite struct NumberShapeTests {
    private static let point = UInt8(ascii: ".")
    private static let comma = UInt8(ascii: ",")

    private static func shape(_ text: String) -> NumberShape? {
        Array(text.utf8).withUnsafeBufferPointer { NumberShape($0) }
    }

    @Test(
        arguments: [
            ("12,5", comma, nil), ("1234,567", comma, nil), ("0,123", comma, nil), ("0.123", point, nil),
            (".5", point, nil),
            ("12.", point, nil), ("1.234,50", comma, point), ("1,234.5", point, comma), ("1.234.567", nil, point),
            ("1 234 567,5", comma, UInt8(ascii: " ")), ("1'234.5", point, UInt8(ascii: "'")),
            ("1 234", nil, UInt8(ascii: " ")),
        ] as [(String, UInt8?, UInt8?)]
    )
    func provesTheMarks(_ text: String, _ decimal: UInt8?, _ thousands: UInt8?) {
        #expect(Self.shape(text)?.marks == .proved(decimal: decimal, thousands: thousands))
    }

    @Test(arguments: [("1.234", point), ("12,345", comma), ("123.456", point)])
    func aMarkBeforeThreeDigitsCanBeEither(_ text: String, _ mark: UInt8) {
        #expect(Self.shape(text)?.marks == .ambiguous(mark))
    }

    @Test(arguments: [
        ("-5", NumberShape.Sign.leadingMinus), ("12,50-", .trailingMinus), ("(12.50)", .parentheses), ("5", .none),
        ("+5", .none), ("-€ 5", .leadingMinus), ("5,00- EUR", .trailingMinus),
    ])
    func findsTheSign(_ text: String, _ sign: NumberShape.Sign) {
        #expect(Self.shape(text)?.sign == sign)
    }

    @Test(arguments: [("12,50 EUR", "EUR"), ("€12", "€"), ("$ 12.50", "$"), ("12,50€", "€"), ("CHF 5", "CHF")])
    func findsTheCurrency(_ text: String, _ currency: String) throws {
        let shape = try #require(Self.shape(text))
        let range = try #require(shape.currency)
        #expect(String(decoding: Array(text.utf8)[range], as: UTF8.self) == currency)
    }

    @Test(arguments: [
        "", " ", "abc", "C536379", "31.12.2024", "192.168.0.1", "1,2,3", "12.34.567", "2024-01-02", "5 kg", "--5", "1e",
        "nan", "10-50", "1..2", "€", "()", "1.234.56",
    ])
    func refusesWhatIsNoNumber(_ text: String) {
        #expect(Self.shape(text) == nil)
    }

    @Test func wholeNumbersHaveTheirValueAndTheirZeros() {
        #expect(Self.shape("00042")?.wholeNumber == 42)
        #expect(Self.shape("00042")?.hasLeadingZero == true)
        #expect(Self.shape("0")?.hasLeadingZero == false)
        #expect(Self.shape("4.0128e+10")?.hasExponent == true)
        #expect(Self.shape("12345678901234567")?.wholeNumber == nil, "too long to be exact")
    }
}

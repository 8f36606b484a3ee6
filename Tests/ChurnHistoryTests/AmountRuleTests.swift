import Testing

@testable import ChurnHistory

@Suite struct AmountRuleTests {
    private static func amounts(_ rows: [String], _ columns: String, _ keys: [String: String]) throws -> [Double] {
        let content = "customer;time;\(columns)\n" + rows.map { "A;2024-01-02;\($0)\n" }.joined()
        let format = keys["format"] ?? "{delimiter: \";\", decimal: \",\", thousands: \".\"}"
        let changes = ["duplicates": "keep", "format": format].merging(keys) { $1 }
        return Array(try HistoryFixture.history(content, changes).index.amounts)
    }

    private static func error(_ rows: [String], _ columns: String, _ keys: [String: String]) -> DataError? {
        #expect(throws: DataError.self) { _ = try amounts(rows, columns, keys) }
    }

    // MARK: Two columns

    @Test func debitAndCreditColumnsMakeOneAmount() throws {
        let rule = ["amount": "{plus: Soll, minus: Haben}"]
        #expect(try Self.amounts(["1.234,50;", ";12,50", "10;4"], "Soll;Haben", rule) == [1234.5, -12.5, 6])
    }

    @Test func aRowWithNeitherSideIsRejected() {
        let error = Self.error([";"], "Soll;Haben", ["amount": "{plus: Soll, minus: Haben}"])
        #expect(error?.code == .missingValue && error?.problem == "neither Soll nor Haben has a value")
    }

    @Test func aSignColumnTurnsTheAmount() throws {
        let rule = ["amount": "{column: Umsatz, sign: {column: Kennzeichen, negative: [H], positive: [S]}}"]
        #expect(try Self.amounts(["5;S", "7,5;H"], "Umsatz;Kennzeichen", rule) == [5, -7.5])
        let error = Self.error(["5;X"], "Umsatz;Kennzeichen", rule)
        #expect(error?.code == .unknownType && error?.field == 4 && error?.line == 2)
    }

    // MARK: Currencies

    private static let converting = [
        "amount": "Betrag", "currency": "{column: W, base: EUR, rates: {USD: 0.5, CHF: 2}}",
    ]

    @Test func amountsInOtherCurrenciesAreConverted() throws {
        #expect(
            try Self.amounts(["10;EUR", "10;USD", "1,5;CHF", "4;€"], "Betrag;W", Self.converting) == [10, 5, 3, 4]
        )
    }

    @Test func aCurrencyWithoutARateStopsTheReading() {
        let error = Self.error(["10;EUR", "10;GBP"], "Betrag;W", Self.converting)
        #expect(error?.code == .severalCurrencies && error?.line == 3 && error?.value == "GBP" && error?.field == 4)
    }

    @Test func theTwoSidesOfAnAmountMustBeInOneCurrency() {
        let format = "{delimiter: \";\", decimal: \",\", currency: [EUR, USD]}"
        let keys = ["format": format, "amount": "{plus: s, minus: h}"]
        let error = Self.error(["100 EUR;60 USD"], "s;h", keys)
        #expect(error?.code == .severalCurrencies && error?.field == 4)
    }

    @Test func anAmountWithoutItsCurrencyIsRejected() {
        let error = Self.error(["10;EUR", "10; "], "Betrag;W", Self.converting)
        #expect(error?.code == .missingValue && error?.line == 3 && error?.field == 4)
    }

    @Test func aMinusBesideAColumnOfSignsIsRejected() {
        let rule = ["amount": "{column: Umsatz, sign: {column: Kennzeichen, negative: [H], positive: [S]}}"]
        let error = Self.error(["-5;H"], "Umsatz;Kennzeichen", rule)
        #expect(error?.code == .notANumber && error?.problem.contains("minus of its own") == true)
    }

    @Test func aConversionBeyondAllNumbersIsRejected() {
        let keys = ["amount": "Betrag", "currency": "{column: W, base: EUR, rates: {USD: 1e10}}"]
        let error = Self.error(["1e305;USD"], "Betrag;W", keys)
        #expect(error?.code == .numberOutOfRange && error?.line == 2)
    }

    @Test func aCurrencyCanBeDroppedAndIsCounted() throws {
        let history = try HistoryFixture.history(
            "customer,time,Betrag,W\nA,2024-01-02,10,EUR\nA,2024-01-03,10,GBP\n",
            ["duplicates": "keep", "amount": "Betrag", "currency": "{column: W, base: EUR, others: drop}"]
        )
        #expect(history.index.amounts == [10])
        #expect(history.report.droppedOtherCurrencies == 1)
        #expect(history.report.description.hasSuffix("+ dropped 1 in other currencies"))
    }

    @Test func twoCurrenciesBesideAmountsStopTheReadingUnlessTheStudyConverts() throws {
        let format = "{delimiter: \";\", decimal: \",\", currency: [EUR, €, USD]}"
        let keys = ["format": format, "amount": "Betrag"]
        #expect(try Self.amounts(["1 EUR", "2 €", "3"], "Betrag", keys) == [1, 2, 3])
        let error = Self.error(["1 EUR", "2 €", "3 USD"], "Betrag", keys)
        #expect(error?.code == .severalCurrencies && error?.line == 4 && error?.field == 3)
        let rates = keys.merging(["currency": "{base: EUR, rates: {USD: 0.5}}"]) { $1 }
        #expect(try Self.amounts(["1 EUR", "2 €", "3 USD"], "Betrag", rates) == [1, 2, 1.5])
    }
}

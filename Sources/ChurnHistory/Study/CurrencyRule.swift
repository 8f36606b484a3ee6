/// What becomes of amounts in several currencies: one is kept, others are converted, dropped, or stop the reading.
public struct CurrencyRule: Sendable, Equatable {
    /// What happens to a row in a currency for which there is no rate.
    public enum Others: String, Sendable, CaseIterable {
        case stop, drop
    }

    /// The column that names the currency; `nil` where it stands beside the amount.
    public let column: String?
    /// The currency in which amounts are kept.
    public let base: String
    /// What one unit of another currency is worth in the base currency.
    public let rates: [String: Double]
    public let others: Others

    /// Reads the `currency` of a source: `{column, base, rates, others}`.
    init(_ node: StudyNode) throws(DataError) {
        try node.requireKeys(["column", "base", "rates", "others"])
        column = try node.optional("column")?.text()
        base = Self.code(try node.required("base", example: "EUR").text())
        var rates: [String: Double] = [:]
        for (currency, rate) in try node.optional("rates")?.pairs() ?? [] {
            guard Self.code(currency) != base else {
                throw rate.error("is the base currency, whose rate is 1", value: currency, fix: "leave it out")
            }
            guard rates.updateValue(try rate.positiveNumber(), forKey: Self.code(currency)) == nil else {
                throw rate.error("has two rates", value: currency, fix: "keep one of its names")
            }
        }
        self.rates = rates
        others = try node.optional("others")?.choice(Others.self) ?? .stop
    }

    /// What one unit of a currency is worth in the base currency; `nil` where nobody says.
    func factor(_ currency: String) -> Double? {
        let code = Self.code(currency)
        return code == base ? 1 : rates[code]
    }

    /// Signs that stand for one currency only, by its ISO 4217 code.
    private static let signs = [
        "€": "EUR", "£": "GBP", "US$": "USD", "zł": "PLN", "Kč": "CZK", "₹": "INR", "₺": "TRY", "₽": "RUB", "₩": "KRW",
    ]

    /// One name for the sign and the code of a currency.
    static func code(_ text: String) -> String { signs[text] ?? text }
}

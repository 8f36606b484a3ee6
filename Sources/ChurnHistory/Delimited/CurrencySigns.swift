/// The signs of currencies that are looked for beside numbers: Unicode's currency symbols of wide use and codes of ISO 4217.
enum CurrencySigns {
    /// A sign that ends another one stands behind it.
    static let known = [
        "US$", "€", "$", "£", "¥", "₹", "₺", "₽", "₩", "zł", "Kč", "kr", "Fr.", "AED", "AUD", "BGN", "BRL", "CAD",
        "CHF",
        "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "INR", "JPY", "KRW", "MXN", "NOK", "NZD", "PLN", "RON", "RUB",
        "SEK", "SGD", "TRY", "USD", "ZAR",
    ]
}

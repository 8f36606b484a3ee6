import ChurnNumerics

/// What the seller sells: 120 products with a list price each.
struct ProductCatalogue: Sendable {
    static let count = 120
    /// List prices in cents: log-normal, median 28 EUR, sigma 0.9, 1 to 900 EUR.
    let prices: [Int]

    init(seed: UInt64) {
        var stream = RandomStream(seed: seed, purpose: "simulated catalogue")
        prices = (0..<ProductCatalogue.count).map { _ in
            Int(min(max(2_800 * PortableMath.exp(0.9 * stream.normal()), 100), 90_000).rounded())
        }
    }

    /// Draws a product: few sell often, and each industry has its own favourites.
    func draw(for industry: Industry, from stream: inout RandomStream) -> Int {
        let u = stream.uniform()
        let rank = Int(Double(ProductCatalogue.count) * u * u)
        return (rank + ProductCatalogue.favourite(of: industry)) % ProductCatalogue.count
    }

    private static func favourite(of industry: Industry) -> Int {
        switch industry {
        case .construction: 0
        case .healthcare: 20
        case .logistics: 40
        case .manufacturing: 60
        case .retail: 80
        case .services: 100
        }
    }
}

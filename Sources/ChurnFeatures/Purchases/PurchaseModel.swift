/// What a customer bought before a cutoff, as buy-till-you-die models see it: days with activity count, not what happened on them.
public struct PurchaseHistory: Sendable, Equatable {
    /// Days with activity; at least 1.
    public let purchaseDays: Int
    /// Days from the first of them to the last.
    public let recency: Int
    /// Days from the first of them to the cutoff; at least 1.
    public let age: Int
    /// Sum of the activity's amounts by day with activity; 0 where there are none.
    public let meanAmount: Double
}

/// Learns from everybody's purchases before a cutoff who is still a customer, and what customers will buy.
///
/// The sweep is handed one, since this module knows of no model.
public protocol PurchaseModel: Sendable {
    /// - Parameters:
    ///   - histories: of everybody who was ever active, at least one.
    ///   - values: whether what purchases are worth will be asked.
    ///   - threads: must be positive; the result must not depend on it.
    func forecast(
        from histories: [PurchaseHistory],
        values: Bool,
        threads: Int
    ) throws(UntoldPurchases) -> any PurchaseForecast
}

/// The histories do not tell what a model asks, for a reason in words.
public struct UntoldPurchases: Error, Equatable {
    let reason: String
    /// Whether it is only what purchases are worth that they do not tell.
    let isOnlyOfValues: Bool

    public init(_ reason: String, isOnlyOfValues: Bool = false) {
        self.reason = reason
        self.isOnlyOfValues = isOnlyOfValues
    }

    static let adviceOfFamily = "leave its features out of `features`"

    /// What leaves out the features that it is about.
    var advice: String {
        isOnlyOfValues ? "set `exclude: [\(Primitive.expectedValue.rawValue)]` in `features`" : Self.adviceOfFamily
    }
}

/// What a customer who has a history may be expected to do.
public protocol PurchaseForecast: Sendable {
    func probabilityAlive(_ history: PurchaseHistory) -> Double
    /// Days with a purchase within some days from the cutoff.
    func expectedPurchases(within days: Int, _ history: PurchaseHistory) -> Double
    /// Mean amount of a day with a purchase to come. Asked only where values were.
    func expectedValue(_ history: PurchaseHistory) -> Double
}

/// What stands where nobody was ever active, so that nobody asks.
struct NoForecast: PurchaseForecast {
    func probabilityAlive(_ history: PurchaseHistory) -> Double { .nan }
    func expectedPurchases(within days: Int, _ history: PurchaseHistory) -> Double { .nan }
    func expectedValue(_ history: PurchaseHistory) -> Double { .nan }
}

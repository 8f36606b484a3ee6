/// One row of simulated history, in 20 bytes.
public struct SimulatedEvent: Sendable, Hashable {
    /// Number of the customer, from 1.
    public let customer: Int32
    /// Seconds of local wall-clock time since the first day's midnight, every day counted as 86,400.
    public let second: Int32
    /// Positive for purchases, negative for returns, 0 for what has no amount.
    public let cents: Int32
    /// Units bought or sent back, at least 1; minutes of a visit, at least 1; 0 for what has no quantity.
    public let quantity: Int32
    /// Number of the product in the catalogue, from 0; -1 for what has no product.
    public let product: Int16
    public let kind: EventKind

    /// Days since the first day.
    public var day: Int { Int(second) / SimulatedEvent.secondsPerDay }

    static let secondsPerDay = 86_400
}

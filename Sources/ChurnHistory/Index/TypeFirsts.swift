/// When something of an event type was first seen; microseconds since 1970 UTC.
public struct TypeFirsts: Sendable, Equatable, Codable {
    /// What stands where there is none.
    public static let never = Int64.max

    /// The first event.
    public internal(set) var event = never
    /// The first event with an amount.
    public internal(set) var amount = never
    /// The first event with a quantity.
    public internal(set) var quantity = never

    mutating func take(_ other: TypeFirsts) {
        event = min(event, other.event)
        amount = min(amount, other.amount)
        quantity = min(quantity, other.quantity)
    }
}

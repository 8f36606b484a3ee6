/// Whether something happened in the four weeks before a Monday.
public struct RecentSignals: Sendable, Hashable {
    public var complaint: Bool
    public var ticket: Bool
    public var visit: Bool
    /// Whether goods came back.
    public var `return`: Bool

    static let none = RecentSignals(complaint: false, ticket: false, visit: false, return: false)
}

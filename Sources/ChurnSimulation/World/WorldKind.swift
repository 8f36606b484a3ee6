/// How customers are bound to the seller.
public enum WorldKind: String, Sendable, CaseIterable {
    /// By nothing: they order until they order no more, and nobody is told.
    case noncontractual
    /// By a contract that renews itself until notice is given.
    case contractual
}

/// What one tick of a timestamp is.
public enum ArrowTimeUnit: Int16, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    case second, millisecond, microsecond, nanosecond

    public var description: String {
        switch self {
        case .second: "s"
        case .millisecond: "ms"
        case .microsecond: "us"
        case .nanosecond: "ns"
        }
    }
}

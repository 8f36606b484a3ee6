/// What happened between a customer and the seller.
public enum EventKind: UInt8, Sendable, CaseIterable {
    case purchase, `return`, complaint, ticket, emailOpen, emailClick, visit
    /// Notice of a contract.
    case cancellation

    /// The event's type in files and options.
    public var name: String {
        switch self {
        case .purchase: "purchase"
        case .return: "return"
        case .complaint: "complaint"
        case .ticket: "ticket"
        case .emailOpen: "emailOpen"
        case .emailClick: "emailClick"
        case .visit: "visit"
        case .cancellation: "cancellation"
        }
    }

    public init?(name: String) {
        guard let kind = EventKind.allCases.first(where: { $0.name == name }) else { return nil }
        self = kind
    }

    /// The kinds whose rates can be asked for: all but notices, which the hazard alone decides.
    public static let rated = allCases.filter { $0 != .cancellation }

    var index: Int { Int(rawValue) }
}

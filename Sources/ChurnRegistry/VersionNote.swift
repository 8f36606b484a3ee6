import Foundation

/// What stands in the place of a version that is gone, so that nobody takes its number: who took it away, when and why.
public struct VersionNote: Sendable, Codable, Equatable {
    public enum Action: String, Sendable, Codable {
        case deleted
        /// By a repair: it was damaged.
        case setAside
    }

    public let action: Action
    public let at: String
    public let by: String
    public let reason: String?

    init(_ action: Action, at: String, by: String, reason: String?) {
        self.action = action
        self.at = at
        self.by = by
        self.reason = reason
    }
}

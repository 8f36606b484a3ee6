import Foundation

/// Every move of a model's aliases, oldest first: promotion, rollback and audit are one append-only history.
public struct AliasHistory: Sendable {
    public struct Entry: Sendable, Codable, Equatable {
        public enum Action: String, Sendable, Codable {
            case promote, rollback
        }

        public let action: Action
        public let alias: String
        public let version: Int
        /// Where the alias pointed before; `nil` when it was new.
        public let previous: Int?
        public let at: String
        public let by: String
        public let reason: String?
    }

    /// By number, which is that of the file.
    public let entries: [Entry]

    /// The version that an alias points at.
    public func version(of alias: String) -> Int? { stack(of: alias).last }

    /// The version that a rollback of an alias goes back to.
    public func previousVersion(of alias: String) -> Int? { stack(of: alias).dropLast().last }

    /// All aliases and their versions, by name.
    public var current: [(alias: String, version: Int)] {
        Set(entries.map(\.alias)).sorted().compactMap { alias in version(of: alias).map { (alias, $0) } }
    }

    /// The versions of an alias that rollbacks have not undone.
    private func stack(of alias: String) -> [Int] {
        var stack: [Int] = []
        for entry in entries where entry.alias == alias {
            switch entry.action {
            case .promote: stack.append(entry.version)
            case .rollback: _ = stack.popLast()
            }
        }
        return stack
    }
}

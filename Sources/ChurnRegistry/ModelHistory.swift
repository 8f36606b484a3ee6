import Foundation

/// What was decided about a model's versions, oldest first: promotions, rollbacks and deletions are one append-only history, in which
/// each entry was made by somebody who knew all before it.
public struct ModelHistory: Sendable {
    public struct Entry: Sendable, Codable, Equatable {
        public enum Action: String, Sendable, Codable {
            case promote, rollback
            /// A version may be named no more.
            case delete
            /// Stands in for an entry that was damaged: aliases are where they were before it.
            case repair
        }

        public let action: Action
        /// The alias that was moved; `nil` where none was.
        public let alias: String?
        /// The version that the alias was pointed at, or that was deleted; `nil` of a repair.
        public let version: Int?
        /// Where the alias pointed before; `nil` when it was new.
        public let previous: Int?
        public let at: String
        public let by: String
        public let reason: String?
        /// Where all aliases point after this; absent in entries of older versions.
        public let aliases: [String: Int]?

        init(
            _ action: Action,
            alias: String? = nil,
            version: Int? = nil,
            reason: String?,
            at date: Date,
            after history: ModelHistory
        ) {
            self.action = action
            self.alias = alias
            self.version = version
            previous = alias.flatMap { history.version(of: $0) }
            at = date.formatted(.iso8601)
            by = NSUserName()
            self.reason = reason
            var aliases = history.aliases
            if let alias, let version { aliases[alias] = version }
            self.aliases = aliases
        }

        /// Makes of the aliases before the entry those after it.
        func move(_ aliases: inout [String: Int]) {
            if let alias, let version { aliases[alias] = version }
            // After a repair the aliases are those that later entries say.
            if let stated = self.aliases { aliases = stated }
        }
    }

    /// By number, which is that of the file.
    public let entries: [Entry]
    /// Where all aliases point.
    public let aliases: [String: Int]

    init(entries: [Entry]) {
        self.entries = entries
        aliases = entries.reduce(into: [:]) { $1.move(&$0) }
    }

    private init(entries: [Entry], aliases: [String: Int]) {
        self.entries = entries
        self.aliases = aliases
    }

    /// The history with one entry more.
    func appending(_ entry: Entry) -> ModelHistory {
        var aliases = aliases
        entry.move(&aliases)
        return ModelHistory(entries: entries + [entry], aliases: aliases)
    }

    /// The version that an alias points at.
    public func version(of alias: String) -> Int? { aliases[alias] }

    /// The version that a rollback of an alias goes back to.
    public func previousVersion(of alias: String) -> Int? { stack(of: alias).dropLast().last }

    /// Versions that an alias points at, or would after rollbacks.
    public var namedVersions: Set<Int> {
        // After a repair an alias may point at a version whose promotion nobody can read.
        aliases.keys.reduce(into: Set(aliases.values)) { $0.formUnion(stack(of: $1)) }
    }

    public var deletedVersions: Set<Int> {
        Set(entries.filter { $0.action == .delete }.compactMap(\.version))
    }

    /// The versions of an alias that rollbacks have not undone.
    private func stack(of alias: String) -> [Int] {
        var stack: [Int] = []
        for entry in entries where entry.alias == alias {
            switch entry.action {
            case .promote: if let version = entry.version { stack.append(version) }
            case .rollback: _ = stack.popLast()
            case .delete, .repair: break
            }
        }
        return stack
    }
}

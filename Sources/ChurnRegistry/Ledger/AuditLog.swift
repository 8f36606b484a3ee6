import ChurnHistory
import Crypto
import Foundation

/// What was done in a registry to what is known of customers, in entries that are added and never changed: erasures, and what went when
/// its time was over. No entry names a customer. See `docs/formats/registry.md`.
///
/// An entry is staged, synced and linked under the next number. Each has the digest of the one before it, so that none can be changed
/// or taken out of the middle unseen.
public struct AuditLog: Sendable {
    private let registry: ModelRegistry

    public init(registry: ModelRegistry) { self.registry = registry }

    public struct Entry: Sendable, Codable, Equatable {
        public enum Action: String, Sendable, Codable {
            /// A customer was erased.
            case erase
            /// Runs and files of rejected rows went, because their time was over.
            case retention
        }

        /// What was done about a place where customers may stand.
        public struct Place: Sendable, Codable, Equatable {
            public enum Kind: String, Sendable, Codable {
                case scores, rejects, index, other
            }

            public enum Outcome: String, Sendable, Codable {
                /// Rows were taken out, or the file was removed.
                case erased
                /// The customer was not in it.
                case clear
                /// The file or table is not there any more.
                case gone
                /// It may still hold the customer.
                case failed
            }

            public let kind: Kind
            /// A file's path, or a database without its password, and its table.
            public var place: String
            public let table: String?
            /// The run whose scores they are.
            public let run: Int?
            public var outcome: Outcome
            /// Rows that were taken out.
            public var rows: Int
            /// Of the file of scores as it is now, whether it was written again or not.
            public var digest: String?
            public var bytes: Int?
            /// Why it failed, in words without any customer.
            public var problem: String?

            public init(_ kind: Kind, at place: String, table: String? = nil, run: Int? = nil) {
                self.kind = kind
                self.place = place
                self.table = table
                self.run = run
                outcome = .clear
                rows = 0
            }
        }

        /// A version and whether it was trained on data that held the customer; itself it holds nobody's row.
        public struct Version: Sendable, Codable, Equatable {
            public enum Held: String, Sendable, Codable {
                /// The data are those that it was trained on, and hold him.
                case yes
                /// The data have changed since. They hold him, and nothing says that they did not when the model was trained.
                case likely
                /// The data cannot be read, or have changed since and do not hold him any more.
                case unknown
            }

            public let model: String
            public let version: Int
            public let held: Held

            public init(model: String, version: Int, held: Held) {
                self.model = model
                self.version = version
                self.held = held
            }
        }

        public let action: Action
        public let at: String
        public let by: String
        public let codeVersion: String
        public let reason: String?
        /// The customer under a key, and which key that was; `nil` without one.
        public let pseudonym: String?
        public let pseudonymKey: String?
        public internal(set) var places: [Place]
        public let versions: [Version]
        /// Numbers of runs that went.
        public let runs: [Int]
        /// SHA-256 of the entry before; empty of the first.
        public fileprivate(set) var previous = ""

        public init(
            _ action: Action,
            at date: Date,
            codeVersion: String,
            reason: String? = nil,
            pseudonym: String? = nil,
            pseudonymKey: String? = nil,
            places: [Place],
            versions: [Version] = [],
            runs: [Int] = []
        ) {
            self.action = action
            at = date.formatted(.iso8601)
            by = NSUserName()
            self.codeVersion = codeVersion
            self.reason = reason
            self.pseudonym = pseudonym
            self.pseudonymKey = pseudonymKey
            self.places = places
            self.versions = versions
            self.runs = runs
        }

        /// The same with names of customers masked where a path has them.
        public func masking(_ names: CustomerNames) -> Entry {
            var entry = self
            for number in entry.places.indices {
                entry.places[number].place = names.masked(entry.places[number].place, by: "[customer]")
                entry.places[number].problem = entry.places[number].problem.map { names.masked($0, by: "[customer]") }
            }
            return entry
        }

        /// Whether nothing is known to be left.
        public var isComplete: Bool { !places.contains { $0.outcome == .failed } }
    }

    /// Bytes that an entry can have: each night's output may be a place of its own.
    private static let mostBytes = 64 << 20
    /// How often an entry is added again behind one that somebody else was quicker with.
    private static let mostAttempts = 1000

    /// Fails where no entry could be added.
    public func requireRoom() throws(RegistryError) {
        try registry.files.makeFolder(registry.auditPath)
        guard let last = try numbers().last else { return }
        _ = try digest(last)
        guard last < ModelRegistry.largestVersion else { throw usedUp }
    }

    private var usedUp: RegistryError { .damaged(path: registry.auditPath, problem: "its numbers are used up") }

    /// Adds an entry.
    /// - Returns: its number.
    @discardableResult
    public func append(_ entry: Entry) throws(RegistryError) -> Int {
        try registry.files.makeFolder(registry.auditPath)
        for _ in 0..<Self.mostAttempts {
            let number = (try numbers().last ?? 0) + 1
            guard number <= ModelRegistry.largestVersion else { throw usedUp }
            var entry = entry
            entry.previous = number == 1 ? "" : try digest(number - 1)
            if try registry.place(RegistryJSON.encode(entry), at: path(number)) { return number }
        }
        throw .inputOutput(path: registry.auditPath, operation: "adding an entry", reason: "others were always quicker")
    }

    /// The numbers of the entries, ascending.
    public func numbers() throws(RegistryError) -> [Int] {
        try registry.files.names(in: registry.auditPath).compactMap { file in
            file.name.hasSuffix(".json") ? ModelRegistry.number(String(file.name.dropLast(5))) : nil
        }
    }

    /// - Throws: `damaged` for an entry that is missing, or that does not follow the one before it.
    public func entry(_ number: Int) throws(RegistryError) -> Entry {
        let path = path(number)
        let data = try registry.files.read(path, most: Self.mostBytes)
        guard let entry = try? JSONDecoder().decode(Entry.self, from: data) else {
            throw .damaged(path: path, problem: "it is no entry of the audit log")
        }
        let expected = number == 1 ? "" : try digest(number - 1)
        guard entry.previous == expected else {
            throw .damaged(path: path, problem: "the entry before it is not the one that it was added to")
        }
        return entry
    }

    /// What erasures have found and done where a run's scores are, oldest first; nothing of entries that are damaged.
    public func scores(ofRun run: Int) throws(RegistryError) -> [(entry: Int, place: Entry.Place)] {
        var found: [(entry: Int, place: Entry.Place)] = []
        for number in try numbers() {
            guard let entry = try? entry(number) else { continue }
            found += entry.places.filter { $0.run == run && $0.kind == .scores }.map { (number, $0) }
        }
        return found
    }

    func path(_ number: Int) -> String { "\(registry.auditPath)/\(ModelRegistry.numbered(number)).json" }

    /// SHA-256 of an entry, which the next one has, in hexadecimal.
    public func digest(_ number: Int) throws(RegistryError) -> String {
        SHA256.hash(data: try registry.files.read(path(number), most: Self.mostBytes)).hexadecimal
    }
}

extension ModelRegistry {
    var auditPath: String { "\(path)/audit" }
}

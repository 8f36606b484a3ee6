import Foundation

/// A run of a scoring as the ledger has it: what was asked for, and what came of it.
public struct ScoringRun: Sendable, Equatable {
    /// From 1, in the order in which runs began.
    public let number: Int
    public let start: Start
    /// `nil` for a run that has not ended, or that was killed and nobody has noted it yet.
    public let end: End?
    /// Whether a run without an end is at work.
    public let isAtWork: Bool

    /// Where scores go.
    public struct Destination: Sendable, Codable, Equatable {
        public enum Kind: String, Sendable, Codable {
            case csv, arrow, sqlite, postgresql, standardOutput
        }

        public let kind: Kind
        /// A file's path, or a database without its password; `nil` for standard output.
        public let place: String?
        public let table: String?

        public init(kind: Kind, place: String?, table: String? = nil) {
            self.kind = kind
            self.place = place
            self.table = table
        }

        public static let standardOutput = Destination(kind: .standardOutput, place: nil)
    }

    /// What a run was asked for.
    public struct Start: Sendable, Codable, Equatable {
        public let startedAt: String
        public let startedBy: String
        public let host: String
        public let process: Int
        public let codeVersion: String
        /// The model as it was named, such as `shop@champion`.
        public let reference: String
        /// What the reference was resolved to, once.
        public let model: String
        public let version: Int
        /// The study or the table.
        public let source: String
        /// What decides how the source is read: SHA-256 of the study, or the options for the table.
        public let settings: String
        /// The cutoff as `2024-12-31`; `nil` for a flat table.
        public let asOf: String?
        public let destination: Destination
        /// Whether all contributions are written.
        public let contributions: Bool
        /// Which key made pseudonyms of the customers' ids; `nil` where they are as they are.
        public let pseudonymKey: String?
        /// The file that takes rejected rows.
        public let rejects: String?

        public init(
            at date: Date,
            codeVersion: String,
            reference: ModelReference,
            version: Int,
            source: String,
            settings: String,
            asOf: String?,
            destination: Destination,
            contributions: Bool,
            pseudonymKey: String?,
            rejects: String?
        ) {
            startedAt = date.formatted(.iso8601)
            startedBy = NSUserName()
            host = ProcessInfo.processInfo.hostName
            process = Int(ProcessInfo.processInfo.processIdentifier)
            self.codeVersion = codeVersion
            self.reference = reference.description
            model = reference.name.text
            self.version = version
            self.source = source
            self.settings = settings
            self.asOf = asOf
            self.destination = destination
            self.contributions = contributions
            self.pseudonymKey = pseudonymKey
            self.rejects = rejects
        }

        /// Whether another run was asked for the same scores in the same place.
        public func asksForSame(as other: Start) -> Bool {
            model == other.model && version == other.version && source == other.source
                && settings == other.settings && asOf == other.asOf
                && destination == other.destination && contributions == other.contributions
                && pseudonymKey == other.pseudonymKey
        }
    }

    public enum Outcome: String, Sendable, Codable, CaseIterable {
        /// The scores are in their place.
        case done
        /// They were there already, from an earlier run.
        case repeated
        /// A check did not allow it.
        case refused
        case failed
        /// Another run was writing to the same place.
        case busy
        /// The run was killed, as a later one found.
        case died
    }

    /// What came of a run.
    public struct End: Sendable, Codable, Equatable {
        public struct Counts: Sendable, Codable, Equatable {
            /// Rows of events of a study, or rows of a table.
            public let rowsRead: Int
            public let rowsKept: Int
            public let rowsRejected: Int
            public let rowsDropped: Int
            public var customersScored: Int?

            public init(rowsRead: Int, rowsKept: Int, rowsRejected: Int, rowsDropped: Int) {
                self.rowsRead = rowsRead
                self.rowsKept = rowsKept
                self.rowsRejected = rowsRejected
                self.rowsDropped = rowsDropped
            }
        }

        public struct Seconds: Sendable, Codable, Equatable {
            /// Waiting and the model's files included.
            public var reading: Double?
            public var scoring: Double?
            public var writing: Double?

            public init() {}
        }

        /// What was written.
        public struct Scores: Sendable, Codable, Equatable {
            /// SHA-256 of customers, probabilities and reasons, whatever they were written as.
            public let digest: String
            public let mean: Double
            /// Of the file; `nil` where there is none.
            public let fileDigest: String?
            public let bytes: Int?

            public init(digest: String, mean: Double, fileDigest: String?, bytes: Int?) {
                self.digest = digest
                self.mean = mean
                self.fileDigest = fileDigest
                self.bytes = bytes
            }
        }

        public var endedAt: String
        public var outcome: Outcome
        public var exitCode: Int
        /// Of a run that was not done, in words without any customer.
        public var message: String?
        public var dataFingerprint: String?
        public var counts: Counts?
        public var checks: [RunCheck]?
        public var seconds: Seconds?
        public var scores: Scores?
        /// The earlier run of a repeated one, the one that was at work of a busy one, the one that noted it of one that died.
        public var otherRun: Int?
        /// What earlier runs had left beside the output.
        public var removedLeftovers: [String]?

        public init(_ outcome: Outcome, at date: Date, exitCode: Int, message: String? = nil, otherRun: Int? = nil) {
            endedAt = date.formatted(.iso8601)
            self.outcome = outcome
            self.exitCode = exitCode
            self.message = message
            self.otherRun = otherRun
        }
    }

    /// How a run stands.
    public enum State: String, Sendable, Codable, CaseIterable {
        case running, done, repeated, refused, failed, busy, died
    }

    public var state: State {
        switch end?.outcome {
        case .done: .done
        case .repeated: .repeated
        case .refused: .refused
        case .failed: .failed
        case .busy: .busy
        case .died: .died
        case nil: isAtWork ? .running : .died
        }
    }
}

/// What a check before a scoring found.
public struct RunCheck: Sendable, Codable, Equatable {
    public enum Verdict: String, Sendable, Codable, Comparable {
        case pass, warn, fail

        private var rank: Int {
            switch self {
            case .pass: 0
            case .warn: 1
            case .fail: 2
            }
        }

        public static func < (left: Verdict, right: Verdict) -> Bool { left.rank < right.rank }
    }

    /// `freshness`, `rejected`, `unseen` or `drift`.
    public let name: String
    public let verdict: Verdict
    /// What was measured.
    public let value: Double
    /// Above which it warns, and fails.
    public let warn: Double?
    public let fail: Double?
    /// In words.
    public let text: String

    public init(name: String, value: Double, warn: Double?, fail: Double?, text: String) {
        self.name = name
        self.value = value
        self.warn = warn
        self.fail = fail
        self.text = text
        verdict = fail.map { value > $0 } ?? false ? .fail : warn.map { value > $0 } ?? false ? .warn : .pass
    }
}

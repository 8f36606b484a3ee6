import ChurnDatabase
import ChurnFeatures
import ChurnHistory
import ChurnRegistry
import ChurnScoring
import Foundation

/// Takes a customer out of everything that ChurnKit has written and the ledger of a registry knows of: scores, rejected rows, kept
/// indexes. The audit log has what was done, and nothing that names him.
///
/// Each file is written again beside its place and renamed, each table changed in one transaction. An erasure that is cut off is done
/// again from the start. The sources are not ours to change: whoever is in them is scored again.
public struct CustomerErasure {
    private let registry: ModelRegistry
    private let customer: String
    private let keys: [Pseudonyms]
    private let memory: Int?
    private let threads: Int
    private let describing: (any Error) -> ScoringJob.Failure
    /// His id, and his pseudonyms under the keys at hand.
    private let names: CustomerNames

    /// - Parameters:
    ///   - customer: his id, as it stands in the sources.
    ///   - keys: under which he may have pseudonyms.
    ///   - memory: bytes that the events of a study may take up; `nil` for no bound.
    ///   - describing: what is said of an error, without a value of anybody's row.
    public init(
        of customer: String,
        registry: ModelRegistry,
        keys: [Pseudonyms],
        memory: Int? = nil,
        threads: Int,
        describing: @escaping (any Error) -> ScoringJob.Failure
    ) {
        self.registry = registry
        self.customer = customer
        self.keys = keys
        self.memory = memory
        self.threads = threads
        self.describing = describing
        names = CustomerNames(keys.map { $0(customer) } + [customer])
    }

    /// More files with rows of customers.
    public struct OtherFiles: Sendable {
        /// CSV, Arrow, or a file of rejected rows.
        public let paths: [String]
        /// The column of the ids.
        public let column: String

        public init(paths: [String], column: String) {
            self.paths = paths
            self.column = column
        }
    }

    /// What an erasure has done, or would do.
    public struct Result: Sendable {
        public let entry: AuditLog.Entry
        /// Of the entry in the audit log; `nil` where it was only tried.
        public let number: Int?
        /// Studies and tables that still hold him, and those that cannot be read.
        public let sourcesHoldingHim: [String]
        public let unreadSources: [String]
        /// Of the first place that may still hold him; 0 where none does.
        public let exitCode: Int
    }

    /// - Parameters:
    ///   - tries: whether it is only found what would be done.
    ///   - reason: for the audit log.
    public func run(
        others: OtherFiles,
        tries: Bool,
        reason: String?,
        codeVersion: String,
        at date: Date
    ) throws -> Result {
        let log = AuditLog(registry: registry)
        // Nothing is changed that could not be written down.
        if !tries { try log.requireRoom() }
        // Before the indexes go, which are quicker to read than sources.
        let sources = try ErasureSources(registry: registry, customer: customer, memory: memory, threads: threads)
        let ledger = RunLedger(registry: registry)
        let runs = try ledger.newest(.max, at: date)
        let survey = Survey(names: names, tries: tries, describing: describing)
        for number in Set(try ledger.numbers()).subtracting(runs.map(\.number)).sorted() {
            survey.look(at: .init(.scores, at: ledger.path(number), run: number)) { _ in
                throw ErasureError.unreadableRun(number: number)
            }
        }
        for (destination, users) in destinations(of: runs) {
            let last = users.first { $0.end?.outcome == .done }?.number
            let path = destination.place ?? ""
            survey.look(at: .init(.scores, at: path, table: destination.table, run: last)) { place in
                try requireNobody(at: path, users)
                for name in Set(users.compactMap(\.start.pseudonymKey)).sorted()
                where !keys.contains(where: { $0.keyName == name }) {
                    throw ErasureError.unknownKey(name: name, path: path)
                }
                try eraseScores(&place, destination, writtenOn: users.map(\.start.host), survey)
            }
        }
        for path in Set(runs.compactMap(\.start.rejects)).sorted() {
            survey.look(at: .init(.rejects, at: path)) { place in
                try requireNobody(at: path, runs.filter { $0.start.rejects == path })
                try survey.eraseRows(&place, keepsTime: true) { try RejectedRows.rewriting(at: path, without: names) }
            }
        }
        for path in sources.indexPaths {
            survey.look(at: .init(.index, at: path)) { place in try survey.removeIndex(&place, of: customer) }
        }
        for path in others.paths.map(AtomicFile.absolute) {
            survey.look(at: .init(.other, at: path)) { place in
                guard FileIdentity(path: path) != nil else { throw DataError(.fileMissing, "is not there", file: path) }
                try sources.requireNone(of: path)
                try survey.eraseRows(&place) { try rewriting(other: path, column: others.column) }
            }
        }
        let entry = AuditLog.Entry(
            .erase,
            at: date,
            codeVersion: codeVersion,
            reason: reason,
            pseudonym: keys.first.map { $0(customer) },
            pseudonymKey: keys.first?.keyName,
            places: survey.places,
            versions: sources.versions
        ).masking(names)
        return Result(
            entry: entry,
            number: tries ? nil : try log.append(entry),
            sourcesHoldingHim: sources.holdingHim,
            unreadSources: sources.unread,
            exitCode: survey.exitCode
        )
    }

    /// Each place that scores were to go to, by name, with the runs, newest first, of which something may stand there: the last that was done and
    /// whatever came after it.
    private func destinations(of runs: [ScoringRun]) -> [(ScoringRun.Destination, [ScoringRun])] {
        var known: [(destination: ScoringRun.Destination, runs: [ScoringRun])] = []
        for run in runs where run.start.destination.kind != .standardOutput {
            let number = known.firstIndex { $0.destination == run.start.destination } ?? known.count
            if number == known.count { known.append((run.start.destination, [])) }
            if known[number].runs.contains(where: { $0.end?.outcome == .done }) { continue }
            known[number].runs.append(run)
        }
        return known.sorted {
            ($0.destination.place ?? "", $0.destination.table ?? "") < (
                $1.destination.place ?? "", $1.destination.table ?? ""
            )
        }
    }

    private func requireNobody(at path: String, _ runs: [ScoringRun]) throws(ScoringError) {
        guard let other = runs.first(where: { $0.state == .running }) else { return }
        throw .busy(destination: path, run: other.number, registry: registry.path)
    }

    private func eraseScores(
        _ place: inout AuditLog.Entry.Place,
        _ destination: ScoringRun.Destination,
        writtenOn hosts: [String],
        _ survey: Survey
    ) throws {
        let path = place.place
        let isFile = destination.kind != .postgresql
        if isFile, try !survey.isThere(path), let host = hosts.first, host != ProcessInfo.processInfo.hostName {
            throw ErasureError.elsewhere(path: path, host: host)
        }
        switch destination.kind {
        case .csv, .arrow:
            try survey.eraseRows(&place) {
                try rewriting(path, isArrow: destination.kind == .arrow, column: "customer")
            }
            if place.outcome == .erased || place.outcome == .clear { try survey.identify(&place) }
        case .sqlite:
            guard try survey.isThere(path) else {
                place.outcome = .gone
                return
            }
            let database = try SQLiteDatabase(path: path)
            try survey.eraseRows(&place) { table, counts in
                try database.delete(Set(names.texts), from: table, column: "customer", counts: counts)
            }
        case .postgresql:
            let connection = try PostgreSQLConnection(address: path)
            try survey.eraseRows(&place) { table, counts in
                try connection.delete(Set(names.texts), from: table, column: "customer", counts: counts)
            }
        case .standardOutput: break
        }
    }

    private func rewriting(other path: String, column: String) throws -> FileRewriting {
        if RejectedRows.isOne(path) { return try RejectedRows.rewriting(at: path, without: names) }
        if FeatureTable.hasMetadata(besideCSV: path) {
            throw ErasureError.described(path: path, by: FeatureTable.sidecarPath(ofCSV: path))
        }
        let isArrow = ["arrow", "feather"].contains((path as NSString).pathExtension.lowercased())
        return try rewriting(path, isArrow: isArrow, column: column)
    }

    private func rewriting(_ path: String, isArrow: Bool, column: String) throws -> FileRewriting {
        let rewriting = try FileRewriting(path: path)
        if isArrow {
            try rewriting.copyArrow(column: column, without: names.contains)
        } else {
            try rewriting.copyCSV(columns: [column]) { names.contains($0[0]) }
        }
        return rewriting
    }
}

/// Why a place may still hold a customer.
public enum ErasureError: Error, Equatable, Sendable {
    /// Its customers have pseudonyms under a key that is not at hand.
    case unknownKey(name: String, path: String)
    case changedMeanwhile(path: String)
    /// Something beside it is about to take its place, or was left there and cannot be removed.
    case unfinished(path: String)
    /// The record of a run is damaged, so that nobody knows where its scores are.
    case unreadableRun(number: Int)
    /// What stands there is no index of ours.
    case notAnIndex(path: String)
    /// It was written on another machine, and is not here.
    case elsewhere(path: String, host: String)
    /// A table of features with a description that would not fit it any more.
    case described(path: String, by: String)
    /// One of the user's own files.
    case source(path: String, of: String)
}

extension ErasureError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownKey(let name, let path):
            "\(path) has pseudonyms under the key \(name). Fix: name its file with --pseudonymise"
        case .changedMeanwhile(let path): "\(path) has changed meanwhile. Fix: erase again"
        case .unfinished(let path):
            "beside \(path) stands a file that was to become it. Fix: erase again when nobody writes it; remove it where nobody does"
        case .unreadableRun(let number):
            "the record of run \(number) is damaged, so that nobody knows where its scores are. Fix: `churn models verify` tells more;"
                + " name the file behind the customer"
        case .notAnIndex(let path): "\(path) is no index of ours. Fix: move it away"
        case .elsewhere(let path, let host):
            "\(path) is not here; it was written on \(host). Fix: erase there, or name the file behind the customer where it is now"
        case .described(let path, let sidecar):
            "\(path) has a description, \(sidecar), that would not fit it any more. Fix: compute the table again, or write it as .arrow"
        case .source(let path, let source):
            "\(path) is a file of \(source), which ChurnKit reads and never changes. Fix: take the customer out of it by other means"
        }
    }
}

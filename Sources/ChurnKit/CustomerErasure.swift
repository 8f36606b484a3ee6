import ChurnDatabase
import ChurnFeatures
import ChurnHistory
import ChurnRegistry
import ChurnScoring
import Crypto
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
    private let describing: (any Error) -> ScoringJob.Failure
    /// His id, and his pseudonyms under the keys at hand.
    private let names: Set<String>

    /// - Parameters:
    ///   - customer: his id, as it stands in the sources.
    ///   - keys: under which he may have pseudonyms.
    ///   - describing: what is said of an error: words without any customer.
    public init(
        of customer: String,
        registry: ModelRegistry,
        keys: [Pseudonyms],
        describing: @escaping (any Error) -> ScoringJob.Failure
    ) {
        self.registry = registry
        self.customer = customer
        self.keys = keys
        self.describing = describing
        names = Set(keys.map { $0(customer) }).union([customer])
    }

    /// What an erasure has done, or would do.
    public struct Result: Sendable {
        public let entry: AuditLog.Entry
        /// Of the entry in the audit log; `nil` where nothing was to be done in earnest.
        public let number: Int?
        /// Studies and tables that still hold him.
        public let sourcesHoldingHim: [String]
        /// Of the first place that may still hold him; 0 where none does.
        public let exitCode: Int
    }

    /// - Parameters:
    ///   - others: more files with rows of customers, CSV or Arrow.
    ///   - tries: whether it is only found what would be done.
    ///   - reason: for the audit log.
    public func run(
        others: [String],
        tries: Bool,
        reason: String?,
        codeVersion: String,
        at date: Date
    ) throws -> Result {
        let runs = try RunLedger(registry: registry).newest(.max, at: date)
        // Before the indexes go, which are quicker to read than sources.
        let sources = try TrainingSources(registry: registry, runs: runs, customer: customer)
        var exitCode = 0
        var places: [AuditLog.Entry.Place] = []
        func look(at place: AuditLog.Entry.Place, _ body: (inout AuditLog.Entry.Place) throws -> Void) {
            var place = place
            do {
                try body(&place)
            } catch {
                let failure = describing(error)
                place.outcome = .failed
                place.problem = failure.message
                if exitCode == 0 { exitCode = failure.exitCode }
            }
            places.append(place)
        }
        for run in lastRuns(runs) {
            guard let path = run.start.destination.place else { continue }
            let table = run.start.destination.table
            look(at: .init(.scores, at: path, table: table, run: run.number)) { place in
                try eraseScores(of: run, &place, tries: tries, at: date)
            }
        }
        for path in Set(runs.compactMap(\.start.rejects)).sorted() {
            look(at: .init(.rejects, at: path)) { place in
                try eraseRows(&place, tries: tries) { try RejectedRows.rewriting(at: path, without: names) }
            }
        }
        for path in sources.indexPaths {
            look(at: .init(.index, at: path)) { place in
                guard KeptIndex.mayHold(customer: customer, at: path) else { return }
                place.outcome = .erased
                guard !tries else { return }
                try removeIndex(path)
            }
        }
        for path in others.map(AtomicFile.absolute) {
            look(at: .init(.other, at: path)) { place in
                guard FileIdentity(path: path) != nil else { throw DataError(.fileMissing, "is not there", file: path) }
                try eraseRows(&place, tries: tries) { try rewriting(path, isArrow: Self.isArrow(path)) }
            }
        }
        let entry = AuditLog.Entry(
            .erase,
            at: date,
            codeVersion: codeVersion,
            reason: reason,
            pseudonym: keys.first.map { $0(customer) },
            pseudonymKey: keys.first?.keyName,
            places: places,
            versions: sources.versions
        )
        return Result(
            entry: entry,
            number: tries ? nil : try AuditLog(registry: registry).append(entry),
            sourcesHoldingHim: sources.holdingHim,
            exitCode: exitCode
        )
    }

    /// For each place that scores were written to, the last run that has done so, by number.
    private func lastRuns(_ runs: [ScoringRun]) -> [ScoringRun] {
        var known: [ScoringRun.Destination] = []
        var last: [ScoringRun] = []
        for run in runs where run.end?.outcome == .done && !known.contains(run.start.destination) {
            known.append(run.start.destination)
            last.append(run)
        }
        return last.reversed()
    }

    // MARK: Places

    private func eraseScores(
        of run: ScoringRun,
        _ place: inout AuditLog.Entry.Place,
        tries: Bool,
        at date: Date
    ) throws {
        let (start, ledger) = (run.start, RunLedger(registry: registry))
        let path = place.place
        if let other = try ledger.runAtWork(on: start.destination, before: .max, at: date) {
            throw ScoringError.busy(destination: path, run: other, registry: registry.path)
        }
        if let name = start.pseudonymKey, !keys.contains(where: { $0.keyName == name }) {
            throw ErasureError.unknownKey(name: name, path: path)
        }
        switch start.destination.kind {
        case .csv, .arrow:
            let isArrow = start.destination.kind == .arrow
            try eraseRows(&place, tries: tries) { try rewriting(path, isArrow: isArrow) }
        case .sqlite:
            guard FileIdentity(path: path) != nil else {
                place.outcome = .gone
                return
            }
            let database = try SQLiteDatabase(path: path)
            try eraseRows(&place) { table in
                try database.delete(names, from: table, column: "customer", counts: tries)
            }
        case .postgresql:
            let connection = try PostgreSQLConnection(address: path)
            try eraseRows(&place) { table in
                try connection.delete(names, from: table, column: "customer", counts: tries)
            }
        case .standardOutput: break
        }
    }

    /// - Parameter delete: deletes rows of a table, and tells how many; `nil` for no such table.
    private func eraseRows(
        _ place: inout AuditLog.Entry.Place,
        _ delete: (DatabaseTable.Name) throws -> Int?
    ) throws {
        guard let rows = try delete(DatabaseTable.Name(place.table ?? "")) else {
            place.outcome = .gone
            return
        }
        place.rows = rows
        if rows > 0 { place.outcome = .erased }
    }

    private func eraseRows(
        _ place: inout AuditLog.Entry.Place,
        tries: Bool,
        _ rewriting: () throws -> FileRewriting
    ) throws {
        if !tries { _ = AtomicFile.removeLeftovers(of: place.place) }
        guard FileIdentity(path: place.place) != nil else {
            place.outcome = .gone
            return
        }
        let rewriting = try rewriting()
        guard rewriting.removedRows > 0 else { return }
        place.rows = rewriting.removedRows
        place.outcome = .erased
        guard !tries else { return }
        guard try rewriting.commit() else {
            place.rows = 0
            throw ErasureError.changedMeanwhile(path: place.place)
        }
        place.digest = rewriting.file.digest
        place.bytes = rewriting.file.byteCount
    }

    private func rewriting(_ path: String, isArrow: Bool) throws -> FileRewriting {
        let rewriting = try FileRewriting(path: path)
        if isArrow {
            try rewriting.copyArrow(column: "customer") { names.contains($0) }
        } else {
            try rewriting.copyCSV(columns: ["customer"]) { names.contains($0[0]) }
        }
        return rewriting
    }

    private static func isArrow(_ path: String) -> Bool {
        ["arrow", "feather"].contains((path as NSString).pathExtension.lowercased())
    }

    /// An index is a copy of its sources: it goes whole, and is made again from what they have then.
    private func removeIndex(_ path: String) throws {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw DataError(.writeFailed, "cannot be removed", file: path, fix: "remove it")
        }
        try AtomicFile.syncDirectory((path as NSString).deletingLastPathComponent)
    }
}

/// Why a place may still hold a customer.
public enum ErasureError: Error, Equatable, Sendable {
    /// Its customers have pseudonyms under a key that is not at hand.
    case unknownKey(name: String, path: String)
    case changedMeanwhile(path: String)
}

extension ErasureError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownKey(let name, let path):
            "\(path) has pseudonyms under the key \(name). Fix: name its file with --pseudonymise"
        case .changedMeanwhile(let path): "\(path) has changed meanwhile. Fix: erase again"
        }
    }
}

/// The data that a registry's versions were trained on and its runs have scored, as they are now, and whether they hold a customer.
private struct TrainingSources {
    private(set) var versions: [AuditLog.Entry.Version] = []
    private(set) var holdingHim: [String] = []
    /// Where kept indexes of the studies would stand.
    private(set) var indexPaths: [String] = []

    /// What a source is found to be.
    private enum Finding {
        case unreadable
        /// - Parameter firstSeen: when; `nil` where that is not known.
        case holdsHim(fingerprint: String, firstSeen: Date?)
        case holdsHimNot(fingerprint: String)
    }

    init(registry: ModelRegistry, runs: [ScoringRun], customer: String) throws {
        let base = (AtomicFile.absolute("\(registry.path)/.") as NSString).deletingLastPathComponent
        /// A version's source is named as it was typed: seen from here, or from beside the registry.
        func path(_ source: String) -> String {
            let beside = "\(base)/\(source)"
            return AtomicFile.absolute(FileIdentity(path: source) == nil && !source.hasPrefix("/") ? beside : source)
        }
        var trained: [(model: String, version: Int, origin: ModelManifest.Origin)] = []
        for model in try registry.models() {
            for version in try registry.versions(of: model) {
                trained.append((model.text, version, try registry.manifest(model, version: version).origin))
            }
        }
        let paths = Set(trained.map { path($0.origin.source) } + runs.map(\.start.source)).sorted()
        var findings: [String: Finding] = [:]
        for path in paths {
            let isStudy = path.hasSuffix(".yaml") || path.hasSuffix(".yml")
            let finding = isStudy ? Self.look(inStudy: path, for: customer) : Self.look(inTable: path, for: customer)
            findings[path] = finding
            if case .holdsHim = finding { holdingHim.append(path) }
            if isStudy, FileIdentity(path: KeptIndex.path(ofStudy: path)) != nil {
                indexPaths.append(KeptIndex.path(ofStudy: path))
            }
        }
        for (model, version, origin) in trained {
            let held: AuditLog.Entry.Version.Held?
            switch findings[path(origin.source)] {
            case .holdsHim(origin.dataFingerprint, _): held = .yes
            case .holdsHim(_, let firstSeen):
                let trainedAt = try? Date(origin.createdAt, strategy: .iso8601)
                let came = firstSeen.flatMap { first in trainedAt.map { first > $0 } } ?? false
                held = came ? nil : .likely
            case .holdsHimNot(origin.dataFingerprint): held = nil
            case .holdsHimNot, .unreadable, nil: held = .unknown
            }
            if let held { versions.append(.init(model: model, version: version, held: held)) }
        }
    }

    private static func look(inStudy path: String, for customer: String) -> Finding {
        guard let study = try? Study(path: path), let data = try? StudyData(study: study) else { return .unreadable }
        let (index, fingerprint) = (data.history.index, data.history.dataFingerprint)
        guard let number = index.customers.firstIndex(of: customer) else {
            return .holdsHimNot(fingerprint: fingerprint)
        }
        let first = index.rows(ofCustomer: number).first.map { row in
            Date(timeIntervalSince1970: Double(index.times[row]) / 1e6)
        }
        return .holdsHim(fingerprint: fingerprint, firstSeen: first)
    }

    /// How a table is written is not known here: his id is looked for as a word of its own.
    private static func look(inTable path: String, for customer: String) -> Finding {
        guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) else {
            return .unreadable
        }
        // What is packed is not looked through.
        if bytes.starts(with: [0x1F, 0x8B]) || bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) { return .unreadable }
        func isPartOfWord(_ index: Int) -> Bool {
            guard bytes.indices.contains(index) else { return false }
            let byte = bytes[index]
            return byte >= 0x80 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
        }
        let (word, digest) = (Data(customer.utf8), SHA256.hash(data: bytes).hexadecimal)
        var rest = bytes.startIndex..<bytes.endIndex
        while let found = bytes.range(of: word, in: rest) {
            if !isPartOfWord(found.lowerBound - 1), !isPartOfWord(found.upperBound) {
                return .holdsHim(fingerprint: digest, firstSeen: nil)
            }
            rest = found.upperBound..<bytes.endIndex
        }
        return .holdsHimNot(fingerprint: digest)
    }
}

import ChurnEvaluation
import ChurnHistory
import ChurnModels
import ChurnNumerics
import Foundation

/// The trials of a tuning, kept in a file that is rewritten whole after each batch: a run that was killed goes on where it was.
public struct TuningLedger: Sendable {
    /// What trials depend on: a ledger serves those that have the same.
    public struct Identity: Sendable, Equatable, Codable {
        public let settings: [String]
        public let dataFingerprint: String
        /// `nil` for a flat table.
        public let studyHash: String?
        /// Of the features' names and the cutoffs.
        public let featuresHash: String
        public let codeVersion: String

        /// - Parameter settings: what was asked for, in words that are the same for the same.
        public init(
            settings: [String],
            dataFingerprint: String,
            studyHash: String?,
            featuresHash: String,
            codeVersion: String
        ) {
            self.settings = settings
            self.dataFingerprint = dataFingerprint
            self.studyHash = studyHash
            self.featuresHash = featuresHash
            self.codeVersion = codeVersion
        }

        /// Eight hexadecimal digits that are the same for the same.
        public var digest: String {
            let text = (settings + [dataFingerprint, studyHash ?? "", featuresHash, codeVersion]).joined(
                separator: "\u{0}"
            )
            let hash = String(StableHash.fnv1a(text.utf8) & 0xFFFF_FFFF, radix: 16)
            return String(repeating: "0", count: 8 - hash.count) + hash
        }
    }

    private struct Content: Codable {
        var formatVersion = TuningLedger.formatVersion
        let identity: Identity
        var trials: [Tuning.Trial]
    }

    private static let formatVersion = 1

    private let path: String?
    private var content: Content

    public var trials: [Tuning.Trial] { content.trials }

    /// A ledger that is kept nowhere.
    public init() {
        path = nil
        let nothing = Identity(settings: [], dataFingerprint: "", studyHash: nil, featuresHash: "", codeVersion: "")
        content = Content(identity: nothing, trials: [])
    }

    /// Opens a ledger, or begins one where there is none.
    /// - Throws: `otherTuning` for one of other trials, `damagedLedger`.
    public init(path: String, identity: Identity) throws {
        self.path = path
        guard FileManager.default.fileExists(atPath: path) else {
            content = Content(identity: identity, trials: [])
            // A place that cannot be written is found before any work is done.
            try write()
            return
        }
        guard let data = FileManager.default.contents(atPath: path),
            let content = try? JSONDecoder().decode(Content.self, from: data),
            content.formatVersion == Self.formatVersion
        else { throw WorkflowError.damagedLedger(path) }
        let known = content.identity
        if known != identity {
            let difference =
                known.dataFingerprint != identity.dataFingerprint
                ? "of other data"
                : known.studyHash != identity.studyHash
                    ? "of another version of the study"
                    : known.featuresHash != identity.featuresHash
                        ? "of other features"
                        : known.codeVersion != identity.codeVersion
                            ? "of ChurnKit \(known.codeVersion)"
                            : "of other settings (\(known.settings.isEmpty ? "no options" : known.settings.joined(separator: " ")))"
            throw WorkflowError.otherTuning(path, difference: difference)
        }
        self.content = content
    }

    mutating func append(_ trials: [Tuning.Trial]) throws(DataError) {
        content.trials += trials
        try write()
    }

    /// Replaces the trials of an outer fold.
    mutating func replace(fold: String, by trials: [Tuning.Trial]) throws(DataError) {
        content.trials.removeAll { $0.fold == fold }
        try append(trials)
    }

    private func write() throws(DataError) {
        guard let path else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data: Data
        do {
            data = try encoder.encode(content)
        } catch {
            throw DataError(.cannotWrite, "cannot be made: \(error)", file: path)
        }
        let file = try AtomicFile(path: path)
        try file.write(Array(data) + [0x0A])
        try file.commit()
    }
}

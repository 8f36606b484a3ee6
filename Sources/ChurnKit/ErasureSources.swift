import ChurnFeatures
import ChurnHistory
import ChurnRegistry
import Crypto
import Foundation

/// The data that a registry's versions were trained on and its runs have scored, as they are now, and whether they hold a customer.
struct ErasureSources {
    private(set) var versions: [AuditLog.Entry.Version] = []
    private(set) var holdingHim: [String] = []
    private(set) var unread: [String] = []
    /// Where kept indexes of the studies stand, or something of that name.
    private(set) var indexPaths: [String] = []
    /// The user's own files, by path, with the study or table that they belong to.
    private var files: [String: String] = [:]

    /// What a source is found to be.
    private enum Finding {
        case unreadable
        /// - Parameters:
        ///   - isCertain: whether it is he, and not something that is spelt like him.
        ///   - firstSeen: when; `nil` where that is not known.
        case holdsHim(fingerprint: String, isCertain: Bool, firstSeen: Date?)
        case holdsHimNot(fingerprint: String)
    }

    init(registry: ModelRegistry, customer: String, memory: Int?, threads: Int) throws {
        let base = (AtomicFile.absolute("\(registry.path)/.") as NSString).deletingLastPathComponent
        /// Older versions name their source as it was typed: as seen from here, or from beside the registry.
        func path(_ source: String) -> String {
            if source.hasPrefix("/") || FileIdentity(path: "\(base)/\(source)") == nil {
                return AtomicFile.absolute(source)
            }
            return AtomicFile.absolute("\(base)/\(source)")
        }
        var trained: [(model: String, version: Int, origin: ModelManifest.Origin?)] = []
        for model in try registry.models() {
            for version in try registry.versions(of: model) {
                // One that is damaged, or was deleted just now, keeps nothing from its end.
                trained.append((model.text, version, try? registry.manifest(model, version: version).origin))
            }
        }
        let runs = try RunLedger(registry: registry).newest(.max, at: Date())
        let paths = Set(trained.compactMap { $0.origin.map { path($0.source) } } + runs.map(\.start.source)).sorted()
        var findings: [String: Finding] = [:]
        for path in paths {
            let finding: Finding
            if path.hasSuffix(".yaml") || path.hasSuffix(".yml") {
                finding = look(inStudy: path, for: customer, memory: memory, threads: threads)
                let index = KeptIndex.path(ofStudy: path)
                if FileIdentity(path: index) != nil || AtomicFile.isBeingWritten(index) {
                    indexPaths.append(AtomicFile.absolute(index))
                }
            } else {
                files[path] = path
                finding = Self.look(inTable: path, for: CustomerNames([customer]))
            }
            findings[path] = finding
            switch finding {
            case .holdsHim: holdingHim.append(path)
            case .unreadable: unread.append(path)
            case .holdsHimNot: break
            }
        }
        for (model, version, origin) in trained {
            let held = Self.held(origin, origin.flatMap { findings[path($0.source)] })
            if let held { versions.append(.init(model: model, version: version, held: held)) }
        }
    }

    /// Whether a version was trained on data that held him; `nil` for no.
    private static func held(_ origin: ModelManifest.Origin?, _ finding: Finding?) -> AuditLog.Entry.Version.Held? {
        guard let origin, let finding else { return .unknown }
        switch finding {
        case .unreadable: return .unknown
        case .holdsHimNot(let fingerprint): return fingerprint == origin.dataFingerprint ? nil : .unknown
        case .holdsHim(let fingerprint, let isCertain, let firstSeen):
            if fingerprint == origin.dataFingerprint { return isCertain ? .yes : .likely }
            let trainedAt = try? Date(origin.createdAt, strategy: .iso8601)
            let cameLater = firstSeen.flatMap { first in trainedAt.map { first > $0 } } ?? false
            return cameLater ? nil : .likely
        }
    }

    /// Fails for a file that is the user's own.
    func requireNone(of path: String) throws(ErasureError) {
        if let source = files[path] { throw .source(path: path, of: source) }
    }

    private mutating func look(inStudy path: String, for customer: String, memory: Int?, threads: Int) -> Finding {
        guard let study = try? Study(path: path) else { return .unreadable }
        for file in study.inputFiles { files[AtomicFile.absolute(file)] = path }
        guard let data = try? StudyData(study: study, memory: memory, threads: threads) else { return .unreadable }
        let (index, fingerprint) = (data.history.index, data.history.dataFingerprint)
        let names = CustomerNames([customer])
        guard let number = index.customers.firstIndex(where: names.contains) else {
            return .holdsHimNot(fingerprint: fingerprint)
        }
        let first = index.rows(ofCustomer: number).first.map { row in
            Date(timeIntervalSince1970: Double(index.times[row]) / 1e6)
        }
        return .holdsHim(fingerprint: fingerprint, isCertain: true, firstSeen: first)
    }

    /// How a table is written is not known here: his id is looked for as a word of its own.
    private static func look(inTable path: String, for names: CustomerNames) -> Finding {
        guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) else {
            return .unreadable
        }
        let digest = SHA256.hash(data: bytes).hexadecimal
        if names.isNamed(in: bytes) { return .holdsHim(fingerprint: digest, isCertain: false, firstSeen: nil) }
        // What is packed is not looked through, and letters beyond ASCII may be written in another encoding, quotes doubled.
        let isPacked = bytes.starts(with: [0x1F, 0x8B]) || bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD])
        let isPlain = names.texts.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 && $0 != UInt8(ascii: "\"") } }
        return isPacked || !isPlain ? .unreadable : .holdsHimNot(fingerprint: digest)
    }
}

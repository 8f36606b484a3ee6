import ChurnHistory
import Crypto
import Foundation

/// What a version says of itself: which files it has, who made it, when and from what.
public struct ModelManifest: Sendable, Codable, Equatable {
    /// A file of the version.
    public struct File: Sendable, Codable, Equatable {
        public let name: String
        public let size: Int
        /// In hexadecimal.
        public let sha256: String

        init(name: String, data: Data) {
            self.name = name
            size = data.count
            sha256 = SHA256.hash(data: data).hexadecimal
        }

        /// Fails unless the bytes are those that the manifest was made for.
        func check(_ data: Data, path: String) throws(RegistryError) {
            guard data.count == size else {
                throw .damaged(
                    path: path,
                    problem: "it has \(data.count) bytes and not the \(size) that its manifest says"
                )
            }
            guard SHA256.hash(data: data).hexadecimal == sha256 else {
                throw .damaged(path: path, problem: "its SHA-256 is not the one in its manifest")
            }
        }
    }

    /// Where a version comes from.
    public struct Origin: Sendable, Codable, Equatable {
        public let createdAt: String
        public let createdBy: String
        public let codeVersion: String
        public let seed: UInt64
        public let threads: Int
        /// OpenBLAS's kernel type; training is reproducible to the bit where it is the same.
        public let coreType: String
        /// The study or table that the model was trained on, as it was named.
        public let source: String
        public let dataFingerprint: String
        public let studyHash: String?

        public init(
            createdAt: Date,
            codeVersion: String,
            seed: UInt64,
            threads: Int,
            coreType: String,
            source: String,
            dataFingerprint: String,
            studyHash: String?
        ) {
            self.createdAt = createdAt.formatted(.iso8601)
            self.createdBy = NSUserName()
            self.codeVersion = codeVersion
            self.seed = seed
            self.threads = threads
            self.coreType = coreType
            self.source = source
            self.dataFingerprint = dataFingerprint
            self.studyHash = studyHash
        }
    }

    public static let fileName = "manifest.json"
    static let formatVersion = 1
    /// The only names that a version's files can have.
    static let knownFiles = [
        "plan.json", "preprocessing.json", "model.json", "calibration.json", "metrics.json", "reference.json",
        "card.md",
    ]

    public let format: Int
    public let files: [File]
    public let origin: Origin

    init(files: [String: Data], origin: Origin) {
        format = Self.formatVersion
        self.files = files.keys.sorted().map { File(name: $0, data: files[$0] ?? Data()) }
        self.origin = origin
    }

    /// Reads a manifest; its file names are checked, since they are looked up later.
    init(json: Data, path: String) throws(RegistryError) {
        do {
            self = try JSONDecoder().decode(ModelManifest.self, from: json)
        } catch {
            throw .damaged(path: path, problem: "it is not a manifest (\(error))")
        }
        guard format == Self.formatVersion else {
            throw .unknownFormat(path: path, got: format, known: Self.formatVersion)
        }
        for file in files where !Self.knownFiles.contains(file.name) {
            throw .damaged(path: path, problem: "it lists a file that no model has: \"\(file.name)\"")
        }
        guard Set(files.map(\.name)).count == files.count else {
            throw .damaged(path: path, problem: "it lists a file twice")
        }
        for file in files where !(0...RegistryFiles.maximumFileBytes).contains(file.size) {
            throw .damaged(path: path, problem: "it says that \(file.name) has \(file.size) bytes")
        }
    }
}

import ChurnHistory
import ChurnNumerics
import Crypto
import Foundation

/// Models in a plain directory: immutable, numbered versions and an append-only history of what was decided about them. See
/// `docs/formats/registry.md`.
///
/// Nothing partial is ever visible: a version is made aside, synced, and put in its place by one rename that refuses a
/// taken number; who loses the race takes the next. No server and no lock is needed. What was acknowledged is durable.
public struct ModelRegistry: Sendable {
    static let formatVersion = 1
    /// Six digits.
    static let largestVersion = 999_999

    /// Bytes that the registry's own small files can have.
    static let mostNoteBytes = 1 << 20

    public let path: String
    let files: RegistryFiles

    /// Opens the registry at a path.
    /// - Throws: `noRegistry` when there is none, `unknownFormat` when a newer ChurnKit made it.
    public init(path: String) throws(RegistryError) {
        self.init(path: path, disk: SystemDisk())
        try checkFormat()
    }

    private init(path: String, disk: any Disk) {
        self.path = path
        files = RegistryFiles(disk: disk)
    }

    /// Opens the registry at a path, and makes it first where there is none.
    public static func openOrCreate(path: String) throws(RegistryError) -> ModelRegistry {
        try openOrCreate(path: path, disk: SystemDisk())
    }

    static func openOrCreate(path: String, disk: any Disk) throws(RegistryError) -> ModelRegistry {
        let registry = ModelRegistry(path: path, disk: disk)
        if try registry.files.entry(registry.markerPath) == .absent {
            try registry.files.makeFolder(registry.stagingPath)
            _ = try registry.place(Data(#"{"format": 1}"#.utf8 + [0x0A]), at: registry.markerPath)
        }
        try registry.checkFormat()
        return registry
    }

    private struct Marker: Codable {
        let format: Int
    }

    private func checkFormat() throws(RegistryError) {
        guard try files.entry(markerPath).isFile else { throw .noRegistry(path: path) }
        let data = try files.read(markerPath, most: Self.mostNoteBytes)
        guard let marker = try? JSONDecoder().decode(Marker.self, from: data) else {
            throw .damaged(path: markerPath, problem: "it is not JSON with a format")
        }
        guard marker.format == Self.formatVersion else {
            throw .unknownFormat(path: path, got: marker.format, known: Self.formatVersion)
        }
    }

    // MARK: Places

    var markerPath: String { "\(path)/registry.json" }
    var stagingPath: String { "\(path)/.staging" }
    func versionsPath(_ name: ModelName) -> String { "\(path)/\(name)/versions" }
    func aliasesPath(_ name: ModelName) -> String { "\(path)/\(name)/aliases" }
    func versionPath(_ name: ModelName, _ version: Int) -> String {
        "\(versionsPath(name))/\(Self.numbered(version))"
    }

    /// A name in the staging folder that nobody else has.
    func newStagingPath() -> String {
        "\(stagingPath)/\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    }

    /// Puts a file in its place, whole and durable, where nobody else has put one.
    /// - Returns: `false` when the place is taken.
    func place(_ data: Data, at path: String) throws(RegistryError) -> Bool {
        try files.makeFolder(stagingPath)
        let staged = newStagingPath()
        defer { try? files.remove(staged) }
        try files.writeSynced(data, to: staged)
        guard try files.link(staged, toNew: path) else { return false }
        try files.syncFolder(RegistryFiles.parent(of: path))
        return true
    }

    /// Six digits, so that the order of names is the order of numbers.
    static func numbered(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    // MARK: Reading

    /// The names of all models, in byte order.
    public func models() throws(RegistryError) -> [ModelName] {
        var models: [ModelName] = []
        for entry in try files.names(in: path) where entry.kind == .folder {
            guard let name = try? ModelName(entry.name) else { continue }
            if try !versions(of: name).isEmpty { models.append(name) }
        }
        return models
    }

    /// The numbers of a model's versions, ascending.
    public func versions(of name: ModelName) throws(RegistryError) -> [Int] {
        try numbers(of: name).compactMap { $0.isDeleted ? nil : $0.number }
    }

    /// The numbers that a model's versions have or had, ascending. What is no version's folder takes its number, too.
    func numbers(of name: ModelName) throws(RegistryError) -> [(number: Int, isDeleted: Bool)] {
        // A link in place of a folder could lead anywhere.
        guard try files.entry("\(path)/\(name)").isFolder, try files.entry(versionsPath(name)).isFolder else {
            return []
        }
        return try files.names(in: versionsPath(name)).compactMap { entry in
            Self.number(entry.name).map { ($0, entry.kind != .folder) }
        }
    }

    /// What a name of six digits says; `nil` for another name.
    static func number(_ name: String) -> Int? {
        guard name.utf8.count == 6, let number = Int(name), number > 0, numbered(number) == name else { return nil }
        return number
    }

    /// The numbers of the versions of a model that has some, ascending.
    /// - Throws: `noSuchModel` with the nearest name.
    public func versions(ofExisting name: ModelName) throws(RegistryError) -> [Int] {
        let versions = try versions(of: name)
        if versions.isEmpty {
            let nearest = NearestName.of(name.text, among: try models().map(\.text))
            throw .noSuchModel(name: name.text, registry: path, nearest: nearest)
        }
        return versions
    }

    /// What is wrong with asking for a version that is not there.
    func missing(_ name: ModelName, _ version: Int, newest: Int?) throws(RegistryError) -> RegistryError {
        let place = versionPath(name, version)
        guard try files.entry(place).isFile,
            let note = try? JSONDecoder().decode(VersionNote.self, from: files.read(place, most: Self.mostNoteBytes))
        else { return .noSuchVersion(name: name.text, version: version, newest: newest) }
        return .gone(name: name.text, version: version, note: note)
    }

    /// Resolves a reference to a version that exists.
    public func resolve(_ reference: ModelReference) throws(RegistryError) -> Int {
        let known = try versions(ofExisting: reference.name)
        let newest = known.last ?? 0
        switch reference.selector {
        case .version(let number):
            guard known.contains(number) else { throw try missing(reference.name, number, newest: newest) }
            return number
        case .alias(let alias):
            guard let version = try aliases(of: reference.name)[alias.text] else {
                throw .noSuchAlias(name: reference.name.text, alias: alias.text)
            }
            return version
        case .unspecified:
            return try aliases(of: reference.name)[AliasName.champion.text] ?? newest
        }
    }

    /// A version's manifest, without looking at its other files.
    public func manifest(_ name: ModelName, version: Int) throws(RegistryError) -> ModelManifest {
        let path = "\(versionPath(name, version))/\(ModelManifest.fileName)"
        return try ModelManifest(json: try files.read(path, most: Self.mostNoteBytes), path: path)
    }

    /// A version's files, each checked against the manifest's size and digest.
    public func contents(_ name: ModelName, version: Int) throws(RegistryError) -> [String: Data] {
        let folder = versionPath(name, version)
        func mustBeThere() throws(RegistryError) {
            guard try !files.entry(folder).isFolder else { return }
            throw try missing(name, version, newest: versions(of: name).last)
        }
        try mustBeThere()
        do throws(RegistryError) {
            var contents: [String: Data] = [:]
            for file in try manifest(name, version: version).files {
                let path = "\(folder)/\(file.name)"
                let data = try files.read(path, most: file.size)
                try file.check(data, path: path)
                contents[file.name] = data
            }
            return contents
        } catch {
            // Somebody may have deleted it meanwhile.
            try mustBeThere()
            throw error
        }
    }
}

/// JSON as a registry stores it: sorted keys, one value a line, so that equal values give equal bytes.
public enum RegistryJSON {
    public static func encode(_ value: some Encodable) throws(RegistryError) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do {
            return try encoder.encode(value) + [0x0A]
        } catch {
            throw .inputOutput(path: "\(type(of: value))", operation: "encoding", reason: "\(error)")
        }
    }
}

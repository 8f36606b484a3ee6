import ChurnHistory
import ChurnNumerics
import Crypto
import Foundation

/// Models in a plain directory: immutable, numbered versions and an append-only history of aliases. See
/// `docs/formats/registry.md`.
///
/// Nothing partial is ever visible: a version is made aside, synced, and put in its place by one rename that refuses a
/// taken number; who loses the race takes the next. No server and no lock is needed.
public struct ModelRegistry: Sendable {
    static let formatVersion = 1
    /// Six digits.
    static let largestVersion = 999_999

    public let path: String
    let files = RegistryFiles()

    /// Opens the registry at a path.
    /// - Throws: `noRegistry` when there is none, `unknownFormat` when a newer ChurnKit made it.
    public init(path: String) throws(RegistryError) {
        self.path = path
        try checkFormat()
    }

    private init(unchecked path: String) { self.path = path }

    /// Opens the registry at a path, and makes it first where there is none.
    public static func openOrCreate(path: String) throws(RegistryError) -> ModelRegistry {
        let registry = ModelRegistry(unchecked: path)
        let marker = registry.markerPath
        if registry.files.entry(marker) == .absent {
            try registry.files.makeFolder(registry.stagingPath)
            let staged = registry.newStagingPath()
            try registry.files.writeSynced(Data(#"{"format": 1}"#.utf8 + [0x0A]), to: staged)
            _ = try registry.files.link(staged, toNew: marker)
            registry.files.removeFile(staged)
            try registry.files.syncFolder(path)
            try registry.files.syncFolder("\(path)/..")
        }
        try registry.checkFormat()
        return registry
    }

    private struct Marker: Codable {
        let format: Int
    }

    private func checkFormat() throws(RegistryError) {
        guard case .file = files.entry(markerPath) else { throw .noRegistry(path: path) }
        let data = try files.read(markerPath)
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
    private func newStagingPath() -> String {
        "\(stagingPath)/\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    }

    /// Six digits, so that the order of names is the order of numbers.
    static func numbered(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    // MARK: Reading

    /// The names of all models, in byte order.
    public func models() -> [ModelName] {
        files.names(in: path).compactMap { name in
            guard let name = try? ModelName(name), !versions(of: name).isEmpty else { return nil }
            return name
        }
    }

    /// The numbers of a model's versions, ascending.
    public func versions(of name: ModelName) -> [Int] {
        // A link in place of a folder could lead anywhere.
        guard files.entry("\(path)/\(name)") == .folder, files.entry(versionsPath(name)) == .folder else { return [] }
        return files.names(in: versionsPath(name)).compactMap { folder in
            guard folder.utf8.count == 6, let number = Int(folder), number > 0 else { return nil }
            return files.entry("\(versionsPath(name))/\(folder)") == .folder ? number : nil
        }
    }

    /// Resolves a reference to a version that exists.
    public func resolve(_ reference: ModelReference) throws(RegistryError) -> Int {
        let known = versions(of: reference.name)
        guard let newest = known.last else {
            throw .noSuchModel(
                name: reference.name.text,
                registry: path,
                nearest: NearestName.of(reference.name.text, among: models().map(\.text))
            )
        }
        switch reference.selector {
        case .version(let number):
            guard known.contains(number) else {
                throw .noSuchVersion(name: reference.name.text, version: number, newest: newest)
            }
            return number
        case .alias(let alias):
            guard let version = try aliasHistory(of: reference.name).version(of: alias.text) else {
                throw .noSuchAlias(name: reference.name.text, alias: alias.text)
            }
            return version
        case .unspecified:
            return try aliasHistory(of: reference.name).version(of: AliasName.champion.text) ?? newest
        }
    }

    /// A version's manifest, without looking at its other files.
    public func manifest(_ name: ModelName, version: Int) throws(RegistryError) -> ModelManifest {
        let path = "\(versionPath(name, version))/\(ModelManifest.fileName)"
        return try ModelManifest(json: try files.read(path), path: path)
    }

    /// A version's files, each checked against the manifest's size and digest.
    public func contents(_ name: ModelName, version: Int) throws(RegistryError) -> [String: Data] {
        let folder = versionPath(name, version)
        guard files.entry(folder) == .folder else {
            throw .noSuchVersion(name: name.text, version: version, newest: versions(of: name).last)
        }
        var contents: [String: Data] = [:]
        for file in try manifest(name, version: version).files {
            let path = "\(folder)/\(file.name)"
            guard files.entry(path) == .file(size: file.size) else {
                throw .damaged(
                    path: path,
                    problem: "it is not a plain file of the \(file.size) bytes that its manifest says"
                )
            }
            let data = try files.read(path)
            guard SHA256.hash(data: data).hexadecimal == file.sha256 else {
                throw .damaged(path: path, problem: "its SHA-256 is not the one in its manifest")
            }
            contents[file.name] = data
        }
        return contents
    }

    // MARK: Publishing

    /// Puts a new version in the registry.
    /// - Parameter contents: the version's files by name, without the manifest.
    /// - Returns: its number. When this returns, the version is durable.
    public func publish(
        _ name: ModelName,
        contents: [String: Data],
        origin: ModelManifest.Origin
    ) throws(RegistryError) -> Int {
        precondition(contents.keys.allSatisfy(ModelManifest.knownFiles.contains), "only files that a model can have")
        let manifest = ModelManifest(files: contents, origin: origin)
        try files.makeFolder(stagingPath)
        try files.makeFolder(versionsPath(name))
        try files.syncFolder("\(path)/\(name)")
        try files.syncFolder(path)
        let staged = newStagingPath()
        try files.makeFolder(staged)
        do throws(RegistryError) {
            for file in manifest.files {
                try files.writeSynced(contents[file.name] ?? Data(), to: "\(staged)/\(file.name)")
            }
            try files.writeSynced(RegistryJSON.encode(manifest), to: "\(staged)/\(ModelManifest.fileName)")
            try files.syncFolder(staged)
            // Above every number that an alias ever pointed at too: a version that was removed by hand leaves its number.
            let named = (try? aliasHistory(of: name))?.entries.map(\.version).max() ?? 0
            var number = max(versions(of: name).last ?? 0, named) + 1
            guard number <= Self.largestVersion else {
                throw .damaged(path: versionsPath(name), problem: "its numbers are used up")
            }
            while try !files.renameFolder(staged, toNew: versionPath(name, number)) { number += 1 }
            try files.syncFolder(versionsPath(name))
            return number
        } catch {
            files.removeFolder(staged)
            throw error
        }
    }

    // MARK: Aliases

    /// Every move of a model's aliases.
    public func aliasHistory(of name: ModelName) throws(RegistryError) -> AliasHistory {
        var entries: [AliasHistory.Entry] = []
        // Names with a dot in front are what copying programs leave, not entries.
        let names = files.names(in: aliasesPath(name)).filter { !$0.hasPrefix(".") }
        for (position, file) in names.enumerated() {
            let path = "\(aliasesPath(name))/\(file)"
            guard file == "\(Self.numbered(position + 1)).json" else {
                throw .damaged(path: path, problem: "the history should go on with \(Self.numbered(position + 1)).json")
            }
            do {
                let entry = try JSONDecoder().decode(AliasHistory.Entry.self, from: try files.read(path))
                guard (1...Self.largestVersion).contains(entry.version) else {
                    throw RegistryError.damaged(path: path, problem: "it names a version that cannot be")
                }
                entries.append(entry)
            } catch let error as RegistryError {
                throw error
            } catch {
                throw .damaged(path: path, problem: "it is not an entry of the history (\(error))")
            }
        }
        return AliasHistory(entries: entries)
    }

    /// Points an alias at a version. Where it points there already, nothing is added to the history.
    /// - Returns: where it pointed before.
    /// - Throws: `notPromotable` for a version whose fit did not converge, `aliasMoved` when somebody else was quicker.
    @discardableResult
    public func promote(
        _ name: ModelName,
        version: Int,
        alias: AliasName,
        reason: String?,
        at date: Date
    ) throws(RegistryError) -> Int? {
        let model = try StoredModel(
            contents: try contents(name, version: version),
            path: versionPath(name, version)
        )
        let status = model.model.fitted.certificate.status
        guard status.isTrustworthy else {
            throw .notPromotable(name: name.text, version: version, status: status.rawValue)
        }
        let history = try aliasHistory(of: name)
        let previous = history.version(of: alias.text)
        if previous == version { return previous }
        let entry = AliasHistory.Entry(
            action: .promote,
            alias: alias.text,
            version: version,
            previous: previous,
            at: date.formatted(.iso8601),
            by: NSUserName(),
            reason: reason
        )
        try append(entry, to: name, after: history)
        return previous
    }

    /// Points an alias back at the version that it had before its last promotion.
    /// - Returns: the version that it points at now.
    @discardableResult
    public func rollBack(
        _ name: ModelName,
        alias: AliasName,
        reason: String?,
        at date: Date
    ) throws(RegistryError) -> Int {
        let history = try aliasHistory(of: name)
        guard let target = history.previousVersion(of: alias.text) else {
            throw .nothingToRollBack(name: name.text, alias: alias.text)
        }
        _ = try contents(name, version: target)
        let entry = AliasHistory.Entry(
            action: .rollback,
            alias: alias.text,
            version: target,
            previous: history.version(of: alias.text),
            at: date.formatted(.iso8601),
            by: NSUserName(),
            reason: reason
        )
        try append(entry, to: name, after: history)
        return target
    }

    /// Adds an entry behind a history that nobody else has added to since it was read.
    private func append(
        _ entry: AliasHistory.Entry,
        to name: ModelName,
        after history: AliasHistory
    ) throws(RegistryError) {
        try files.makeFolder(stagingPath)
        try files.makeFolder(aliasesPath(name))
        try files.syncFolder("\(path)/\(name)")
        let staged = newStagingPath()
        try files.writeSynced(RegistryJSON.encode(entry), to: staged)
        defer { files.removeFile(staged) }
        let place = "\(aliasesPath(name))/\(Self.numbered(history.entries.count + 1)).json"
        guard try files.link(staged, toNew: place) else {
            throw .aliasMoved(
                alias: entry.alias,
                expected: entry.previous,
                got: try aliasHistory(of: name).version(of: entry.alias)
            )
        }
        try files.syncFolder(aliasesPath(name))
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

import Foundation

extension ModelRegistry {
    /// Most bytes of all files of a version in a bundle.
    private static let mostBundledBytes = 1 << 30
    /// Of a bundle.
    private static let mostBundleBytes = 256 << 20

    /// A version with its manifest in one file: a tar archive, compressed with zstd. Equal versions give equal bytes.
    /// - Throws: `damaged` where a file is not what the manifest says.
    public func bundle(_ name: ModelName, version: Int) throws(RegistryError) -> Data {
        let place = versionPath(name, version)
        let contents = try contents(name, version: version)
        // A model that does not load is not handed on.
        _ = try StoredModel(contents: contents, path: place)
        let manifest = try files.read("\(place)/\(ModelManifest.fileName)", most: Self.mostNoteBytes)
        let archive =
            [TarArchive.File(name: ModelManifest.fileName, content: manifest)]
            + contents.sorted { $0.key < $1.key }.map { TarArchive.File(name: $0.key, content: $0.value) }
        guard contents.values.reduce(0, { $0 + $1.count }) <= Self.mostBundledBytes,
            let data = ZstdFrame.compress(TarArchive.write(archive)), data.count <= Self.mostBundleBytes
        else { throw .inputOutput(path: place, operation: "compressing", reason: "the version is too large") }
        return data
    }

    /// The bytes of a bundle's file.
    /// - Throws: `notABundle` for what is no plain file, or too large for one; `noFile`.
    public static func readBundle(_ path: String) throws(RegistryError) -> Data {
        let files = RegistryFiles(disk: SystemDisk())
        if try files.entry(path) == .absent { throw .noFile(path: path) }
        do throws(RegistryError) {
            return try files.read(path, most: mostBundleBytes)
        } catch {
            if case .damaged(_, let problem) = error { throw .notABundle(path: path, problem: problem) }
            throw error
        }
    }

    /// Publishes the version of a bundle as a new one, once all of it is checked. Where the version comes from stays as it is.
    /// - Parameter path: of the bundle, for messages.
    /// - Returns: its number.
    /// - Throws: `damaged` for what is no bundle: links, names that no model has, wrong digests, a model that does not load.
    public func publish(_ name: ModelName, bundle: Data, path: String) throws(RegistryError) -> Int {
        guard bundle.count <= Self.mostBundleBytes,
            let bytes = ZstdFrame.decompress(bundle, most: Self.mostBundledBytes + (1 << 20))
        else { throw .notABundle(path: path, problem: "it is no single frame of zstd, is damaged, or is too large") }
        let archive: [TarArchive.File]
        do throws(TarArchive.Fault) {
            archive = try TarArchive.read(
                bytes,
                mostFiles: ModelManifest.knownFiles.count + 1,
                mostBytes: RegistryFiles.maximumFileBytes
            )
        } catch {
            throw .notABundle(path: path, problem: error.words)
        }
        var contents = Dictionary(archive.map { ($0.name, $0.content) }, uniquingKeysWith: { first, _ in first })
        guard contents.count == archive.count else { throw .notABundle(path: path, problem: "it has a file twice") }
        guard let data = contents.removeValue(forKey: ModelManifest.fileName) else {
            throw .notABundle(path: path, problem: "\(ModelManifest.fileName) is missing")
        }
        do throws(RegistryError) {
            let manifest = try ModelManifest(json: data, path: ModelManifest.fileName)
            guard Set(manifest.files.map(\.name)) == Set(contents.keys) else {
                throw .damaged(path: ModelManifest.fileName, problem: "it lists other files than there are")
            }
            for file in manifest.files { try file.check(contents[file.name] ?? Data(), path: file.name) }
            _ = try StoredModel(contents: contents, path: "the model")
            return try publish(name, contents: contents, origin: manifest.origin)
        } catch {
            if case .damaged(let file, let problem) = error {
                throw .notABundle(path: path, problem: "\(file): \(problem)")
            }
            throw error
        }
    }
}

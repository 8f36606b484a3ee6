import Foundation

extension ModelRegistry {
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
        // Whoever made these may not have synced them yet.
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
            var number = try nextNumber(of: name)
            while try !files.rename(staged, toNew: versionPath(name, number)) {
                number += 1
                try checkNumber(number, of: name)
            }
            try files.syncFolder(versionsPath(name))
            return number
        } catch {
            // A failed sync of the last folder leaves a whole version, which is not acknowledged.
            try? files.remove(staged)
            throw error
        }
    }

    /// A number above all that ever were.
    private func nextNumber(of name: ModelName) throws(RegistryError) -> Int {
        let last = try numbers(of: name).last?.number ?? 0
        // A version that was removed by hand leaves its number in the history. One that is damaged is no reason not to publish.
        let named = (try? history(of: name))?.entries.compactMap(\.version).max() ?? 0
        let number = max(last, named) + 1
        try checkNumber(number, of: name)
        return number
    }

    private func checkNumber(_ number: Int, of name: ModelName) throws(RegistryError) {
        guard number <= Self.largestVersion else {
            throw .damaged(path: versionsPath(name), problem: "its numbers are used up")
        }
    }
}

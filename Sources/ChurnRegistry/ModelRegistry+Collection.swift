import Foundation

extension ModelRegistry {
    /// What nobody needs any more.
    public struct Garbage: Sendable, Equatable, Encodable {
        public struct Version: Sendable, Equatable, Encodable {
            public let model: String
            public let version: Int
            public let bytes: Int
        }

        public internal(set) var versions: [Version] = []
        /// Deletions that were not finished.
        public internal(set) var unfinished: [Version] = []
        /// Unfinished work of killed processes, by path.
        public internal(set) var leftovers: [String] = []
    }

    /// Beyond this age what stands in the staging folder belongs to nobody, whatever number its process had.
    private static let oldestWork: TimeInterval = 7 * 86_400

    /// Versions that nobody needs any more: older than a grace period, neither among the newest of their model nor named by an alias, by
    /// a rollback that could come or by a scoring run; and what killed processes left.
    /// - Parameters:
    ///   - grace: in seconds.
    ///   - keep: newest versions of each model that are no garbage.
    public func garbage(grace: TimeInterval, keep: Int, at date: Date) throws(RegistryError) -> Garbage {
        var garbage = Garbage()
        let used = try RunLedger(registry: self).usedVersions()
        for name in try models() {
            let history = try history(of: name)
            let versions = try versions(of: name)
            let deleted = history.deletedVersions
            let named = history.namedVersions.union(used[name.text] ?? [])
            let kept = Set(versions.suffix(keep))
            for version in versions {
                func entry() throws(RegistryError) -> Garbage.Version {
                    .init(model: name.text, version: version, bytes: try bytes(in: versionPath(name, version)))
                }
                if deleted.contains(version) {
                    garbage.unfinished.append(try entry())
                    continue
                }
                if kept.contains(version) || named.contains(version) { continue }
                guard case .folder(let modified) = try files.entry(versionPath(name, version)),
                    date.timeIntervalSince(modified) >= grace
                else { continue }
                garbage.versions.append(try entry())
            }
        }
        // A link in place of the folder could lead anywhere.
        guard try files.entry(stagingPath).isFolder else { return garbage }
        for entry in try files.names(in: stagingPath) {
            guard let process = Self.process(ofStaged: entry.name) else { continue }
            let path = "\(stagingPath)/\(entry.name)"
            let modified: Date
            switch try files.entry(path) {
            case .file(_, let date), .folder(let date): modified = date
            case .other, .absent: continue
            }
            let age = date.timeIntervalSince(modified)
            let isDead = kill(process, 0) != 0 && errno == ESRCH
            if age >= grace, isDead || age >= Self.oldestWork { garbage.leftovers.append(path) }
        }
        return garbage
    }

    /// The process that a name in the staging folder is of; `nil` for a name that none has given.
    private static func process(ofStaged name: String) -> pid_t? {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let process = pid_t(String(parts[0])), process > 0 else { return nil }
        return process
    }

    /// Deletes garbage. A version that has been named since it was found is kept.
    /// - Returns: what was deleted.
    public func remove(_ garbage: Garbage, reason: String?, at date: Date) throws(RegistryError) -> Garbage {
        var removed = Garbage()
        let models = Set((garbage.unfinished + garbage.versions).map(\.model)).sorted()
        for model in models {
            let name = try ModelName(model)
            let history = try history(of: name)
            for version in garbage.unfinished where version.model == model {
                try finishDeletion(name, version: version.version, history)
                removed.unfinished.append(version)
            }
            var rest = garbage.versions.filter { $0.model == model }[...]
            while !rest.isEmpty {
                do throws(RegistryError) {
                    try delete(name, versions: rest.map(\.version), reason: reason, at: date)
                    removed.versions += rest
                    rest = []
                } catch {
                    switch error {
                    case .inUse(_, let version, _), .noSuchVersion(_, let version, _), .gone(_, let version, _):
                        // Those before it are deleted.
                        let place = rest.firstIndex { $0.version == version } ?? rest.startIndex
                        removed.versions += rest[..<place]
                        rest = rest[(place + 1)...]
                    default: throw error
                    }
                }
            }
        }
        for path in garbage.leftovers {
            // Whoever still works on it finds it gone, and puts nothing half removed in a place.
            let taken = newStagingPath()
            guard try files.entry(path) != .absent, try files.rename(path, toNew: taken) else { continue }
            try files.remove(taken)
            removed.leftovers.append(path)
        }
        return removed
    }

    private func bytes(in folder: String) throws(RegistryError) -> Int {
        var bytes = 0
        for name in try files.names(in: folder) {
            if case .file(let size, _) = try files.entry("\(folder)/\(name.name)") { bytes += size }
        }
        return bytes
    }
}

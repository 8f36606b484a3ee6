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
    /// a rollback that could come, or by a run; and what killed processes left.
    /// - Parameters:
    ///   - grace: in seconds.
    ///   - keep: newest versions of each model that are no garbage.
    public func garbage(grace: TimeInterval, keep: Int, at date: Date) throws(RegistryError) -> Garbage {
        var garbage = Garbage()
        for name in try models() {
            let history = try history(of: name)
            let versions = try versions(of: name)
            for version in versions {
                func entry() throws(RegistryError) -> Garbage.Version {
                    .init(model: name.text, version: version, bytes: try bytes(in: versionPath(name, version)))
                }
                if history.deletedVersions.contains(version) {
                    garbage.unfinished.append(try entry())
                    continue
                }
                if versions.suffix(keep).contains(version) || history.namedVersions.contains(version) { continue }
                guard case .folder(let modified) = try files.entry(versionPath(name, version)),
                    date.timeIntervalSince(modified) >= grace
                else { continue }
                garbage.versions.append(try entry())
            }
        }
        for entry in try files.names(in: stagingPath) {
            let path = "\(stagingPath)/\(entry.name)"
            let modified: Date
            switch try files.entry(path) {
            case .file(_, let date), .folder(let date): modified = date
            case .other, .absent: continue
            }
            let age = date.timeIntervalSince(modified)
            let process = entry.name.split(separator: "-").first.flatMap { pid_t(String($0)) } ?? 0
            let isDead = process <= 0 || kill(process, 0) != 0 && errno == ESRCH
            if age >= grace, isDead || age >= Self.oldestWork { garbage.leftovers.append(path) }
        }
        return garbage
    }

    /// Deletes garbage. A version that has been named since it was found is kept.
    /// - Returns: what was deleted.
    public func remove(_ garbage: Garbage, reason: String?, at date: Date) throws(RegistryError) -> Garbage {
        var removed = Garbage()
        for version in garbage.unfinished {
            try removeDeleted(ModelName(version.model), version: version.version)
            removed.unfinished.append(version)
        }
        for version in garbage.versions {
            do throws(RegistryError) {
                try delete(ModelName(version.model), version: version.version, reason: reason, at: date)
                removed.versions.append(version)
            } catch {
                switch error {
                case .inUse, .noSuchVersion: continue
                default: throw error
                }
            }
        }
        for path in garbage.leftovers {
            try files.remove(path)
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

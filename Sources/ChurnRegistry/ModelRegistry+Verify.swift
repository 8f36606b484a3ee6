import Foundation

extension ModelRegistry {
    /// One thing that is not as it should be.
    public struct Finding: Sendable, Equatable, Encodable {
        public let path: String
        public let problem: String
        /// What was done about it; `nil` for nothing.
        public internal(set) var repair: String?
    }

    /// What a check of a whole registry looked at and found.
    public struct Verification: Sendable, Equatable, Encodable {
        public internal(set) var models = 0
        public internal(set) var versions = 0
        public internal(set) var files = 0
        /// Unfinished work of killed processes: no damage.
        public internal(set) var leftovers = 0
        public internal(set) var findings: [Finding] = []

        /// Whether nothing is left that is not as it should be.
        public var isSound: Bool { findings.allSatisfy { $0.repair != nil } }
    }

    /// Checks every digest, every history and every name.
    /// - Parameter repairs: whether what is damaged or foreign is moved to `.aside`, where nobody reads it; nothing is removed.
    ///   Without it nothing is changed.
    public func verify(repairs: Bool = false, at date: Date = Date()) throws(RegistryError) -> Verification {
        var check = Check(registry: self, repairs: repairs, date: date)
        return try check.run()
    }

    /// One run over a registry.
    private struct Check {
        let registry: ModelRegistry
        let repairs: Bool
        let date: Date
        private var result = Verification()

        init(registry: ModelRegistry, repairs: Bool, date: Date) {
            self.registry = registry
            self.repairs = repairs
            self.date = date
        }

        private var files: RegistryFiles { registry.files }

        mutating func run() throws(RegistryError) -> Verification {
            result.leftovers = try files.names(in: registry.stagingPath).count
            for entry in try files.names(in: registry.path) {
                if ["registry.json", ".staging", ".aside", "runs"].contains(entry.name) { continue }
                guard let model = try? ModelName(entry.name), entry.kind == .folder else {
                    try report(
                        foreign: "\(registry.path)/\(entry.name)",
                        "it is no model: a foreign file, or a name that no model has"
                    )
                    continue
                }
                result.models += 1
                try check(model)
            }
            return result
        }

        private mutating func check(_ model: ModelName) throws(RegistryError) {
            let folder = "\(registry.path)/\(model)"
            for entry in try files.names(in: folder) where !["versions", "aliases"].contains(entry.name) {
                try report(foreign: "\(folder)/\(entry.name)", "it does not belong here")
            }
            let history = try checkedHistory(of: model)
            let deleted = history?.deletedVersions ?? []
            for entry in try files.names(in: registry.versionsPath(model)) {
                let place = "\(registry.versionsPath(model))/\(entry.name)"
                guard let number = ModelRegistry.number(entry.name), entry.kind != .other else {
                    try report(foreign: place, "it is no version: a foreign file")
                    continue
                }
                if entry.kind == .file {
                    try checkNote(place)
                } else if deleted.contains(number) {
                    result.leftovers += 1
                } else {
                    result.versions += 1
                    try check(model, version: number)
                }
            }
            guard let history else { return }
            let numbers = Set(try registry.numbers(of: model).map(\.number))
            let versions = Set(try registry.versions(of: model))
            for number in Set(history.entries.compactMap(\.version)).subtracting(numbers).sorted() {
                report(registry.aliasesPath(model), "the history names version \(number), which is not there")
            }
            for (alias, version) in history.aliases.sorted(by: { $0.key < $1.key })
            where numbers.contains(version) && !versions.contains(version) {
                report(
                    registry.aliasesPath(model),
                    "the alias \(alias) points at version \(version), which was taken away: promote another one"
                )
            }
        }

        private mutating func checkNote(_ place: String) throws(RegistryError) {
            result.files += 1
            do {
                _ = try JSONDecoder().decode(VersionNote.self, from: try files.read(place, most: 1 << 20))
            } catch let error as RegistryError {
                try rethrow(unlessDamage: error)
                report(place, "\(error)")
            } catch {
                try report(place, "it is no note of a deleted version", replacing: note("its note was damaged"))
            }
        }

        private mutating func check(_ model: ModelName, version: Int) throws(RegistryError) {
            let place = registry.versionPath(model, version)
            let contents: [String: Data]
            do throws(RegistryError) {
                contents = try registry.contents(model, version: version)
                _ = try StoredModel(contents: contents, path: place)
            } catch {
                // Between two looks somebody may have deleted it.
                if try !files.entry(place).isFolder { return }
                let problem = try problem(of: error, at: place)
                try report(problem.path, problem.words, replacing: note(problem.words), at: place)
                return
            }
            result.files += contents.count + 1
            for file in try files.names(in: place)
            where file.name != ModelManifest.fileName && contents[file.name] == nil {
                try report(foreign: "\(place)/\(file.name)", "it is not in the manifest")
            }
        }

        /// A model's history; `nil` where it is damaged and was not repaired.
        private mutating func checkedHistory(of model: ModelName) throws(RegistryError) -> ModelHistory? {
            var entries: [ModelHistory.Entry] = []
            var isDamaged = false
            let names = try registry.historyFiles(of: model)
            let last = names.compactMap { ModelRegistry.number(String($0.prefix(6))) }.max() ?? 0
            for name in names
            where ModelRegistry.number(String(name.prefix(6))).map({ "\(ModelRegistry.numbered($0)).json" != name })
                ?? true
            {
                try report(foreign: "\(registry.aliasesPath(model))/\(name)", "it is no entry of the history")
            }
            for number in stride(from: 1, through: last, by: 1) {
                let file = "\(ModelRegistry.numbered(number)).json"
                do throws(RegistryError) {
                    let entry = try registry.historyEntry(number, file, of: model)
                    let before = ModelHistory(entries: entries)
                    let after = ModelHistory(entries: entries + [entry])
                    let expected =
                        entry.alias.map { before.aliases.merging([$0: entry.version ?? 0]) { $1 } } ?? before.aliases
                    let follows = entries.last?.action == .repair || after.aliases == expected
                    if !follows {
                        report(
                            "\(registry.aliasesPath(model))/\(file)",
                            "it does not follow from the entries before it"
                        )
                    }
                    entries.append(entry)
                    result.files += 1
                } catch {
                    let place = "\(registry.aliasesPath(model))/\(file)"
                    let problem = try problem(of: error, at: place)
                    let entry = ModelHistory.Entry(
                        .repair,
                        reason: problem.words,
                        at: date,
                        after: ModelHistory(entries: entries)
                    )
                    try report(place, problem.words, replacing: RegistryJSON.encode(entry))
                    isDamaged = !repairs
                    entries.append(entry)
                }
            }
            return isDamaged ? nil : ModelHistory(entries: entries)
        }

        // MARK: Findings

        private mutating func report(_ path: String, _ problem: String, repair: String? = nil) {
            result.findings.append(Finding(path: path, problem: problem, repair: repair))
        }

        /// Something that is moved aside in a repair.
        private mutating func report(foreign path: String, _ problem: String) throws(RegistryError) {
            guard repairs else { return report(path, problem) }
            let aside = try newPlaceAside(path)
            guard try files.rename(path, toNew: aside) else { return report(path, problem) }
            try files.syncFolder((path as NSString).deletingLastPathComponent)
            try files.syncFolder((aside as NSString).deletingLastPathComponent)
            report(path, problem, repair: "moved to \(aside)")
        }

        /// Something that is moved aside in a repair, and of which something else must stand in its place.
        /// - Parameter place: of what is moved; `nil` for the path.
        private mutating func report(
            _ path: String,
            _ problem: String,
            replacing replacement: Data,
            at place: String? = nil
        ) throws(RegistryError) {
            let place = place ?? path
            guard repairs else { return report(path, problem) }
            if try files.entry(place) == .absent {
                _ = try registry.place(replacement, at: place)
                return report(path, problem, repair: "a note says so in its place")
            }
            let target = try newPlaceAside(place)
            try registry.replace(place, by: replacement) { (aside) throws(RegistryError) in
                _ = try files.rename(aside, toNew: target)
                try files.syncFolder((target as NSString).deletingLastPathComponent)
            }
            report(path, problem, repair: "moved to \(target)")
        }

        /// A free name in `.aside` that tells where something was.
        private func newPlaceAside(_ path: String) throws(RegistryError) -> String {
            let folder = "\(registry.path)/.aside"
            try files.makeFolder(folder)
            let old = path.dropFirst(registry.path.count + 1).replacing("/", with: "+")
            return "\(folder)/\(old.suffix(100))-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
        }

        private func note(_ problem: String) throws(RegistryError) -> Data {
            let at = date.formatted(.iso8601)
            return try RegistryJSON.encode(VersionNote(.setAside, at: at, by: NSUserName(), reason: problem))
        }

        /// What a damaged file's error says. A disk that fails is no damage of the registry.
        private func problem(of error: RegistryError, at place: String) throws(RegistryError) -> (
            path: String, words: String
        ) {
            try rethrow(unlessDamage: error)
            if case .damaged(let path, let problem) = error { return (path, problem) }
            return (place, "\(error)")
        }

        private func rethrow(unlessDamage error: RegistryError) throws(RegistryError) {
            switch error {
            case .inputOutput, .cannotCreate: throw error
            default: break
            }
        }
    }
}

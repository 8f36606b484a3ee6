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
        /// In the ledger of scoring runs.
        public internal(set) var runs = 0
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
        /// Entries that a history can lack in a row and have replaced: more are no accident of single files.
        private static let mostMissing = 16

        init(registry: ModelRegistry, repairs: Bool, date: Date) {
            self.registry = registry
            self.repairs = repairs
            self.date = date
        }

        private var files: RegistryFiles { registry.files }

        mutating func run() throws(RegistryError) -> Verification {
            switch try files.entry(registry.stagingPath) {
            case .folder: result.leftovers = try files.names(in: registry.stagingPath).count
            case .absent: break
            case .file, .other: try report(foreign: registry.stagingPath, "it is no folder")
            }
            for entry in try files.names(in: registry.path) {
                if ["registry.json", ".staging", ".aside"].contains(entry.name) { continue }
                if entry.name == "runs", entry.kind == .folder {
                    try checkRuns()
                    continue
                }
                if entry.name == "audit", entry.kind == .folder {
                    try checkAudit()
                    continue
                }
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
            for entry in try files.names(in: folder)
            where !["versions", "aliases"].contains(entry.name) || entry.kind != .folder {
                try report(foreign: "\(folder)/\(entry.name)", "it does not belong here")
            }
            let history = try checkedHistory(of: model)
            let deleted = history?.deletedVersions ?? []
            for entry in try files.names(in: registry.versionsPath(model)) {
                let place = "\(registry.versionsPath(model))/\(entry.name)"
                guard let number = ModelRegistry.number(entry.name) else {
                    try report(foreign: place, "it is no version: a foreign file")
                    continue
                }
                switch entry.kind {
                case .file: try checkNote(place)
                case .other:
                    try report(place, "it is a link or a device and no version", replacing: note("it was no folder"))
                case .folder where deleted.contains(number): result.leftovers += 1
                case .folder:
                    result.versions += 1
                    try check(model, version: number)
                }
            }
            guard let history else { return }
            let numbers = Set(try registry.numbers(of: model).map(\.number))
            for number in Set(history.entries.compactMap(\.version)).subtracting(numbers).sorted() {
                try report(
                    registry.versionPath(model, number),
                    "the history names the version, which is not there",
                    replacing: note("it was not there")
                )
            }
            let versions = Set(try registry.versions(of: model))
            for (alias, version) in history.aliases.sorted(by: { $0.key < $1.key }) where !versions.contains(version) {
                report(
                    registry.aliasesPath(model),
                    "the alias \(alias) points at version \(version), which is not there any more: promote another one"
                )
            }
        }

        private mutating func checkRuns() throws(RegistryError) {
            let ledger = RunLedger(registry: registry)
            for entry in try files.names(in: registry.runsPath) {
                let place = "\(registry.runsPath)/\(entry.name)"
                guard let number = ModelRegistry.number(entry.name) else {
                    try report(foreign: place, "it is no run: a foreign file")
                    continue
                }
                switch entry.kind {
                case .file: try checkNote(place)
                case .other:
                    try report(place, "it is a link or a device and no run", replacing: note("it was no folder"))
                case .folder:
                    do throws(RegistryError) {
                        result.files += try ledger.run(number, at: date).end == nil ? 1 : 2
                        result.runs += 1
                    } catch {
                        if case .noSuchRun = error { continue }
                        guard let problem = try problem(of: error, at: place) else {
                            report(place, "\(error)")
                            continue
                        }
                        try report(problem.path, problem.words, replacing: note(problem.words), at: place)
                        continue
                    }
                    for file in try files.names(in: place)
                    where ![RunLedger.startName, RunLedger.endName].contains(file.name) {
                        try report(foreign: "\(place)/\(file.name)", "it is no entry of a run")
                    }
                }
            }
        }

        /// What is wrong with the audit log is told and never repaired: it is there to be believed.
        private mutating func checkAudit() throws(RegistryError) {
            let log = AuditLog(registry: registry)
            let numbers = try log.numbers()
            let known = Set(numbers.map { "\(ModelRegistry.numbered($0)).json" })
            for file in try files.names(in: registry.auditPath) where !known.contains(file.name) {
                try report(foreign: "\(registry.auditPath)/\(file.name)", "it is no entry of the audit log")
            }
            let last = numbers.last ?? 0
            guard last - numbers.count <= Self.mostMissing else {
                return report(registry.auditPath, "\(last - numbers.count) entries are missing")
            }
            for number in stride(from: 1, through: last, by: 1) {
                do throws(RegistryError) {
                    _ = try log.entry(number)
                    result.files += 1
                } catch {
                    let problem = try problem(of: error, at: log.path(number))
                    let path = problem?.path ?? log.path(number)
                    // One that is missing is missed by the next one, too.
                    if result.findings.contains(where: { $0.path == path }) { continue }
                    report(path, problem?.words ?? "\(error)")
                }
            }
        }

        private mutating func checkNote(_ place: String) throws(RegistryError) {
            result.files += 1
            let data: Data
            do throws(RegistryError) {
                data = try files.read(place, most: ModelRegistry.mostNoteBytes)
            } catch {
                data = Data()
                _ = try problem(of: error, at: place)
            }
            if (try? JSONDecoder().decode(VersionNote.self, from: data)) != nil { return }
            try report(place, "it is no note of a deleted version", replacing: note("its note was damaged"))
        }

        private mutating func check(_ model: ModelName, version: Int) throws(RegistryError) {
            let place = registry.versionPath(model, version)
            let contents: [String: Data]
            do throws(RegistryError) {
                contents = try registry.contents(model, version: version)
                _ = try StoredModel(contents: contents, path: place)
            } catch {
                // Between two looks somebody may have deleted it.
                if case .gone = error { return }
                guard let problem = try problem(of: error, at: place) else { return report(place, "\(error)") }
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
            let folder = registry.aliasesPath(model)
            let numbers = try registry.entryNumbers(of: model)
            let known = Set(numbers.map { "\(ModelRegistry.numbered($0)).json" })
            for file in try files.names(in: folder) where !known.contains(file.name) {
                try report(foreign: "\(folder)/\(file.name)", "it is no entry of the history")
            }
            var entries: [ModelHistory.Entry] = []
            var aliases: [String: Int] = [:]
            var isDamaged = false
            var number = 0
            for next in numbers {
                if next - number > Self.mostMissing {
                    report(
                        "\(folder)/\(ModelRegistry.numbered(next)).json",
                        "\(next - number - 1) entries before it are missing"
                    )
                    return nil
                }
                while number < next {
                    number += 1
                    let place = "\(folder)/\(ModelRegistry.numbered(number)).json"
                    let entry: ModelHistory.Entry
                    do throws(RegistryError) {
                        entry = try registry.historyEntry(number, of: model)
                        result.files += 1
                    } catch {
                        guard let problem = try problem(of: error, at: place) else {
                            report(place, "\(error)")
                            return nil
                        }
                        entry = .init(.repair, reason: problem.words, at: date, after: ModelHistory(entries: entries))
                        try report(
                            place,
                            "\(problem.words); the aliases stay as they were before it",
                            replacing: RegistryJSON.encode(entry)
                        )
                        isDamaged = isDamaged || !repairs
                    }
                    var expected = aliases
                    if let alias = entry.alias, let version = entry.version { expected[alias] = version }
                    entry.move(&aliases)
                    if aliases != expected, entries.last?.action != .repair {
                        report(place, "it does not follow from the entries before it")
                    }
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
            // A name that is not UTF-8 cannot be named, and so not be moved.
            guard repairs, try files.entry(path) != .absent else { return report(path, problem) }
            let aside = try newPlaceAside(path)
            guard try files.rename(path, toNew: aside) else { return report(path, problem) }
            try files.syncFolder(RegistryFiles.parent(of: path))
            try files.syncFolder(RegistryFiles.parent(of: aside))
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
                return report(path, problem, repair: "a note stands in its place")
            }
            let aside = try newPlaceAside(place)
            try files.replace(place, by: replacement, aside: aside)
            report(path, problem, repair: "moved to \(aside)")
        }

        /// A free name in `.aside` that tells where something was.
        private func newPlaceAside(_ path: String) throws(RegistryError) -> String {
            let folder = "\(registry.path)/.aside"
            try files.makeFolder(folder)
            let old = path.utf8.dropFirst(registry.path.utf8.count + 1).suffix(100).map { byte -> Character in
                let scalar = Unicode.Scalar(byte)
                if scalar == "/" { return "+" }
                return scalar.properties.isAlphabetic && scalar.isASCII
                    || "0123456789.-".unicodeScalars.contains(scalar)
                    ? Character(scalar) : "_"
            }
            return "\(folder)/\(String(old))-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
        }

        private func note(_ problem: String) throws(RegistryError) -> Data {
            let at = date.formatted(.iso8601)
            return try RegistryJSON.encode(VersionNote(.setAside, at: at, by: NSUserName(), reason: problem))
        }

        /// What a damaged file's error says; `nil` for what is sound, but of a newer ChurnKit.
        /// - Throws: the error of a disk that fails, which is no damage of the registry.
        private func problem(
            of error: RegistryError,
            at place: String
        ) throws(RegistryError) -> (path: String, words: String)? {
            switch error {
            case .inputOutput, .cannotCreate: throw error
            case .unknownFormat, .newer: return nil
            case .damaged(let path, let problem): return (path, problem)
            default: return (place, "\(error)")
            }
        }
    }
}

import ChurnHistory
import Foundation

/// The ledger of scoring runs in a registry: one folder a run, with what was asked for (`started.json`) and, once it has ended, what
/// came of it (`ended.json`). See `docs/formats/registry.md`.
///
/// A run appears whole under its number by one rename that refuses a taken one; its end is linked in once, by itself or by a later run
/// that finds it dead. No lock is needed for either. A lock on `started.json` tells others that its run is at work.
public struct RunLedger: Sendable {
    public let registry: ModelRegistry
    /// Whether somebody works on a file; `nil` where the system cannot tell.
    private let isAtWork: @Sendable (String) -> Bool?
    /// Where that cannot be told, a run is taken to be at work for so many seconds.
    private static let longestWork: TimeInterval = 86_400

    public init(registry: ModelRegistry) { self.init(registry: registry, isAtWork: PresenceLock.isHeld) }

    init(registry: ModelRegistry, isAtWork: @escaping @Sendable (String) -> Bool?) {
        self.registry = registry
        self.isAtWork = isAtWork
    }

    private var files: RegistryFiles { registry.files }

    // MARK: Writing

    /// A run that this process is at.
    public struct OpenRun: Sendable {
        public let number: Int
        public let start: ScoringRun.Start
        /// Held until the process ends or forgets the run.
        fileprivate let presence: PresenceLock?
    }

    /// Enters a run.
    /// - Throws: `cannotRecord` where the registry cannot be written.
    public func begin(_ start: ScoringRun.Start) throws(RegistryError) -> OpenRun {
        do throws(RegistryError) {
            try files.makeFolder(registry.stagingPath)
            try files.makeFolder(registry.runsPath)
            let staged = registry.newStagingPath()
            try files.makeFolder(staged)
            do throws(RegistryError) {
                let file = "\(staged)/\(Self.startName)"
                try files.writeSynced(RegistryJSON.encode(start), to: file)
                try files.syncFolder(staged)
                // Before anybody can see the run.
                let presence = PresenceLock(path: file)
                var number = (try numbers().last ?? 0) + 1
                while try !files.rename(staged, toNew: registry.runPath(number)) {
                    number += 1
                    guard number <= ModelRegistry.largestVersion else {
                        throw .damaged(path: registry.runsPath, problem: "its numbers are used up")
                    }
                }
                try files.syncFolder(registry.runsPath)
                return OpenRun(number: number, start: start, presence: presence)
            } catch {
                try? files.remove(staged)
                throw error
            }
        } catch {
            guard case .cannotCreate(let path, let reason) = error else { throw error }
            throw .cannotRecord(path: path, reason: reason)
        }
    }

    /// Notes what came of a run.
    /// - Returns: `false` where somebody has done so already.
    @discardableResult
    public func end(_ number: Int, _ end: ScoringRun.End) throws(RegistryError) -> Bool {
        let folder = registry.runPath(number)
        // Whoever entered the run may not have synced it yet.
        try files.syncFolder(registry.runsPath)
        return try registry.place(RegistryJSON.encode(end), at: "\(folder)/\(Self.endName)")
    }

    /// Notes of runs that have no end and are at work no more that they died.
    /// - Parameter number: of the run that looks; later ones are not looked at.
    /// - Returns: the runs, as they were found.
    public func closeDeadRuns(before number: Int, at date: Date) throws(RegistryError) -> [ScoringRun] {
        var closed: [ScoringRun] = []
        for unfinished in try unfinishedNumbers() where unfinished < number {
            guard let run = try runIfThere(unfinished, at: date), run.state == .died else { continue }
            let message = "It was killed, or could not write its end."
            let note = ScoringRun.End(.died, at: date, exitCode: 0, message: message, otherRun: number)
            if try end(unfinished, note) { closed.append(run) }
        }
        return closed
    }

    /// Removes runs that have ended, except the newest, whose number keeps the count.
    /// - Returns: the numbers of those that are gone.
    public func remove(_ numbers: [Int]) throws(RegistryError) -> [Int] {
        let newest = try self.numbers().last
        var removed: [Int] = []
        for number in numbers where number != newest {
            guard try files.entry("\(registry.runPath(number))/\(Self.endName)") != .absent else { continue }
            try files.makeFolder(registry.stagingPath)
            let taken = registry.newStagingPath()
            guard try files.rename(registry.runPath(number), toNew: taken) else { continue }
            try files.syncFolder(registry.runsPath)
            try files.remove(taken)
            removed.append(number)
        }
        return removed
    }

    // MARK: Reading

    static let startName = "started.json"
    static let endName = "ended.json"

    /// The numbers that runs have, ascending.
    public func numbers() throws(RegistryError) -> [Int] {
        switch try files.entry(registry.runsPath) {
        case .absent: return []
        case .folder: break
        case .file, .other: throw .damaged(path: registry.runsPath, problem: "it is no folder")
        }
        return try files.names(in: registry.runsPath).compactMap { ModelRegistry.number($0.name) }
    }

    /// Where a run's record stands.
    public func path(_ number: Int) -> String { registry.runPath(number) }

    /// Those of runs without an end.
    func unfinishedNumbers() throws(RegistryError) -> [Int] {
        var unfinished: [Int] = []
        for number in try numbers() {
            guard try files.entry("\(registry.runPath(number))/\(Self.endName)") == .absent else { continue }
            // What a repair has set aside is a file.
            if try files.entry(registry.runPath(number)).isFolder { unfinished.append(number) }
        }
        return unfinished
    }

    /// A run.
    /// - Parameter date: now, for runs of which the system cannot tell whether they are at work.
    /// - Throws: `noSuchRun`, `damaged`.
    public func run(_ number: Int, at date: Date) throws(RegistryError) -> ScoringRun {
        func mustBeThere() throws(RegistryError) {
            guard try !files.entry(registry.runPath(number)).isFolder else { return }
            throw .noSuchRun(number: number, newest: try numbers().last)
        }
        try mustBeThere()
        do throws(RegistryError) {
            return try readRun(number, at: date)
        } catch {
            // Its time may have come meanwhile.
            try mustBeThere()
            throw error
        }
    }

    private func readRun(_ number: Int, at date: Date) throws(RegistryError) -> ScoringRun {
        let folder = registry.runPath(number)
        let startPath = "\(folder)/\(Self.startName)"
        let start = try decode(ScoringRun.Start.self, at: startPath)
        // Asked before the end is looked for: one that ends in between is not taken for a dead one.
        let isAtWork =
            isAtWork(startPath)
            ?? ((try? Date(start.startedAt, strategy: .iso8601)).map {
                date.timeIntervalSince($0) < Self.longestWork
            } ?? false)
        let endPath = "\(folder)/\(Self.endName)"
        let end = try files.entry(endPath) == .absent ? nil : try decode(ScoringRun.End.self, at: endPath)
        return ScoringRun(number: number, start: start, end: end, isAtWork: isAtWork)
    }

    /// The newest runs, newest first, that fulfil a condition.
    /// - Parameters:
    ///   - limit: of those that fulfil it.
    ///   - mostLooks: runs that are looked at.
    public func newest(
        _ limit: Int,
        at date: Date,
        mostLooks: Int = .max,
        where isWanted: (ScoringRun) -> Bool = { _ in true }
    ) throws(RegistryError) -> [ScoringRun] {
        var found: [ScoringRun] = []
        for number in try numbers().reversed().prefix(mostLooks) {
            if found.count >= limit { break }
            guard let run = try runIfThere(number, at: date) else { continue }
            if isWanted(run) { found.append(run) }
        }
        return found
    }

    /// The earliest run that is at work on the same destination as a run and began before it.
    public func runAtWork(on destination: ScoringRun.Destination, before number: Int, at date: Date)
        throws(RegistryError) -> Int?
    {
        guard destination.kind != .standardOutput else { return nil }
        for unfinished in try unfinishedNumbers() where unfinished < number {
            let run = try runIfThere(unfinished, at: date)
            if run?.state == .running, run?.start.destination == destination { return unfinished }
        }
        return nil
    }

    /// The versions that runs have scored with, by model.
    func usedVersions() throws(RegistryError) -> [String: Set<Int>] {
        var used: [String: Set<Int>] = [:]
        for number in try numbers() {
            do throws(RegistryError) {
                let path = "\(registry.runPath(number))/\(Self.startName)"
                let start = try decode(ScoringRun.Start.self, at: path)
                used[start.model, default: []].insert(start.version)
            } catch {
                // What is damaged names nothing. A disk that fails may hide what does.
                guard case .damaged = error else { throw error }
            }
        }
        return used
    }

    /// A run; `nil` where its number is that of one that was removed or set aside by a repair, and for a damaged one, which must not
    /// keep others from their work: `verify` tells of it.
    private func runIfThere(_ number: Int, at date: Date) throws(RegistryError) -> ScoringRun? {
        do throws(RegistryError) {
            return try run(number, at: date)
        } catch {
            switch error {
            case .noSuchRun, .damaged: return nil
            default: throw error
            }
        }
    }

    private func decode<Value: Decodable>(_ type: Value.Type, at path: String) throws(RegistryError) -> Value {
        let data = try files.read(path, most: ModelRegistry.mostNoteBytes)
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch {
            throw .damaged(path: path, problem: "it is no entry of the ledger")
        }
    }
}

extension ModelRegistry {
    var runsPath: String { "\(path)/runs" }
    func runPath(_ number: Int) -> String { "\(runsPath)/\(Self.numbered(number))" }
}

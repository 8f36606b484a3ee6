import ChurnKit
import ChurnTestSupport
import Foundation
import Testing

@testable import ChurnRegistry

/// Power that fails and disks that do: after each call of each operation.
@Suite struct DurabilityTests {
    /// What is done to a registry that has three versions of a model, of which the third is champion and the second was.
    enum Operation: String, CaseIterable {
        case open, publish, publishNew, promote, rollBack, delete, collect, beginRun, endRun, closeRun, forgetRun, audit

        func callAsFunction(_ registry: ModelRegistry, _ contents: [String: Data]) throws {
            let (shop, date) = (try ModelName("shop"), Date(timeIntervalSince1970: 4e9))
            switch self {
            case .open: break
            case .publish: _ = try registry.publish(shop, contents: contents, origin: .example)
            case .publishNew: _ = try registry.publish(ModelName("new"), contents: contents, origin: .example)
            case .promote: try registry.promote(shop, version: 1, alias: .champion, reason: nil, at: date)
            case .rollBack: try registry.rollBack(shop, alias: .champion, reason: nil, at: date)
            case .delete: try registry.delete(shop, versions: [1], reason: "x", at: date)
            case .collect:
                _ = try registry.remove(registry.garbage(grace: 0, keep: 1, at: date), reason: "gc", at: date)
            case .beginRun: _ = try ledger(registry).begin(.example())
            case .endRun: try ledger(registry).end(2, .init(.done, at: date, exitCode: 0))
            case .closeRun: _ = try ledger(registry).closeDeadRuns(before: 3, at: date)
            case .forgetRun: _ = try ledger(registry).remove([1])
            case .audit: try AuditLog(registry: registry).append(.example(at: date))
            }
        }

        /// Nobody is at work any more.
        private func ledger(_ registry: ModelRegistry) -> RunLedger { RunLedger(registry: registry) { _ in false } }
    }

    /// All that a user can see of a registry.
    private struct Sight: Equatable {
        var versions: [String: [Int]] = [:]
        var aliases: [String: [String: Int]] = [:]
        var entries: [String: Int] = [:]
        var runs: [ScoringRun] = []
        var audit: [AuditLog.Entry] = []

        init(_ registry: ModelRegistry) throws {
            runs = try RunLedger(registry: registry) { _ in false }.newest(.max, at: Date()).map(\.withoutTimes)
            let log = AuditLog(registry: registry)
            audit = try log.numbers().map { try log.entry($0) }
            for model in try registry.models() {
                let deleted = try registry.history(of: model).deletedVersions
                versions[model.text] = try registry.versions(of: model).filter { !deleted.contains($0) }
                aliases[model.text] = try registry.aliases(of: model)
                entries[model.text] = try registry.history(of: model).entries.count
            }
        }
    }

    private static let contents = Result { try ModelRegistryTests.model(seed: 1).contents() }

    private static func prepare(path: String, disk: any Disk) throws {
        let contents = try contents.get()
        let registry = try ModelRegistry.openOrCreate(path: path, disk: disk)
        let shop = try ModelName("shop")
        for version in 1...3 {
            _ = try registry.publish(shop, contents: contents, origin: .example)
            if version > 1 { try registry.promote(shop, version: version, alias: .champion, reason: nil, at: Date()) }
        }
        let ledger = RunLedger(registry: registry)
        // With the champion, so that the collector may take version 1.
        for _ in 1...2 { _ = try ledger.begin(.example(version: 3)) }
        try ledger.end(1, .init(.done, at: Date(), exitCode: 0))
        try AuditLog(registry: registry).append(.example(at: Date(timeIntervalSince1970: 0)))
    }

    /// After each call of each operation the power fails; what comes back is what was before or what was to be, and what was
    /// acknowledged is there.
    @Test(arguments: Operation.allCases) func afterALossOfPowerThereIsTheOldOrTheNew(operation: Operation) throws {
        let contents = try Self.contents.get()
        func prepared() throws -> SimulatedDisk {
            let disk = SimulatedDisk()
            if operation != .open { try Self.prepare(path: "deep/models", disk: disk) }
            return disk
        }
        func perform(_ disk: SimulatedDisk) throws {
            try operation(ModelRegistry.openOrCreate(path: "deep/models", disk: disk), contents)
        }
        func sight(_ disk: SimulatedDisk) throws -> Sight {
            try Sight(ModelRegistry.openOrCreate(path: "deep/models", disk: disk))
        }
        let whole = try prepared()
        let before = try sight(try prepared())
        let callsBefore = whole.calls
        try perform(whole)
        let calls = whole.calls - callsBefore
        let after = try sight(whole)
        #expect(operation == .open ? before == after : before != after)
        #expect(calls > 5)
        var random = RandomStream(seed: 1, purpose: "power", index: UInt64(operation.rawValue.utf8.count))
        var seen: [Bool: Int] = [:]
        for call in 0...calls {
            for attempt in 0..<12 {
                let disk = try prepared()
                disk.cutPower(after: call)
                let isAcknowledged = (try? perform(disk)) != nil
                // Nothing, all, or some of what was not synced has reached the disk.
                let found = disk.afterPowerLoss { attempt == 0 ? false : attempt == 1 ? true : random.bernoulli(0.5) }
                let registry = try ModelRegistry.openOrCreate(path: "deep/models", disk: found)
                let verification = try registry.verify()
                #expect(verification.findings.isEmpty, "\(operation) after \(call) calls: \(verification.findings)")
                let state = try sight(found)
                #expect(state == before || state == after, "\(operation) after \(call) calls: \(state)")
                if isAcknowledged { #expect(state == after, "\(operation) after \(call) calls was acknowledged") }
                seen[state == after, default: 0] += 1
                // Whatever was left, the next one can go on with it; of some there is no second.
                if [.rollBack, .delete].contains(operation) { try? perform(found) } else { try perform(found) }
                let findings = try registry.verify().findings
                #expect(findings.isEmpty, "\(operation) again after \(call) calls: \(findings)")
            }
        }
        if operation != .open { #expect(seen[true] ?? 0 > 0 && seen[false] ?? 0 > 0) }
    }

    /// Each call fails once, and each with all after it; errors are typed, nothing partial is visible, nothing is lost.
    @Test(arguments: Operation.allCases, [ENOSPC, EIO, EACCES, EINTR])
    func aDiskThatFailsIsToldAndLosesNothing(operation: Operation, code: Int32) throws {
        let contents = try Self.contents.get()
        let folder = try TemporaryFolder()
        let template = "\(folder.path)/template"
        if operation != .open { try Self.prepare(path: template, disk: SystemDisk()) }
        func fresh(_ name: String) throws -> String {
            let path = "\(folder.path)/\(name)"
            if operation != .open { try FileManager.default.copyItem(atPath: template, toPath: path) }
            return path
        }
        func perform(_ path: String, _ disk: any Disk) throws {
            try operation(ModelRegistry.openOrCreate(path: path, disk: disk), contents)
        }
        func sight(_ path: String) throws -> Sight { try Sight(ModelRegistry.openOrCreate(path: path)) }
        let disk = FailingDisk(code: code)
        let whole = try fresh("whole")
        try perform(whole, disk)
        let calls = disk.calls
        let after = try sight(whole)
        let before = try sight(fresh("untouched"))
        let isChanged = before != after
        #expect(isChanged == (operation != .open))
        for number in 0..<calls {
            for andAllAfter in [false, true] {
                let path = try fresh("r\(number)\(andAllAfter)")
                disk.fail(number, andAllAfter: andAllAfter)
                var isDone = true
                do {
                    try perform(path, disk)
                } catch let error as RegistryError {
                    isDone = false
                    switch error {
                    case .inputOutput, .cannotCreate, .cannotRecord: break
                    default: Issue.record("\(operation), call \(number): \(error)")
                    }
                }
                if andAllAfter, number < calls / 2 { #expect(!isDone, "\(operation), call \(number)") }
                let state = try sight(path)
                #expect(state == before || state == after, "\(operation), call \(number): \(state)")
                if isDone { #expect(state == after, "\(operation), call \(number) was acknowledged") }
                #expect(try ModelRegistry.openOrCreate(path: path).verify().findings.isEmpty)
                try FileManager.default.removeItem(atPath: path)
            }
        }
    }

    /// Interrupted calls are made again, but for those that sync and close.
    @Test func anInterruptedCallIsMadeAgain() throws {
        let folder = try TemporaryFolder()
        let files = RegistryFiles(disk: FailingDisk(code: EINTR))
        let disk = try #require(files.disk as? FailingDisk)
        var failed: [Int] = []
        for number in 0..<4 {
            disk.fail(number, andAllAfter: false)
            do { try files.writeSynced(Data("x".utf8), to: "\(folder.path)/\(number)") } catch { failed.append(number) }
        }
        // create, write, sync, close
        #expect(failed == [2, 3])
        disk.fail(0, andAllAfter: false)
        #expect(throws: RegistryError.self) { try files.syncFolder(folder.path) }
        #expect(disk.calls == 1)
    }
}

extension ModelManifest.Origin {
    /// For models of tests.
    static let example = ModelManifest.Origin(
        createdAt: Date(timeIntervalSince1970: 0),
        codeVersion: "0",
        seed: 1,
        threads: 1,
        coreType: "x",
        source: "s",
        dataFingerprint: "none",
        studyHash: nil
    )
}

extension ScoringRun {
    /// The same as it is whenever it is made.
    fileprivate var withoutTimes: ScoringRun {
        var end = end
        end?.endedAt = ""
        return ScoringRun(number: number, start: start, end: end, isAtWork: isAtWork)
    }
}

import ChurnHistory
import ChurnTestSupport
import Foundation
import Synchronization
import Testing

@testable import ChurnRegistry

extension ScoringRun.Start {
    /// A run that writes to a place.
    static func example(to place: String = "/scores.csv", version: Int = 1) throws -> Self {
        try ScoringRun.Start(
            at: Date(timeIntervalSince1970: 1_700_000_000),
            codeVersion: "1",
            reference: ModelReference("shop@champion"),
            version: version,
            source: "/shop/study.yaml",
            settings: "a",
            asOf: "2024-07-01",
            destination: .init(kind: .csv, place: place),
            contributions: false,
            pseudonymKey: nil,
            rejects: nil
        )
    }
}

@Suite struct RunLedgerTests {
    private static let now = Date(timeIntervalSince1970: 1_700_000_100)

    private static func ledger(_ folder: TemporaryFolder) throws -> RunLedger {
        try RunLedger(registry: ModelRegistry.openOrCreate(path: "\(folder.path)/models"))
    }

    private static func done() -> ScoringRun.End { .init(.done, at: now, exitCode: 0) }

    @Test func runsHaveTheNumbersOfTheirOrder() throws {
        let ledger = try Self.ledger(TemporaryFolder())
        var open: [RunLedger.OpenRun] = []
        for _ in 0..<3 { open.append(try ledger.begin(.example())) }
        #expect(open.map(\.number) == [1, 2, 3])
        #expect(try ledger.run(2, at: Self.now).state == .running)
        try ledger.end(2, Self.done())
        let run = try ledger.run(2, at: Self.now)
        #expect(run.state == .done)
        #expect(run.start.reference == "shop@champion" && run.start.version == 1)
        #expect(try ledger.newest(2, at: Self.now).map(\.number) == [3, 2])
        #expect(throws: RegistryError.noSuchRun(number: 9, newest: 3)) { try ledger.run(9, at: Self.now) }
    }

    @Test func aRunHasOneEnd() throws {
        let ledger = try Self.ledger(TemporaryFolder())
        let open = try ledger.begin(.example())
        #expect(try ledger.end(open.number, Self.done()))
        #expect(try !ledger.end(open.number, .init(.failed, at: Self.now, exitCode: 74)))
        #expect(try ledger.run(1, at: Self.now).state == .done)
    }

    @Test func whoeverForgetsHisRunIsFoundDead() throws {
        let ledger = try Self.ledger(TemporaryFolder())
        var dead: RunLedger.OpenRun? = try ledger.begin(.example())
        #expect(try ledger.runAtWork(on: ScoringRun.Start.example().destination, before: 2, at: Self.now) == 1)
        dead = nil
        _ = dead
        #expect(try ledger.run(1, at: Self.now).state == .died)
        let alive = try ledger.begin(.example())
        #expect(try ledger.runAtWork(on: alive.start.destination, before: 2, at: Self.now) == nil)
        #expect(try ledger.closeDeadRuns(before: alive.number, at: Self.now).map(\.number) == [1])
        let note = try #require(try ledger.run(1, at: Self.now).end)
        #expect(note.outcome == .died && note.otherRun == 2)
        #expect(try ledger.closeDeadRuns(before: alive.number, at: Self.now).isEmpty)
        withExtendedLifetime(alive) {}
    }

    @Test func onlyEarlierRunsOnTheSamePlaceAreInTheWay() throws {
        let ledger = try Self.ledger(TemporaryFolder())
        let (a, b) = (try ledger.begin(.example(to: "/a.csv")), try ledger.begin(.example(to: "/b.csv")))
        #expect(try ledger.runAtWork(on: b.start.destination, before: b.number, at: Self.now) == nil)
        #expect(try ledger.runAtWork(on: a.start.destination, before: a.number, at: Self.now) == nil)
        #expect(try ledger.runAtWork(on: a.start.destination, before: 3, at: Self.now) == a.number)
        withExtendedLifetime((a, b)) {}
    }

    /// A file system without locks: for a day a run without an end is taken to be at work.
    @Test func withoutLocksTimeDecides() throws {
        let folder = try TemporaryFolder()
        let registry = try ModelRegistry.openOrCreate(path: "\(folder.path)/models")
        let ledger = RunLedger(registry: registry) { _ in nil }
        _ = try ledger.begin(.example())
        let begun = Date(timeIntervalSince1970: 1_700_000_000)
        #expect(try ledger.run(1, at: begun.addingTimeInterval(86_000)).state == .running)
        #expect(try ledger.run(1, at: begun.addingTimeInterval(87_000)).state == .died)
    }

    @Test func manyWhoBeginAtOnceLeaveNoGap() throws {
        let folder = try TemporaryFolder()
        let registry = try ModelRegistry.openOrCreate(path: "\(folder.path)/models")
        let numbers = Mutex<[Int]>([])
        DispatchQueue.concurrentPerform(iterations: 64) { _ in
            let number = try? RunLedger(registry: registry).begin(.example()).number
            numbers.withLock { $0.append(number ?? -1) }
        }
        #expect(numbers.withLock { $0.sorted() } == Array(1...64))
    }

    @Test func theNewestRunIsNeverRemovedNorOneWithoutAnEnd() throws {
        let ledger = try Self.ledger(TemporaryFolder())
        var open: [RunLedger.OpenRun] = []
        for _ in 0..<4 { open.append(try ledger.begin(.example())) }
        for number in [1, 2, 4] { try ledger.end(number, Self.done()) }
        #expect(try ledger.remove([1, 2, 3, 4]) == [1, 2])
        #expect(try ledger.numbers() == [3, 4])
        #expect(try ledger.begin(.example()).number == 5)
    }

    @Test func whatARunHasScoredWithIsNoGarbage() throws {
        let folder = try TemporaryFolder()
        let registry = try ModelRegistry.openOrCreate(path: "\(folder.path)/models")
        let contents = try ModelRegistryTests.model(seed: 1).contents()
        let shop = try ModelName("shop")
        for _ in 1...4 { _ = try registry.publish(shop, contents: contents, origin: .example) }
        let ledger = RunLedger(registry: registry)
        try ledger.end(ledger.begin(.example(version: 2)).number, Self.done())
        let late = Date(timeIntervalSinceNow: 1e6)
        #expect(try registry.garbage(grace: 0, keep: 1, at: late).versions.map(\.version) == [1, 3])
    }

    @Test func whatIsWrongInTheLedgerIsFoundAndSetAside() throws {
        let folder = try TemporaryFolder()
        let registry = try ModelRegistry.openOrCreate(path: "\(folder.path)/models")
        let ledger = RunLedger(registry: registry)
        for _ in 1...3 { try ledger.end(ledger.begin(.example()).number, Self.done()) }
        #expect(try registry.verify().findings.isEmpty)
        #expect(try registry.verify().runs == 3)
        let runs = "\(folder.path)/models/runs"
        try Data("{".utf8).write(to: URL(fileURLWithPath: "\(runs)/000002/ended.json"))
        try Data("x".utf8).write(to: URL(fileURLWithPath: "\(runs)/000003/notes.txt"))
        try Data("x".utf8).write(to: URL(fileURLWithPath: "\(runs)/stray"))
        #expect(try registry.verify().findings.count == 3)
        // A damaged run keeps nobody from his work.
        #expect(try ledger.newest(9, at: Self.now).map(\.number) == [3, 1])
        #expect(try registry.verify(repairs: true).isSound)
        #expect(try registry.verify().findings.isEmpty)
        #expect(try ledger.newest(9, at: Self.now).map(\.number) == [3, 1])
        #expect(try ledger.begin(.example()).number == 4)
    }

    @Test func aRegistryThatCannotBeWrittenSaysHowToScoreAllTheSame() throws {
        let folder = try TemporaryFolder()
        let registry = try ModelRegistry.openOrCreate(path: "\(folder.path)/models")
        try Data().write(to: URL(fileURLWithPath: "\(folder.path)/models/runs"))
        let error = #expect(throws: RegistryError.self) { try RunLedger(registry: registry).begin(.example()) }
        #expect(error.map { "\($0)" }?.contains("--no-ledger") == true)
    }

    @Test func aHeldFileIsSeenByOthersUntilItIsLetGo() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("f", "x")
        #expect(PresenceLock.isHeld(path) == false)
        var lock = PresenceLock(path: path)
        #expect(PresenceLock.isHeld(path) == true)
        withExtendedLifetime(lock) {}
        lock = nil
        #expect(PresenceLock.isHeld(path) == false)
        #expect(PresenceLock.isHeld("\(folder.path)/none") == nil)
    }
}

extension AuditLog.Entry {
    /// An erasure of nobody.
    static func example(at date: Date) -> AuditLog.Entry {
        AuditLog.Entry(.erase, at: date, codeVersion: "1", places: [.init(.scores, at: "/scores.csv", run: 1)])
    }
}

@Suite struct AuditLogTests {
    private static func log(_ folder: TemporaryFolder) throws -> AuditLog {
        AuditLog(registry: try ModelRegistry.openOrCreate(path: "\(folder.path)/models"))
    }

    @Test func eachOfManyWritersHasANumberOfHisOwnInOneChain() async throws {
        let folder = try TemporaryFolder()
        let log = try Self.log(folder)
        let numbers = try await withThrowingTaskGroup(of: [Int].self) { group in
            for writer in 0..<8 {
                group.addTask {
                    try (0..<10).map {
                        try log.append(.example(at: Date(timeIntervalSince1970: Double(writer * 100 + $0))))
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(numbers.sorted() == Array(1...80))
        for number in 1...80 { _ = try log.entry(number) }
    }

    @Test func whatWasTakenOutOrChangedIsSeen() throws {
        let folder = try TemporaryFolder()
        let log = try Self.log(folder)
        for second in 1...4 { try log.append(.example(at: Date(timeIntervalSince1970: Double(second)))) }
        #expect(try log.entry(1).previous.isEmpty && log.entry(3).previous == log.digest(2))
        let registry = try ModelRegistry(path: "\(folder.path)/models")
        #expect(try registry.verify().isSound)
        try folder.write("models/audit/note.txt", "x".utf8)
        try FileManager.default.removeItem(atPath: "\(folder.path)/models/audit/000002.json")
        let findings = try registry.verify().findings
        #expect(findings.count == 2 && findings.contains { $0.path.hasSuffix("000002.json") })
        // A single file far away is no damage of a million others.
        try folder.write("models/audit/999999.json", "{}".utf8)
        #expect(try registry.verify().findings.count == 2)
    }
}

import ArrowIPC
import ChurnKit
import ChurnTestSupport
import Foundation
import Testing

/// Scorings as jobs: in the ledger, checked, done once, one at a time.
@Suite(.serialized) struct ScoringRunTests {
    private let folder: TemporaryFolder
    private static let score = ["score", "m", "shop/study.yaml", "--as-of", "2024-07-01"]

    init() throws {
        folder = try TemporaryFolder()
        try SimulatedWorld(SimulationParameters(customers: 300, seed: 4)).write(to: "\(folder.path)/shop", threads: 2)
        let outcome = try run(["train", "shop/study.yaml", "--name", "m"])
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    @discardableResult
    private func run(
        _ arguments: [String],
        environment: [String: String] = [:]
    ) throws -> ChurnBinary.Outcome {
        try ChurnBinary.run(arguments + ["--registry", "r"], in: folder.path, environment: environment)
    }

    private func ledger() throws -> RunLedger { try RunLedger(registry: ModelRegistry(path: "\(folder.path)/r")) }

    private func newest() throws -> ScoringRun {
        try #require(try ledger().newest(1, at: Date()).first)
    }

    private func content(_ name: String) -> Data? { FileManager.default.contents(atPath: "\(folder.path)/\(name)") }

    /// Changes the study's file.
    private func edit(_ name: String = "shop/study.yaml", _ change: (String) -> String) throws {
        let text = try String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)
        try folder.write(name, change(text).utf8)
    }

    // MARK: Once

    @Test func theSameRunAgainFindsItsScoresInTheirPlace() throws {
        let score = Self.score + ["-o", "s.csv"]
        #expect(try run(score).status == 0)
        let scores = try #require(content("s.csv"))
        let first = try newest()
        #expect(first.state == .done && first.end?.counts?.customersScored == scores.split(separator: 10).count - 1)
        #expect(
            first.end?.scores?.bytes == scores.count && first.start.version == 1 && first.start.asOf == "2024-07-01"
        )

        let again = try run(score)
        #expect(again.status == 0 && again.errors.contains("done already by run 1"))
        #expect(try newest().state == .repeated && newest().end?.otherRun == 1)
        #expect(content("s.csv") == scores)

        // What somebody has changed or taken away is written again, to the byte.
        try folder.write("s.csv", "x".utf8)
        let mended = try run(score)
        #expect(mended.errors.contains("customers scored"))
        #expect(try newest().state == .done && content("s.csv") == scores)

        // Another day, other data, another place or another version is another run.
        #expect(try run(["score", "m", "shop/study.yaml", "--as-of", "2024-06-01", "-o", "s.csv"]).status == 0)
        #expect(try newest().state == .done && content("s.csv") != scores)
        #expect(try run(score).errors.contains("customers scored"))
        #expect(try run(score + ["--contributions"]).errors.contains("customers scored"))
    }

    /// What the study says decides the scores as much as the data do.
    @Test func whoChangesTheStudyScoresAgain() throws {
        let score = Self.score + ["-o", "s.csv"]
        #expect(try run(score).status == 0)
        let scores = content("s.csv")
        try edit { $0.replacing(/activeWithin: \w+/, with: "activeWithin: 20d") }
        #expect(try run(score).errors.contains("customers scored"))
        #expect(content("s.csv") != scores && content("s.csv") != nil)
    }

    @Test func everyFormatHasTheSameScores() throws {
        #expect(try run(Self.score + ["-o", "s.csv", "--contributions"]).status == 0)
        #expect(try run(Self.score + ["-o", "s.arrow", "--contributions"]).status == 0)
        let arrow = try ArrowCells(path: "\(folder.path)/s.arrow")
        let lines = String(decoding: try #require(content("s.csv")), as: UTF8.self).split(separator: "\n")
        #expect(arrow.names == lines[0].split(separator: ",").map(String.init))
        let cells = lines.dropFirst().map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        #expect(arrow.rows == cells)
        let digests = try ledger().newest(2, at: Date()).map { $0.end?.scores?.digest }
        #expect(digests[0] == digests[1] && digests[0] != nil)

        #expect(try run(Self.score + ["-o", "s.sqlite", "--table", "now"]).status == 0)
        #expect(try run(Self.score).status == 0)
        let plain = try ledger().newest(2, at: Date()).map { $0.end?.scores?.digest }
        #expect(plain[0] == plain[1] && plain[0] != digests[0])
        #expect(try run(Self.score + ["-o", "s.sqlite", "--contributions"]).status == 64)
        #expect(try run(Self.score + ["-o", "s.csv", "--table", "x"]).status == 64)
        #expect(try run(Self.score + ["-o", "s.xlsx"]).status == 64)
    }

    // MARK: One at a time

    private func partialFiles() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".partial") }
    }

    /// A scoring that has entered the ledger, has begun its output and is stopped there.
    private func stopped(_ arguments: [String]) throws -> Process {
        let process = try ChurnBinary.start(
            arguments + ["--registry", "r"],
            in: folder.path,
            output: URL(fileURLWithPath: "\(folder.path)/out"),
            errors: URL(fileURLWithPath: "\(folder.path)/err")
        )
        for _ in 0..<20_000 {
            if try !partialFiles().isEmpty { break }
            usleep(100)
        }
        kill(process.processIdentifier, SIGSTOP)
        return process
    }

    @Test func whoWouldWriteWhereAnotherIsWritingIsTold() throws {
        let score = Self.score + ["-o", "s.csv", "--no-index"]
        let first = try stopped(score)
        let second = try run(score)
        #expect(second.status == 75 && second.errors.contains("run 1 is writing to"))
        #expect(try newest().state == .busy && newest().end?.otherRun == 1)
        // Another place is free.
        #expect(try run(Self.score + ["-o", "other.csv"]).status == 0)
        #expect(try ledger().run(1, at: Date()).state == .running)
        kill(first.processIdentifier, SIGCONT)
        first.waitUntilExit()
        #expect(first.terminationStatus == 0)
        #expect(content("s.csv") == content("other.csv"))
        #expect(try ledger().run(1, at: Date()).state == .done)
    }

    @Test func whatADeadRunLeftIsClearedUpByTheNext() throws {
        let score = Self.score + ["-o", "s.csv", "--no-index"]
        let first = try stopped(score)
        kill(first.processIdentifier, SIGKILL)
        first.waitUntilExit()
        #expect(try partialFiles().count == 1)
        #expect(try run(["runs", "list"]).output.contains("died"))
        let next = try run(score)
        #expect(next.status == 0 && next.errors.contains("Run 1 was killed"))
        #expect(try partialFiles() == [])
        #expect(try ledger().run(1, at: Date()).end?.outcome == .died)
        #expect(try newest().end?.removedLeftovers?.count == 1)
    }

    /// Killed at a random moment and run again: the same bytes each time.
    @Test func aScoringThatWasKilledIsDoneByTheNextToTheByte() throws {
        let cycles = ProcessInfo.processInfo.environment["CHURN_RERUNS"].flatMap { Int($0) } ?? 40
        let score = Self.score + ["-o", "s.csv", "-q"]
        let begun = ContinuousClock.now
        #expect(try run(score).status == 0)
        let seconds = (ContinuousClock.now - begun) / .seconds(1)
        let expected = try #require(content("s.csv"))
        var random = RandomStream(seed: 11, purpose: "reruns")
        var kills = 0
        for cycle in 0..<cycles {
            try FileManager.default.removeItem(atPath: "\(folder.path)/s.csv")
            let process = try ChurnBinary.start(
                score + ["--registry", "r"],
                in: folder.path,
                output: URL(fileURLWithPath: "\(folder.path)/out"),
                errors: URL(fileURLWithPath: "\(folder.path)/err")
            )
            Thread.sleep(forTimeInterval: random.uniform() * seconds)
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            if process.terminationReason == .uncaughtSignal { kills += 1 }
            if let left = content("s.csv") { #expect(left == expected, "cycle \(cycle): a partial file") }
            let again = try run(score)
            #expect(again.status == 0, "cycle \(cycle): \(again.errors)")
            #expect(content("s.csv") == expected, "cycle \(cycle)")
        }
        #expect(try partialFiles() == [])
        let verification = try ModelRegistry(path: "\(folder.path)/r").verify()
        #expect(verification.findings.isEmpty, "\(verification.findings)")
        let runs = try ledger().newest(.max, at: Date())
        let died = runs.count { $0.state == .died }
        #expect(runs.allSatisfy { $0.state != .running } && died <= kills && kills > cycles / 4)
        print(
            "\(kills) of \(cycles) scorings killed, \(died) after they had entered the ledger: the same bytes each time"
        )
    }

    // MARK: Checks

    @Test func dataThatAreTooOldAreRefused() throws {
        try edit { $0 + "\nscoring:\n  checks:\n    freshness: {warn: 1d, fail: 30d}\n" }
        let early = try run(Self.score + ["-o", "s.csv"])
        #expect(early.status == 0, "\(early.errors)")
        #expect(try newest().end?.checks?.first?.name == "freshness")
        // Behind the data, which only the check allows.
        let later = ["score", "m", "shop/study.yaml", "-o", "t.csv", "--as-of"]
        let warned = try run(later + ["2024-07-20"])
        #expect(warned.status == 0 && warned.errors.contains("Warning: the newest event before 2024-07-20"))
        let refused = try run(later + ["2024-09-01"])
        #expect(refused.status == 1 && refused.errors.contains("`freshness` fails above 30 days"))
        #expect(try newest().state == .refused && newest().end?.exitCode == 1)
        #expect(content("t.csv") != nil)
        #expect(try run(["runs", "list", "--state", "refused"]).output.contains("refused"))
    }

    @Test(arguments: [
        ("freshness: {warn: 9d, fail: 2d}", "higher level"), ("rejected: {fail: 2}", "from 0"),
        ("freshnes: {}", "freshness"), ("unseen: {fail: 0}", "unseen"), ("drift: {warn: x}", "number"),
    ]) func levelsThatCannotBeAreRefused(line: String, word: String) throws {
        try edit { $0 + "\nscoring:\n  checks:\n    \(line)\n" }
        let outcome = try run(Self.score)
        #expect(outcome.status == 78 && outcome.errors.contains(word), "\(outcome.errors)")
    }

    @Test func whatFailsIsInTheLedgerWithoutAnybodysData() throws {
        let events = try #require(
            FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/shop").first {
                $0.hasPrefix("orders") || $0.hasPrefix("events")
            }
        )
        try edit("shop/\(events)") { $0 + "secret-customer,not a time,x\n" }
        let outcome = try run(Self.score + ["-o", "s.csv"])
        #expect(outcome.status == 65)
        let end = try #require(try newest().end)
        #expect(end.outcome == .failed && end.exitCode == 65 && end.message?.hasPrefix("CSV-") == true)
        let entry = try #require(content("r/runs/000001/ended.json"))
        #expect(!String(decoding: entry, as: UTF8.self).contains("secret"))
        #expect(content("s.csv") == nil)
    }

    @Test func runsThatAreTooOldAreForgotten() throws {
        for _ in 1...3 { #expect(try run(Self.score + ["-o", "s.csv"]).status == 0) }
        try edit("r/runs/000001/started.json") {
            $0.replacing(/"startedAt" : "[^"]*"/, with: "\"startedAt\" : \"2020-01-01T00:00:00Z\"")
        }
        #expect(try run(Self.score + ["-o", "s.csv"]).status == 0)
        #expect(try ledger().numbers() == [1, 2, 3, 4])
        try edit { $0 + "\nscoring: {retention: {runs: 30d}}\n" }
        #expect(try run(Self.score + ["-o", "s.csv"]).status == 0)
        #expect(try ledger().numbers() == [2, 3, 4, 5])
    }

    // MARK: Names and rights

    @Test func pseudonymsStandForIdsAndNothingTellsThem() throws {
        #expect(try run(Self.score + ["-o", "plain.csv"]).status == 0)
        try folder.write("key", Array(repeating: 0x0B, count: 20) + [0x0A])
        chmod("\(folder.path)/key", 0o644)
        let option = ["--pseudonymise", "key"]
        #expect(try run(Self.score + option).status == 65)
        chmod("\(folder.path)/key", 0o600)
        #expect(try run(Self.score + option + ["-o", "s.csv"]).status == 0)
        let plain = try rows("plain.csv")
        let hidden = try rows("s.csv")
        let pseudonyms = try Pseudonyms(keyFile: "\(folder.path)/key")
        // RFC 4231, first test case.
        #expect(pseudonyms("Hi There") == "b0344c61d8db38535ca8afceaf0bf12b")
        let expected = Dictionary(uniqueKeysWithValues: plain.map { (pseudonyms($0[0]), $0[2]) })
        #expect(Dictionary(uniqueKeysWithValues: hidden.map { ($0[0], $0[2]) }) == expected)
        #expect(try newest().start.pseudonymKey == pseudonyms.keyName)
        // A key in the registry is everybody's who has the models.
        #expect(try FileManager.default.copyItem(atPath: "\(folder.path)/key", toPath: "\(folder.path)/r/key") == ())
        #expect(try run(Self.score + ["--pseudonymise", "r/key"]).status == 65)
        try folder.write("short", "abc".utf8)
        chmod("\(folder.path)/short", 0o600)
        #expect(try run(Self.score + ["--pseudonymise", "short"]).status == 65)
        #expect(try run(Self.score + ["--pseudonymise", "none"]).status == 66)
    }

    private func rows(_ name: String) throws -> [[String]] {
        String(decoding: try #require(content(name)), as: UTF8.self).split(separator: "\n").dropFirst().map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
    }

    @Test func withoutALedgerNothingIsWrittenToTheRegistry() throws {
        #expect(try run(Self.score + ["--no-ledger"]).status == 0)
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/r/runs"))
    }

    @Test func aRunIsShownInWordsAndAsJSON() throws {
        #expect(try run(Self.score + ["-o", "s.csv"]).status == 0)
        let words = try run(["runs", "show", "1"])
        #expect(words.status == 0 && words.output.contains("m@1, asked for as m"))
        let json = try run(["runs", "show", "1", "--format", "json"]).json
        #expect(json["state"] as? String == "done" && json["run"] as? Int == 1)
        #expect(try run(["runs", "show", "2"]).status == 66)
        #expect(try run(["runs", "list", "--format", "csv"]).output.split(separator: "\n").count == 2)
        #expect(try run(["runs", "list", "nobody"]).output.contains("no such runs"))
    }
}

/// A table of an Arrow file as CSV has it.
struct ArrowCells {
    let names: [String]
    let rows: [[String]]

    init(path: String) throws {
        let file = try ArrowFile(path: path)
        names = file.schema.fields.map(\.name)
        var rows: [[String]] = []
        for number in 0..<file.batchCount {
            let batch = try file.batch(number)
            var columns: [[String]] = []
            for (index, field) in file.schema.fields.enumerated() {
                let array = try batch.array(index)
                switch field.type {
                case .text: columns.append(try array.optionalStrings().map { $0 ?? "" })
                case .date32:
                    columns.append(try array.integers().map { CalendarDay(number: Int($0)).description })
                case .integer: columns.append(try array.integers().map { "\($0)" })
                default: columns.append(try array.doubles(nullValue: .nan).map(Self.cell))
                }
            }
            for row in 0..<batch.rowCount { rows.append(columns.map { $0[row] }) }
        }
        self.rows = rows
    }

    private static func cell(_ number: Double) throws -> String {
        if number.isNaN { return "" }
        var line = CSVLine()
        line.append(number: number)
        var text = ""
        try line.finish { text = String(decoding: $0.dropLast(), as: UTF8.self) }
        return text
    }
}

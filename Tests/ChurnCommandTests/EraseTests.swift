import ArrowIPC
import ChurnKit
import ChurnTestSupport
import Foundation
import Testing

/// A customer is taken out of everything that the ledger knows, and everybody else stays.
@Suite(.serialized) struct EraseTests {
    private let folder: TemporaryFolder
    private static let score = ["score", "m", "shop/study.yaml", "--as-of", "2024-07-01"]

    init() throws {
        folder = try TemporaryFolder()
        try SimulatedWorld(SimulationParameters(customers: 200, seed: 4)).write(to: "\(folder.path)/shop", threads: 2)
        try #require(run(["train", "shop/study.yaml", "--name", "m"]).status == 0)
    }

    @discardableResult
    private func run(_ arguments: [String]) throws -> ChurnBinary.Outcome {
        try ChurnBinary.run(arguments + ["--registry", "r"], in: folder.path)
    }

    private func path(_ name: String) -> String { "\(folder.path)/\(name)" }

    private func lines(_ name: String) throws -> [String] {
        try String(contentsOfFile: path(name), encoding: .utf8).split(separator: "\n").map(String.init)
    }

    /// The customer of a row of the scores.
    private func customer(_ row: Int, of name: String = "s.csv") throws -> String {
        let cells = try lines(name)[row].split(separator: ",")
        return String(cells[0])
    }

    private func entry() throws -> AuditLog.Entry {
        let log = try AuditLog(registry: ModelRegistry(path: path("r")))
        return try log.entry(#require(log.numbers().last))
    }

    /// Files of the folder, but the data that are the user's, in which a text stands.
    private func filesNaming(_ text: String) throws -> [String] {
        let names = try #require(FileManager.default.enumerator(atPath: folder.path)).compactMap { $0 as? String }
        return names.filter { name in
            guard !name.hasSuffix("events.csv"), !name.hasSuffix("customers.csv"), !name.hasSuffix("truth.csv"),
                let content = FileManager.default.contents(atPath: path(name))
            else { return false }
            return content.range(of: Data(text.utf8)) != nil
        }
    }

    @Test func theCustomerIsInNoFileAfterwardsAndOthersAreAsTheyWere() throws {
        try #require(ChurnBinary.run("index", "shop/study.yaml", in: folder.path).status == 0)
        for output in ["s.csv", "s.arrow", "s.sqlite"] {
            try #require(run(Self.score + ["-o", output]).status == 0)
        }
        let gone = try customer(5)
        let before = try lines("s.csv")
        #expect(try Set(filesNaming(gone)) == ["s.csv", "s.arrow", "s.sqlite", "shop/study.churnindex"])

        let tried = try run(["erase", gone, "--dry-run", "--format", "json"])
        #expect(tried.status == 0 && tried.json["isComplete"] as? Bool == true)
        #expect(try lines("s.csv") == before && filesNaming(gone).count == 4)
        #expect(!FileManager.default.fileExists(atPath: path("r/audit")))

        let erased = try run(["erase", gone, "--reason", "request 17"])
        #expect(erased.status == 0, "\(erased.errors)")
        #expect(
            erased.errors.contains("Trained on data that hold the customer: m@1.") && erased.errors.contains("SHA-256")
        )
        #expect(erased.errors.contains("study.yaml hold the customer"))
        #expect(try filesNaming(gone) == [])
        #expect(try lines("s.csv") == before.filter { !$0.hasPrefix("\(gone),") })
        let arrow = try ArrowCells(path: path("s.arrow"))
        #expect(
            arrow.rows
                == (try lines("s.csv").dropFirst()).map {
                    $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
                }
        )
        let modes = try ["s.csv", "s.arrow"].map {
            try FileManager.default.attributesOfItem(atPath: path($0))[.posixPermissions] as? Int
        }
        #expect(modes == [0o600, 0o600])

        let entry = try entry()
        #expect(entry.action == .erase && entry.reason == "request 17" && entry.isComplete)
        #expect(entry.places.map(\.outcome) == [.erased, .erased, .erased, .erased])
        #expect(entry.places.map(\.rows) == [1, 1, 1, 0] && entry.versions.map(\.held) == [.yes])
        let content = try #require(FileManager.default.contents(atPath: path("s.csv")))
        #expect(entry.places[1].place.hasSuffix("/s.csv") && entry.places[1].bytes == content.count)
        #expect(
            AtomicFile.hasContent(
                digest: try #require(entry.places[1].digest),
                byteCount: content.count,
                at: path("s.csv")
            )
        )
        #expect(try run(["erase", "--log"]).output.contains("request 17"))
        #expect(try run(["runs", "show", "1"]).output.contains("erased since"))
        #expect(try run(["models", "verify"]).status == 0)

        // The same run again does not bring him back.
        let again = try run(Self.score + ["-o", "s.csv"])
        #expect(again.status == 0 && again.errors.contains("done already by run 1"))
        #expect(try filesNaming(gone) == [])
        // Whoever is gone is gone.
        #expect(try run(["erase", gone]).output.contains("clear"))
        let clear = try self.entry()
        #expect(clear.places.map(\.outcome) == [.clear, .clear, .clear])
        // Known by its new content, whatever the log has lost.
        #expect(clear.places[1].digest == entry.places[1].digest)
    }

    @Test func rejectedRowsThatMayBeHisGo() throws {
        let text = try String(contentsOfFile: path("shop/events.csv"), encoding: .utf8)
        let someone = String(text.split(separator: "\n")[1].split(separator: ",")[0])
        try folder.write(
            "shop/events.csv",
            (text + "\(someone),never,purchase,1,1,p\nC99999,never,purchase,1,1,p\n").utf8
        )
        let study = try String(contentsOfFile: path("shop/study.yaml"), encoding: .utf8)
        try folder.write("shop/study.yaml", study.replacing("maxRejected: 0 ", with: "maxRejected: 2 ").utf8)
        let scored = try run(Self.score + ["-o", "s.csv", "--rejects", "rejects.csv"])
        try #require(scored.status == 0, "\(scored.errors)")
        #expect(try lines("rejects.csv").count == 3)
        #expect(try run(["erase", someone]).status == 0)
        let rest = try lines("rejects.csv")
        #expect(rest.count == 2 && rest[1].contains("C99999"))
        #expect(try entry().places.first { $0.kind == .rejects }?.rows == 1)
    }

    @Test func pseudonymsNeedTheirKey() throws {
        try folder.write("key", "0123456789abcdef0123".utf8)
        chmod(path("key"), 0o600)
        #expect(try run(Self.score + ["-o", "s.csv"]).status == 0)
        #expect(try run(Self.score + ["-o", "p.csv", "--pseudonymise", "key"]).status == 0)
        let gone = try customer(3)
        let pseudonym = try Pseudonyms(keyFile: path("key"))(gone)
        let without = try run(["erase", gone])
        #expect(without.status == 66 && without.errors.contains("name its file with --pseudonymise"))
        #expect(try !entry().isComplete && filesNaming(pseudonym) == ["p.csv"])
        #expect(try run(["erase", gone, "--pseudonymise", "key"]).status == 0)
        // The pseudonym is what the log knows him by, where there is a key.
        #expect(try entry().isComplete && entry().pseudonym == pseudonym)
        #expect(try lines("p.csv").filter { $0.hasPrefix(pseudonym) }.isEmpty)
    }

    @Test func filesThatTheLedgerDoesNotKnowCanBeNamed() throws {
        let features = ["features", "shop/study.yaml", "-o"]
        for name in ["f.csv", "f.arrow"] {
            try #require(ChurnBinary.run(features + [name], in: folder.path).status == 0)
        }
        let gone = try customer(1, of: "f.csv")
        let (csv, arrow) = (try lines("f.csv"), try ArrowFile(path: path("f.arrow")).rowCount)
        let own = csv.count { $0.hasPrefix("\(gone),") }
        // Its description would not fit it any more.
        #expect(try run(["erase", gone, "f.csv"]).status == 65 && lines("f.csv") == csv)
        try FileManager.default.removeItem(atPath: path("f.csv.json"))
        let erased = try run(["erase", gone, "f.csv", "f.arrow"])
        #expect(erased.status == 0, "\(erased.errors)")
        #expect(try lines("f.csv") == csv.filter { !$0.hasPrefix("\(gone),") } && own > 1)
        #expect(try ArrowFile(path: path("f.arrow")).rowCount == arrow - own)
        let trained = try run(["train", "shop/study.yaml", "--from", "f.arrow", "--name", "n"])
        #expect(trained.status == 0, "\(trained.errors)")

        #expect(try run(["erase", gone, "nowhere.csv"]).status == 66)
        #expect(try run(["erase", gone, "shop/study.yaml"]).status == 65)
    }

    /// Nor is what is packed, or written by others, changed under its name.
    @Test func theUsersOwnFilesAreLeftAlone() throws {
        let events = FileManager.default.contents(atPath: path("shop/events.csv"))
        let source = try run(["erase", "C000001", "shop/events.csv"])
        #expect(source.status == 65 && source.errors.contains("never changes"))
        #expect(FileManager.default.contents(atPath: path("shop/events.csv")) == events)
        try folder.write("foreign.csv", "customer,x\r\nC000001,1\r\nC000002,2\r\n".utf8)
        #expect(try run(["erase", "C000001", "foreign.csv"]).status == 65)
        #expect(try String(contentsOfFile: path("foreign.csv"), encoding: .utf8).contains("C000001"))
        try folder.write("own.csv", "id,x\nC000001,1\nC000002,2\n".utf8)
        #expect(try run(["erase", "C000001", "own.csv", "--column", "id"]).status == 0)
        #expect(try lines("own.csv") == ["id,x", "C000002,2"])

        try FileManager.default.createDirectory(
            atPath: path("shop/study.churnindex"),
            withIntermediateDirectories: true
        )
        try folder.write("shop/study.churnindex/thesis.txt", "important".utf8)
        let index = try run(["erase", "C000001"])
        #expect(index.status == 65 && index.errors.contains("no index of ours"))
        #expect(FileManager.default.fileExists(atPath: path("shop/study.churnindex/thesis.txt")))
    }

    /// Idiomatic ids: those with marks that part fields in a file of rejected rows, and those that differ in no letter that one sees.
    @Test(arguments: [",", ";", "|", "\t", ":"]) func rejectedRowsOfAnyDialectAreHis(delimiter: String) throws {
        let names = ["O\"Neil", "Müller \(delimiter) Söhne", " sp "]
        let rows =
            names.map { "\"\($0.replacing("\"", with: "\"\""))\"\(delimiter)never" } + ["Muller\(delimiter)never"]
        var text = "file,line,field,column,code,reason,fix,row\n"
        for row in rows {
            var line = CSVLine()
            for cell in ["f", "1", "2", "time", "CSV-015", "is no time", "", row] { line.append(text: cell) }
            try line.finish { (bytes) throws(DataError) in text += String(decoding: bytes, as: UTF8.self) }
        }
        for name in names {
            try folder.write("rejects.csv", text.utf8)
            #expect(try run(["erase", name, "rejects.csv"]).status == 0)
            #expect(try lines("rejects.csv").count == 4, "\(name)")
        }
        try folder.write("s.csv", "customer,x\nM\u{FC}ller,1\nMu\u{308}ller,2\n".utf8)
        #expect(try run(["erase", "Mu\u{308}ller", "s.csv"]).status == 0)
        #expect(try lines("s.csv").map { Array($0.utf8) } == ["customer,x", "M\u{FC}ller,1"].map { Array($0.utf8) })
    }

    /// Whatever a run that was killed has written, and one whose record cannot be read.
    @Test func whatKilledRunsHaveLeftIsFound() throws {
        try #require(run(Self.score + ["-o", "s.csv"]).status == 0)
        let gone = try customer(2)
        let scores = FileManager.default.contents(atPath: path("s.csv"))
        // As if it had died after its file was in place.
        try FileManager.default.removeItem(atPath: path("r/runs/000001/ended.json"))
        try folder.write(".s.csv.999999-abc.partial", try #require(scores))
        #expect(try run(["erase", gone]).status == 0)
        #expect(try filesNaming(gone) == [])

        try folder.write("s.csv", try #require(scores))
        try folder.write("r/runs/000001/started.json", "{".utf8)
        let damaged = try run(["erase", gone])
        #expect(damaged.status == 65 && damaged.errors.contains("record of run 1 is damaged"))
        #expect(try !entry().isComplete)
    }

    /// Where nothing could be written down nothing is changed.
    @Test func anErasureThatCannotBeRecordedIsNone() throws {
        try #require(run(Self.score + ["-o", "s.csv"]).status == 0)
        let scores = try lines("s.csv")
        try folder.write("r/audit", "".utf8)
        #expect(try run(["erase", customer(2)]).status == 73)
        #expect(try lines("s.csv") == scores)
    }

    @Test func whoCameAfterTheTrainingWasInNoData() throws {
        let text = try String(contentsOfFile: path("shop/events.csv"), encoding: .utf8)
        let known = String(text.split(separator: "\n")[1].split(separator: ",")[0])
        try folder.write("shop/events.csv", (text + "C99999,2024-06-30 10:00:00,purchase,1,1,p\n").utf8)
        func versions(_ id: String) throws -> [AuditLog.Entry.Version.Held] {
            #expect(try run(["erase", id]).status == 0)
            return try entry().versions.map(\.held)
        }
        #expect(try versions(known) == [.likely])
        // His first event is older than the training of today.
        #expect(try versions("C99999") == [.likely])
        #expect(try versions("C88888") == [.unknown])
        let manifest = "r/m/versions/000001/manifest.json"
        let origin = try String(contentsOfFile: path(manifest), encoding: .utf8)
        try folder.write(
            manifest,
            origin.replacing(/"createdAt" : "[^"]*"/, with: "\"createdAt\" : \"2024-06-01T00:00:00Z\"").utf8
        )
        #expect(try versions("C99999") == [])
        #expect(try versions(known) == [.likely])
        try FileManager.default.removeItem(atPath: path("shop/study.yaml"))
        let unread = try run(["erase", known])
        #expect(unread.errors.contains("were not looked through") && unread.errors.contains("nobody of this id"))
    }

    @Test func theLogNamesNobodyAndShowsWhatWasChanged() throws {
        #expect(try run(["erase", "C000001", "--reason", "for C000001"]).status == 64)
        #expect(try run(["erase"]).status == 64)
        #expect(try run(["erase", "C000001", "--log"]).status == 64)
        for _ in 0..<3 { #expect(try run(["erase", "C000001"]).status == 0) }
        #expect(try run(["models", "verify"]).status == 0)
        let first = path("r/audit/000002.json")
        let text = try String(contentsOfFile: first, encoding: .utf8)
        #expect(!text.contains("C000001"))
        try folder.write("r/audit/000002.json", text.replacing("erase", with: "retention").utf8)
        let changed = try run(["models", "verify"])
        #expect(changed.status == 1 && changed.output.contains("000003.json"))
        #expect(try run(["erase", "--log"]).status == 65)
        try FileManager.default.removeItem(atPath: first)
        let missing = try run(["models", "verify"])
        #expect(missing.status == 1 && missing.output.contains("000002.json"))
    }
}

import ChurnKit
import ChurnTestSupport
import Foundation
import Testing

/// Models of every format that was released are loaded and score as they did then: `models/README.md`.
@Suite struct GoldenModelTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("models").path
    private static let formats =
        (try? FileManager.default.contentsOfDirectory(atPath: root))?
        .filter { $0.hasPrefix("format-") }.sorted() ?? []

    /// The format's folder, copied to where something may be written.
    private static func copy(_ format: String) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try FileManager.default.copyItem(atPath: "\(root)/\(format)", toPath: "\(folder.path)/f")
        return folder
    }

    /// The lines of a file of scores as cells.
    private static func cells(_ path: String) throws -> [[Substring]] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            .map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    }

    @Test func thereIsAFolderForEachFormat() {
        #expect(Self.formats == ["format-1"])
    }

    @Test(arguments: formats) func everyModelScoresAsItDid(format: String) throws {
        let folder = try Self.copy(format)
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/f/scores").sorted()
        #expect(names.count >= 13)
        for file in names {
            let name = String(file.dropLast(4))
            let source = name.hasPrefix("table-") ? ["customers-flat.csv"] : ["study.yaml", "--as-of", "2024-07-01"]
            let scored = try ChurnBinary.run(
                ["score", "\(name)@1"] + source
                    + ["--contributions", "-o", "now.csv", "--registry", "registry", "--no-ledger"],
                in: "\(folder.path)/f"
            )
            #expect(scored.status == 0, "\(name): \(scored.errors)")
            let (then, now) = ("\(folder.path)/f/scores/\(file)", "\(folder.path)/f/now.csv")
            guard name.contains("boosted") else {
                #expect(FileManager.default.contentsEqual(atPath: then, andPath: now), "\(name)")
                continue
            }
            let (old, new) = (try Self.cells(then), try Self.cells(now))
            #expect(old.count == new.count && old.count > 10)
            for (before, after) in zip(old, new) {
                let isSame =
                    before.count == after.count
                    && zip(before, after).allSatisfy { then, now in
                        guard let then = Double(then), let now = Double(now) else { return then == now }
                        return abs(then - now) <= 1e-6 * max(1, abs(then))
                    }
                #expect(isSame, "\(name) \(before[0])")
            }
        }
    }

    @Test(arguments: formats) func theRegistryIsSoundAndItsHistoryIsRead(format: String) throws {
        let folder = try Self.copy(format)
        let registry = try ModelRegistry(path: "\(folder.path)/f/registry")
        let verification = try registry.verify()
        #expect(verification.isSound && verification.findings.isEmpty && verification.versions >= 14)
        let logistic = try ModelName("logistic")
        #expect(try registry.versions(of: logistic) == [1, 2])
        #expect(try registry.aliases(of: logistic) == ["champion": 1])
        #expect(try registry.history(of: logistic).deletedVersions == [3])
        let run = try #require(try RunLedger(registry: registry).newest(1, at: Date()).first)
        #expect(run.state == .done && run.start.version == 1 && run.number == 2)
        let entry = try AuditLog(registry: registry).entry(1)
        #expect(entry.action == .erase && entry.isComplete && entry.reason == "request 17")
        #expect(entry.places.map(\.rows) == [1] && entry.places[0].run == 2 && entry.pseudonymKey != nil)
        #expect(entry.versions.contains { $0.model == "logistic" && $0.held == .yes })
    }

    @Test(arguments: formats) func anExportedVersionIsImported(format: String) throws {
        let folder = try Self.copy(format)
        let imported = try ChurnBinary.run(
            ["models", "import", "logistic-1.tar.zst", "--name", "back", "--registry", "new"],
            in: "\(folder.path)/f"
        )
        #expect(imported.status == 0, "\(imported.errors)")
        let (old, new) = (
            try ModelRegistry(path: "\(folder.path)/f/registry"), try ModelRegistry(path: "\(folder.path)/f/new")
        )
        let then = try old.contents(ModelName("logistic"), version: 1)
        #expect(try new.contents(ModelName("back"), version: 1) == then)
    }
}

import ChurnKit
import ChurnTestSupport
import Foundation
import Testing

@testable import ChurnRegistry

@Suite struct ModelRegistryTests {
    let folder: TemporaryFolder
    let registry: ModelRegistry
    let name: ModelName
    let contents: [String: Data]

    init() throws {
        folder = try TemporaryFolder()
        registry = try ModelRegistry.openOrCreate(path: "\(folder.path)/models")
        name = try ModelName("shop")
        contents = try Self.model(seed: 1).contents()
    }

    /// A model fitted to a few random rows.
    static func model(seed: UInt64) throws -> StoredModel {
        var random = RandomStream(seed: seed, purpose: "rows")
        let values = (0..<80).map { _ in random.normal() }
        let labels = values.map { random.bernoulli(StableFunctions.sigmoid($0)) }
        let table = try PredictorTable(rowCount: 80, columns: [PredictorColumn(name: "x", values: .numeric(values))])
        let pipeline = try FittedPipeline.fit(
            table,
            labels: labels,
            .init(estimator: LogisticRegression(l2Strength: 1)),
            threads: 1
        )
        let metrics = BinaryClassificationMetrics(
            of: try Predictions(labels: labels, scores: pipeline.probabilities(table))
        )
        return StoredModel(
            source: .table(.init(label: "y", positive: nil, id: nil, weight: nil, columns: ["x"])),
            model: CalibratedModel(pipeline),
            training: TrainingRecord(
                rows: 80,
                positives: metrics.positives,
                testRows: 0,
                trainingCutoffs: [],
                testCutoffs: [],
                purgedCutoffs: [],
                trainingLabelEnd: nil,
                testShare: 0,
                seed: seed,
                dataFingerprint: "none",
                studyHash: nil,
                metrics: .init(train: metrics, test: nil)
            ),
            reference: ReferenceDistributions(scores: try pipeline.probabilities(table), table: table, threads: 1),
            card: "card\n"
        )
    }

    private func publish() throws -> Int { try registry.publish(name, contents: contents, origin: .example) }

    private func place(_ file: String) -> String { "\(registry.path)/shop/versions/000001/\(file)" }

    @Test func versionsAreNumberedFromOne() throws {
        #expect(try publish() == 1)
        #expect(try publish() == 2)
        #expect(try registry.versions(of: name) == [1, 2])
        #expect(try registry.models() == [name])
    }

    @Test func whatIsPublishedReadsBackTheSame() throws {
        _ = try publish()
        let read = try registry.contents(name, version: 1)
        #expect(read == contents)
        #expect(try StoredModel(contents: read, path: "x").contents() == contents)
    }

    @Test func concurrentPublishersGetDifferentNumbersWithoutGaps() throws {
        let numbers = Parallel.map(24, threads: 8) { [registry, name, contents] _ in
            try? registry.publish(name, contents: contents, origin: .example)
        }
        #expect(numbers.compactMap { $0 }.sorted() == Array(1...24))
        #expect(try registry.verify().findings.isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(registry.path)/.staging").isEmpty)
    }

    @Test func aTakenNumberIsNeverReplaced() throws {
        _ = try publish()
        let before = try Data(contentsOf: URL(fileURLWithPath: place("manifest.json")))
        let staged = "\(folder.path)/other"
        try FileManager.default.createDirectory(atPath: staged, withIntermediateDirectories: true)
        let isNew = try RegistryFiles(disk: SystemDisk()).rename(staged, toNew: registry.versionPath(name, 1))
        #expect(!isNew)
        #expect(try Data(contentsOf: URL(fileURLWithPath: place("manifest.json"))) == before)
    }

    @Test(arguments: ["model.json", "plan.json", "manifest.json", "preprocessing.json", "card.md", "metrics.json"])
    func everyChangedByteIsFound(file: String) throws {
        _ = try publish()
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: place(file))))
        bytes[bytes.count / 2] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: place(file)))
        if file != "manifest.json" {
            #expect(throws: RegistryError.self) { try registry.contents(name, version: 1) }
        }
        #expect(try !registry.verify().findings.isEmpty)
    }

    @Test func aMissingFileAndAForeignFileAreFound() throws {
        _ = try publish()
        try FileManager.default.removeItem(atPath: place("card.md"))
        try Data("x".utf8).write(to: URL(fileURLWithPath: "\(registry.path)/notes.txt"))
        try FileManager.default.createSymbolicLink(atPath: place("link.json"), withDestinationPath: "/etc/hostname")
        let paths = try registry.verify().findings.map(\.path)
        #expect(paths.contains { $0.hasSuffix("card.md") })
        #expect(paths.contains { $0.hasSuffix("notes.txt") })
    }

    @Test func aSymbolicLinkInPlaceOfAFileIsRefused() throws {
        _ = try publish()
        let target = try folder.write("elsewhere.json", [UInt8](contents["model.json"] ?? Data()))
        try FileManager.default.removeItem(atPath: place("model.json"))
        try FileManager.default.createSymbolicLink(atPath: place("model.json"), withDestinationPath: target)
        #expect(throws: RegistryError.self) { try registry.contents(name, version: 1) }
    }

    @Test(arguments: ["../card.md", "/etc/passwd", "..\\x", "other.json", ""])
    func aManifestCannotNameAFileThatNoModelHas(file: String) throws {
        _ = try publish()
        let manifest = String(
            decoding: try Data(contentsOf: URL(fileURLWithPath: place("manifest.json"))),
            as: UTF8.self
        )
        let escaped = file.replacingOccurrences(of: "\\", with: "\\\\")
        try Data(manifest.replacingOccurrences(of: "\"card.md\"", with: "\"\(escaped)\"").utf8)
            .write(to: URL(fileURLWithPath: place("manifest.json")))
        #expect(throws: RegistryError.self) { try registry.contents(name, version: 1) }
    }

    @Test(arguments: [
        "", "../x", "..\\x", "%2e%2e", "/abs", ".hidden", "a/b", "-x", "runs", String(repeating: "a", count: 129), "ä",
        "a b",
        "registry.json",
    ])
    func namesThatCouldLeaveTheRegistryAreRefused(text: String) {
        #expect(throws: RegistryError.self) { try ModelName(text) }
        #expect(throws: RegistryError.self) { try ModelReference("\(text)@1") }
    }

    @Test func referencesChooseVersionsAndAliases() throws {
        _ = try publish()
        _ = try publish()
        #expect(try registry.resolve(ModelReference("shop")) == 2)
        #expect(try registry.resolve(ModelReference("shop@1")) == 1)
        try registry.promote(name, version: 1, alias: AliasName("champion"), reason: nil, at: Date())
        #expect(try registry.resolve(ModelReference("shop")) == 1)
        #expect(try registry.resolve(ModelReference("shop@champion")) == 1)
        #expect(throws: RegistryError.noSuchVersion(name: "shop", version: 9, newest: 2)) {
            try registry.resolve(ModelReference("shop@9"))
        }
        #expect(throws: RegistryError.noSuchAlias(name: "shop", alias: "best")) {
            try registry.resolve(ModelReference("shop@best"))
        }
        #expect(throws: RegistryError.noSuchModel(name: "shpo", registry: registry.path, nearest: "shop")) {
            try registry.resolve(ModelReference("shpo"))
        }
    }

    @Test func rollbacksGoBackStepByStep() throws {
        for _ in 1...3 { _ = try publish() }
        let champion = try AliasName("champion")
        for version in 1...3 {
            let previous = try registry.promote(name, version: version, alias: champion, reason: "r", at: Date())
            #expect(previous == (version == 1 ? nil : version - 1))
        }
        #expect(try registry.rollBack(name, alias: champion, reason: nil, at: Date()) == 2)
        #expect(try registry.rollBack(name, alias: champion, reason: nil, at: Date()) == 1)
        #expect(throws: RegistryError.nothingToRollBack(name: "shop", alias: "champion")) {
            try registry.rollBack(name, alias: champion, reason: nil, at: Date())
        }
        #expect(try registry.history(of: name).entries.count == 5)
    }

    @Test func promotingTheChampionAgainAddsNothingToTheHistory() throws {
        for _ in 1...2 { _ = try publish() }
        for version in [1, 2, 2] {
            try registry.promote(name, version: version, alias: .champion, reason: nil, at: Date())
        }
        #expect(try registry.history(of: name).entries.count == 2)
        #expect(try registry.rollBack(name, alias: .champion, reason: nil, at: Date()) == 1)
    }

    @Test func aModelThatDidNotConvergeCannotBePromoted() throws {
        var contents = contents
        let text = String(decoding: contents["model.json"] ?? Data(), as: UTF8.self)
        contents["model.json"] = Data(text.replacingOccurrences(of: "\"converged\"", with: "\"notConverged\"").utf8)
        let version = try registry.publish(name, contents: contents, origin: .example)
        #expect(throws: RegistryError.notPromotable(name: "shop", version: 1, status: "notConverged")) {
            try registry.promote(name, version: version, alias: .champion, reason: nil, at: Date())
        }
    }

    @Test func anAliasCannotBeANumber() {
        #expect(throws: RegistryError.invalidName("7")) { try AliasName("7") }
    }

    @Test func aLinkInPlaceOfAModelIsNoModel() throws {
        _ = try publish()
        try FileManager.default.createSymbolicLink(
            atPath: "\(registry.path)/linked",
            withDestinationPath: "\(registry.path)/shop"
        )
        #expect(try registry.models() == [name])
        #expect(throws: RegistryError.self) { try registry.resolve(ModelReference("linked")) }
    }

    @Test func ofRacingPromotionsEachIsRecordedOrTold() throws {
        for _ in 1...8 { _ = try publish() }
        let champion = try AliasName("champion")
        let outcomes = Parallel.map(8, threads: 8) { [registry, name] number -> Bool in
            do {
                try registry.promote(name, version: number + 1, alias: champion, reason: nil, at: Date())
                return true
            } catch {
                return false
            }
        }
        let history = try registry.history(of: name)
        #expect(history.entries.count == outcomes.count { $0 })
        for (entry, next) in zip(history.entries, history.entries.dropFirst()) {
            #expect(next.previous == entry.version)
        }
    }

    @Test func aHistoryWithAGapIsDamaged() throws {
        _ = try publish()
        let champion = try AliasName("champion")
        _ = try publish()
        for version in 1...2 { try registry.promote(name, version: version, alias: champion, reason: nil, at: Date()) }
        try FileManager.default.removeItem(atPath: "\(registry.path)/shop/aliases/000001.json")
        #expect(throws: RegistryError.self) { try registry.resolve(ModelReference("shop@champion")) }
        #expect(try !registry.verify().findings.isEmpty)
    }

    @Test func anAliasOfAVersionThatCannotBeIsDamage() throws {
        _ = try publish()
        try registry.promote(name, version: 1, alias: .champion, reason: nil, at: Date())
        let place = URL(fileURLWithPath: "\(registry.path)/shop/aliases/000001.json")
        for version in ["9223372036854775807", "0", "1000000"] {
            let entry = String(decoding: try Data(contentsOf: place), as: UTF8.self)
                .replacing(/"version" : [0-9]+/, with: "\"version\" : \(version)")
            try Data(entry.utf8).write(to: place)
            #expect(throws: RegistryError.self) { try registry.resolve(ModelReference("shop@champion")) }
            #expect(throws: Never.self) { try publish() }
        }
    }

    @Test func aVersionRemovedByHandLeavesItsNumber() throws {
        for _ in 1...2 { _ = try publish() }
        try registry.promote(name, version: 2, alias: .champion, reason: nil, at: Date())
        try FileManager.default.removeItem(atPath: "\(registry.path)/shop/versions/000002")
        #expect(try publish() == 3)
    }

    // MARK: Deletions

    private let date = Date(timeIntervalSince1970: 4e9)

    @Test func aDeletedVersionLeavesItsNumberAndSaysWhoTookIt() throws {
        for _ in 1...3 { _ = try publish() }
        try registry.delete(name, versions: [1, 3], reason: "wrong file", at: date)
        #expect(try registry.versions(of: name) == [2])
        #expect(try registry.resolve(ModelReference("shop")) == 2)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(registry.path)/.staging").isEmpty)
        let error = #expect(throws: RegistryError.self) { try registry.resolve(ModelReference("shop@3")) }
        let words = error?.description ?? ""
        #expect(words.hasPrefix("shop@3 was deleted by "), "\(words)")
        #expect(words.hasSuffix(": wrong file"), "\(words)")
        #expect(try publish() == 4)
        #expect(throws: RegistryError.self) {
            try registry.promote(name, version: 1, alias: .champion, reason: nil, at: date)
        }
        #expect(try registry.verify().findings.isEmpty)
    }

    @Test func whatAnAliasOrARollbackNeedsIsKept() throws {
        for _ in 1...5 { _ = try publish() }
        for version in 1...3 { try registry.promote(name, version: version, alias: .champion, reason: nil, at: date) }
        try registry.rollBack(name, alias: .champion, reason: nil, at: date)
        for version in [1, 2] {
            #expect(throws: RegistryError.self) {
                try registry.delete(name, versions: [version], reason: nil, at: date)
            }
        }
        let garbage = try registry.garbage(grace: 0, keep: 1, at: date)
        #expect(garbage.versions.map(\.version) == [3, 4])
        let areSized = garbage.versions.allSatisfy { $0.bytes > 1000 }
        #expect(areSized)
        #expect(try registry.garbage(grace: 0, keep: 2, at: date).versions.map(\.version) == [3])
        #expect(try registry.garbage(grace: 86_400, keep: 1, at: Date()).versions.isEmpty)
        // Named since it was found.
        try registry.promote(name, version: 3, alias: AliasName("other"), reason: nil, at: date)
        #expect(try registry.remove(garbage, reason: "gc", at: date).versions.map(\.version) == [4])
        #expect(try registry.versions(of: name) == [1, 2, 3, 5])
    }

    @Test func collectingTakesNothingThatItDoesNotKnow() throws {
        _ = try publish()
        try FileManager.default.createDirectory(atPath: "\(folder.path)/victim", withIntermediateDirectories: true)
        let victim = try folder.write("victim/99999999-abc", "x")
        try FileManager.default.removeItem(atPath: "\(registry.path)/.staging")
        try FileManager.default.createSymbolicLink(
            atPath: "\(registry.path)/.staging",
            withDestinationPath: "\(folder.path)/victim"
        )
        #expect(try registry.garbage(grace: 0, keep: 1, at: date).leftovers.isEmpty)
        #expect(try !registry.verify().findings.isEmpty)
        try FileManager.default.removeItem(atPath: "\(registry.path)/.staging")
        try FileManager.default.createDirectory(atPath: "\(registry.path)/.staging", withIntermediateDirectories: true)
        for file in ["notes.txt", "99999999-abc", "\(getpid())-abc"] {
            try folder.write("models/.staging/\(file)", "x")
        }
        // This process is alive, and its work is a week old by then.
        #expect(
            try registry.garbage(grace: 0, keep: 1, at: Date()).leftovers == ["\(registry.path)/.staging/99999999-abc"]
        )
        #expect(try registry.garbage(grace: 0, keep: 1, at: date).leftovers.count == 2)
        #expect(FileManager.default.fileExists(atPath: victim))
    }

    // MARK: Repairs

    /// Whatever is done to a registry, a repair makes it sound, gives no number twice and throws nothing away.
    @Test func aRepairMovesAsideAndThenAllIsSound() throws {
        for _ in 1...6 { _ = try publish() }
        for version in 1...3 { try registry.promote(name, version: version, alias: .champion, reason: nil, at: date) }
        try registry.delete(name, versions: [5], reason: nil, at: date)
        try folder.write("models/shop/versions/000001/card.md", "other")
        try folder.write("models/shop/versions/000004/extra.txt", "x")
        try FileManager.default.removeItem(atPath: "\(registry.path)/shop/versions/000006")
        try FileManager.default.createSymbolicLink(
            atPath: "\(registry.path)/shop/versions/000006",
            withDestinationPath: folder.path
        )
        try folder.write("models/shop/versions/000005", "{")
        try folder.write("models/shop/aliases/000002.json", "nonsense")
        try folder.write("models/shop/aliases/999999 notes.txt", "x")
        try folder.write("models/strange \u{301}name", "x")
        let found = try registry.verify()
        #expect(found.findings.count == 7, "\(found.findings)")
        #expect(!found.isSound)
        let repaired = try registry.verify(repairs: true, at: date)
        #expect(repaired.findings.count == 7)
        #expect(repaired.isSound, "\(repaired.findings)")
        let after = try registry.verify()
        #expect(after.findings.isEmpty, "\(after.findings)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(registry.path)/.aside").count == 7)
        #expect(try registry.aliases(of: name)["champion"] == 3)
        // The champion is kept although the entry that made it is not the one that was damaged.
        #expect(throws: RegistryError.self) { try registry.delete(name, versions: [3], reason: nil, at: date) }
        #expect(try registry.versions(of: name) == [2, 3, 4])
        #expect(try publish() == 7)
    }

    @Test func aDamagedPromotionDoesNotFreeTheChampion() throws {
        for _ in 1...3 { _ = try publish() }
        for version in 1...2 { try registry.promote(name, version: version, alias: .champion, reason: nil, at: date) }
        try registry.promote(name, version: 3, alias: AliasName("other"), reason: nil, at: date)
        try folder.write("models/shop/aliases/000002.json", "{")
        #expect(throws: RegistryError.self) { try registry.history(of: name) }
        #expect(try registry.verify(repairs: true, at: date).isSound)
        #expect(try registry.aliases(of: name)["champion"] == 2)
        #expect(try registry.aliases(of: name)["other"] == 3)
        #expect(throws: RegistryError.self) { try registry.delete(name, versions: [2], reason: nil, at: date) }
    }

    @Test func whatANewerChurnKitMadeIsNoDamage() throws {
        for _ in 1...2 { _ = try publish() }
        try registry.promote(name, version: 1, alias: .champion, reason: nil, at: date)
        let manifest = try String(contentsOfFile: place("manifest.json"), encoding: .utf8)
        try folder.write(
            "models/shop/versions/000001/manifest.json",
            manifest.replacingOccurrences(of: "\"format\" : 1", with: "\"format\" : 2")
        )
        try folder.write("models/shop/aliases/000002.json", #"{"action": "archive", "version": 2}"#)
        let verification = try registry.verify(repairs: true, at: date)
        #expect(verification.findings.count == 2 && !verification.isSound)
        let problems = verification.findings.map(\.problem).filter { $0.contains("newer ChurnKit") }
        #expect(problems.count == 2, "\(verification.findings)")
        #expect(!FileManager.default.fileExists(atPath: "\(registry.path)/.aside"))
    }

    @Test func aNumberFarAboveTheOthersIsNotFilledUp() throws {
        _ = try publish()
        try registry.promote(name, version: 1, alias: .champion, reason: nil, at: date)
        try folder.write("models/shop/aliases/900000.json", "{}")
        #expect(throws: RegistryError.self) { try registry.history(of: name) }
        let verification = try registry.verify(repairs: true, at: date)
        #expect(!verification.isSound && verification.findings.count == 1)
        #expect(try registry.entryNumbers(of: name) == [1, 900_000])
    }

    /// A file system without swaps and second names does all in other ways.
    @Test func aFileSystemWithoutSwapsAndLinksWillDo() throws {
        for _ in 1...2 { _ = try publish() }
        let poor = try ModelRegistry.openOrCreate(path: registry.path, disk: PoorDisk())
        try poor.promote(name, version: 2, alias: .champion, reason: nil, at: date)
        try poor.delete(name, versions: [1], reason: nil, at: date)
        #expect(try registry.versions(of: name) == [2])
        #expect(try registry.aliases(of: name)["champion"] == 2)
        #expect(try registry.verify().findings.isEmpty)
        #expect(try publish() == 3)
        #expect(throws: RegistryError.self) {
            try poor.promote(name, version: 3, alias: .champion, expected: .some(1), reason: nil, at: date)
        }
    }

    @Test(arguments: [("a", "."), ("a/b", "a"), ("/a", "/"), ("/", "/"), ("a/", "."), ("é/x", "é"), (".", ".")])
    func aPathHasAParent(path: String, parent: String) {
        #expect(RegistryFiles.parent(of: path) == parent)
    }

    @Test func aNewerFormatIsRefusedByName() throws {
        try Data(#"{"format": 2}"#.utf8).write(to: URL(fileURLWithPath: "\(registry.path)/registry.json"))
        #expect(throws: RegistryError.unknownFormat(path: registry.path, got: 2, known: 1)) {
            try ModelRegistry(path: registry.path)
        }
        #expect(throws: RegistryError.noRegistry(path: folder.path)) { try ModelRegistry(path: folder.path) }
    }

    @Test func mutatedModelsAreErrorsOrModelsAndNeverCrash() throws {
        var random = RandomStream(seed: 7, purpose: "mutation")
        for _ in 0..<1500 {
            var mutated = contents
            let file = ["model.json", "preprocessing.json", "plan.json", "metrics.json", "reference.json"][
                random.below(5)
            ]
            var bytes = [UInt8](mutated[file] ?? Data())
            for _ in 0...random.below(3) {
                let at = random.below(bytes.count)
                switch random.below(3) {
                case 0: bytes[at] = UInt8(random.below(256))
                case 1: bytes[at] = UInt8(ascii: "0") + UInt8(random.below(10))
                default: bytes.removeSubrange(at..<min(bytes.count, at + random.below(30)))
                }
                if bytes.isEmpty { break }
            }
            mutated[file] = Data(bytes)
            guard let model = try? StoredModel(contents: mutated, path: "x") else { continue }
            let table = try PredictorTable(
                rowCount: 2,
                columns: [PredictorColumn(name: "x", values: .numeric([0.5, -2]))]
            )
            if let scores = try? model.model.probabilities(table) {
                #expect(scores.count == 2)
            }
        }
    }

    @Test func everyErrorSaysWhatIsWrong() {
        let errors: [(RegistryError, String)] = [
            (.invalidName("../x"), "letters, digits"), (.noRegistry(path: "p"), "--registry"),
            (.noSuchModel(name: "a", registry: "p", nearest: "b"), "Did you mean \"b\""),
            (.notPromotable(name: "a", version: 2, status: "notConverged"), "notConverged"),
            (.aliasMoved(alias: "champion", expected: 1, got: 2), "expected version 1, found 2"),
        ]
        for (error, fragment) in errors { #expect("\(error)".contains(fragment)) }
    }
}

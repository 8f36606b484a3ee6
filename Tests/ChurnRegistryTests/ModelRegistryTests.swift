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

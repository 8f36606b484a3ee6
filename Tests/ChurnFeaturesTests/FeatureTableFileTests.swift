import ArrowIPC
import ChurnFeatures
import ChurnHistory
import ChurnNumerics
import ChurnTestSupport
import Foundation
import Testing

@Suite struct FeatureTableFileTests {
    private func table() throws -> FeatureTable {
        try StudyFixture(
            events: SweepTests.randomEvents(seed: 9, customers: 60) + ["\"=a,\"\"b\"\"\",2024-01-05,purchase,1.25,"],
            observations: "{first: 2023-12-15, last: 2024-12-15, every: 1mo}"
        ).table()
    }

    @Test(arguments: ["t.arrow", "t.feather", "t.csv"])
    func aWrittenTableReadsBackTheSame(name: String) throws {
        let folder = try TemporaryFolder()
        let original = try table()
        let file = try AtomicFile(path: "\(folder.path)/\(name)")
        try original.write(to: file)
        let copy = try FeatureTable(path: "\(folder.path)/\(name)")
        #expect(
            Matrix(copy.features).elements.map(\.bitPattern) == Matrix(original.features).elements.map(\.bitPattern)
        )
        #expect(copy.customers == original.customers && copy.labels == original.labels)
        #expect(copy.cutoffCodes == original.cutoffCodes && copy.cutoffs == original.cutoffs)
        #expect(copy.plan == original.plan && copy.studyHash == original.studyHash)
        #expect(copy.dataFingerprint == original.dataFingerprint)
        #expect(original.labels.contains(-1) && original.labels.contains(1) && original.labels.contains(0))
    }

    @Test func anotherEndingIsRefused() throws {
        #expect(throws: DataError.self) { try FeatureTable(path: "table.xlsx") }
    }

    @Test func aCSVWithoutItsPlanIsRefused() throws {
        let folder = try TemporaryFolder()
        let file = try AtomicFile(path: "\(folder.path)/t.csv")
        try table().write(to: file)
        try FileManager.default.removeItem(atPath: "\(folder.path)/t.csv.json")
        let error = #expect(throws: DataError.self) { try FeatureTable(path: "\(folder.path)/t.csv") }
        #expect(error?.code == .fileMissing)
    }

    @Test func aCSVWithThePlanOfAnotherTableIsRefused() throws {
        let folder = try TemporaryFolder()
        for name in ["a", "b"] {
            let fixture = try StudyFixture(
                events: ["\(name),2024-01-05,purchase,1,", "x,2024-01-05,purchase,1,"])
            try fixture.table().write(to: AtomicFile(path: "\(folder.path)/\(name).csv"))
        }
        try FileManager.default.removeItem(atPath: "\(folder.path)/a.csv.json")
        try FileManager.default.copyItem(atPath: "\(folder.path)/b.csv.json", toPath: "\(folder.path)/a.csv.json")
        #expect(throws: FeatureError.self) { try FeatureTable(path: "\(folder.path)/a.csv") }
    }

    @Test func aMatureExampleWithoutALabelIsRefused() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/t.csv"
        try StudyFixture(events: ["a,2024-01-05,purchase,1,", "b,2024-01-05,purchase,1,"]).table()
            .write(to: AtomicFile(path: path))
        let text = try String(contentsOfFile: path, encoding: .utf8).replacingOccurrences(
            of: "a,2024-03-01,1",
            with: "a,2024-03-01,"
        )
        try folder.write("t.csv", text)
        let sidecar = try String(contentsOfFile: "\(path).json", encoding: .utf8)
        let digest = try FlatTable(path: path, dialect: DelimitedDialect()).digest
        try folder.write(
            "t.csv.json",
            sidecar.replacing(/"tableDigest":"[0-9a-f]*"/, with: "\"tableDigest\":\"\(digest)\"")
        )
        let error = #expect(throws: FeatureError.self) { try FeatureTable(path: path) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("no label although"))
    }

    @Test func aThousandDamagedFilesAreTypedErrorsOrSoundTables() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/t.arrow"
        let original = try table()
        let file = try AtomicFile(path: path)
        try original.write(to: file)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var random = RandomStream(seed: 3, purpose: "damage")
        var refused = 0
        for _ in 0..<1000 {
            var damaged = bytes
            if random.bernoulli(0.3) {
                damaged.removeLast(random.below(bytes.count))
            } else {
                for _ in 0..<4 { damaged[random.below(bytes.count)] = UInt8(random.below(256)) }
            }
            let place = try folder.write("d.arrow", damaged)
            do {
                let read = try FeatureTable(path: place)
                #expect(read.customers.count == read.labels.count)
                let isFinite = Matrix(read.features).elements.allSatisfy(\.isFinite)
                #expect(isFinite)
            } catch {
                #expect(error is FeatureError || error is ArrowError || error is DataError, "\(error)")
                refused += 1
            }
        }
        #expect(refused > 300)
    }

    /// What stands beside a CSV or in an Arrow file, changed by whoever wrote it.
    private static let forgeries: [(from: String, to: String, problem: String)] = [
        (#""features":\[.*\],"formatVersion":2"#, #""features":[],"formatVersion":2"#, "the plan has no feature"),
        (#""labelEnd":[0-9]*"#, #""labelEnd":9223372036854775807"#, "does not hold together"),
        (#""labelStart":[0-9]*"#, #""labelStart":-9223372036854775808"#, "does not hold together"),
        (#""instant":[0-9]*"#, #""instant":-9223372036854775808"#, "does not hold together"),
        (#""instant":[0-9]*"#, #""instant":1.5"#, "a number in it is not one that can stand there"),
        (#""labelEnd":[0-9]*"#, #""labelEnd":9223372036854775808"#, "a number in it is not one that can stand there"),
        (#""day":"[^"]*""#, #""day":"0000-00-00""#, "does not hold together"),
        (#""leftInLead":0"#, #""leftInLead":-1"#, "`leftInLead` of -1"),
        (#""studyHash":"[^"]*","#, "", "`studyHash` is missing"),
        (#""studyHash":"[^"]*""#, #""studyHash":7"#, "`studyHash` is of another kind"),
        (#""studyHash":"[^"]*""#, #""studyHash":null"#, "`studyHash`"),
        (#""primitive":"count""#, #""primitive":"oracle""#, "`plan.features[0].primitive` is no value that is known"),
        (#""window":"7d""#, #""window":"7x""#, "`plan.features[0].window` is no value that is known"),
        (#""formatVersion":1,"#, #""formatVersion":9,"#, "format version 9"),
        (#""formatVersion":2,"#, #""formatVersion":9,"#, "format version 9"), (#"^\{"#, "", "it is not JSON"),
    ]

    @Test(arguments: forgeries.indices) func forgedMetadataAreErrorsInWords(number: Int) throws {
        let forgery = Self.forgeries[number]
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/t.csv"
        let original = try StudyFixture(events: ["a,2024-01-05,purchase,1,", "b,2024-01-05,purchase,1,"]).table()
        try original.write(to: AtomicFile(path: path))
        let json = try String(contentsOfFile: "\(path).json", encoding: .utf8)
        let place = try #require(json.range(of: forgery.from, options: .regularExpression), "\(json)")
        let forged = json.replacingCharacters(in: place, with: forgery.to)
        try folder.write("t.csv.json", forged)
        let ofCSV = #expect(throws: FeatureError.self) { try FeatureTable(path: path) }
        guard case .malformedTable(_, let problem) = ofCSV else {
            Issue.record("\(String(describing: ofCSV))")
            return
        }
        #expect(problem.contains(forgery.problem), "\(problem)")
        #expect(!problem.contains("Error") && !problem.contains("debugDescription"), "\(problem)")

        let arrow = "\(folder.path)/t.arrow"
        let file = try AtomicFile(path: arrow)
        let fields = [
            ArrowField(name: "customer", type: .utf8, isNullable: false),
            ArrowField(name: "cutoff", type: .date32, isNullable: false),
            ArrowField(name: "label", type: .int32, isNullable: true),
        ]
        let metadata = [ArrowKeyValue(key: "churnkit.featureTable", value: forged)]
        var writer = try ArrowFileWriter(schema: ArrowSchema(fields: fields, metadata: metadata)) {
            try file.write($0)
        }
        try writer.write([.utf8(["a"]), .date32([19_783]), .int32([1], validity: [true])], rowCount: 1)
        try writer.finish()
        try file.commit()
        let ofArrow = #expect(throws: FeatureError.self) { try FeatureTable(path: arrow) }
        #expect("\(ofArrow.map { "\($0)" } ?? "")".hasPrefix("\(arrow) cannot be read as a feature table: "))
    }

    @Test func aTableOfAnotherPlanIsRefused() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("t.arrow", "")
        let file = try AtomicFile(path: path)
        var writer = try ArrowFileWriter(schema: ArrowSchema(fields: [ArrowField(name: "x", type: .float64)])) {
            try file.write($0)
        }
        try writer.write([.float64([1, 2])], rowCount: 2)
        try writer.finish()
        try file.commit()
        let error = #expect(throws: FeatureError.self) { try FeatureTable(path: path) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("churn features"))
    }

    @Test func aPlanRoundTripsAndRefusesWhatItDoesNotKnow() throws {
        let plan = try table().plan
        let json = try JSONEncoder().encode(plan)
        #expect(try JSONDecoder().decode(FeaturePlan.self, from: json) == plan)
        let text = String(decoding: json, as: UTF8.self)
        for (from, to) in [
            ("\"formatVersion\":2", "\"formatVersion\":3"), ("30d", "30x"), ("\"recency\"", "\"gap_mean\""),
        ] {
            let changed = text.replacingOccurrences(of: from, with: to)
            #expect(changed != text)
            #expect(throws: (any Error).self) { try JSONDecoder().decode(FeaturePlan.self, from: Data(changed.utf8)) }
        }
    }

    @Test func everyFeatureHasASentence() throws {
        for feature in try table().plan.features {
            #expect(feature.sentence.contains(feature.eventTypes[0]))
            if let window = feature.window?.length { #expect(feature.sentence.contains("\(window)")) }
        }
    }
}

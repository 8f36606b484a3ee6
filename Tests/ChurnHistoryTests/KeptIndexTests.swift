import ChurnTestSupport
import Foundation
import Testing

@testable import ChurnHistory

@Suite struct KeptIndexTests {
    private static let files = [
        "events.csv":
            "customer,time,kind,amount,n,sku\nb,2024-01-03,buy,1.5,2,x\na,2024-01-02,buy,,1,\nb,2024-01-01,ret,-1,,y\n",
        "customers.csv": "customer,since,industry\na,2023-01-01,tools\nc,2023-05-01,\n",
        "contracts.csv": "customer,from,to,value\na,2023-01-01,2024-12-31,10\n",
    ]

    private static func sources(_ folder: TemporaryFolder) throws -> StudySources {
        func node(_ yaml: String) throws -> StudyNode { try StudyNode(yaml: yaml, file: "study.yaml") }
        let zone = try calendar("Europe/Berlin")
        return StudySources(
            events: [
                try EventSource(
                    node(
                        "{file: events.csv, customer: customer, time: time, type: kind, amount: amount, quantity: n,"
                            + " duplicates: keep, attributes: [sku], format: {null: [\"\"], decimal: \".\"}}"
                    ),
                    folder: folder.path,
                    calendar: zone
                )
            ],
            customers: [
                try AttributeSource(
                    node("{file: customers.csv, customer: customer, validFrom: since, attributes: [industry]}"),
                    folder: folder.path,
                    calendar: zone
                )
            ],
            contracts: [
                try ContractSource(
                    node("{file: contracts.csv, customer: customer, start: from, plannedEnd: to, value: value}"),
                    folder: folder.path,
                    calendar: zone
                )
            ]
        )
    }

    /// A folder with sources and their index, which was made long after them.
    private static func kept() throws -> (folder: TemporaryFolder, history: EventHistory, path: String, files: [String])
    {
        let folder = try TemporaryFolder()
        for (name, text) in files { try folder.write(name, text) }
        let paths = ["events.csv", "customers.csv", "contracts.csv"].map { "\(folder.path)/\($0)" }
        for path in paths {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1e9)],
                ofItemAtPath: path
            )
        }
        let history = try EventHistory(
            sources: sources(folder),
            calendar: calendar("Europe/Berlin"),
            observedUntil: nil
        )
        let path = "\(folder.path)/shop.churnindex"
        try KeptIndex.write(history, sourcesDigest: "words", to: AtomicFile(path: path, mode: 0o600))
        return (folder, history, path, paths)
    }

    private static func find(_ path: String, _ files: [String], digest: String = "words", verifies: Bool = false) throws
        -> KeptIndex.Found
    {
        KeptIndex.find(
            at: path,
            sourcesDigest: digest,
            files: files,
            calendar: try calendar("Europe/Berlin"),
            verifies: verifies,
            threads: 2
        )
    }

    @Test func anIndexIsReadAsItWasWritten() throws {
        let (folder, history, path, files) = try Self.kept()
        defer { _ = folder }
        guard case .current(let read) = try Self.find(path, files, verifies: true) else {
            Issue.record("the index is current")
            return
        }
        #expect(read.index.customers == ["a", "b", "c"])
        #expect(read.index.customerStarts == history.index.customerStarts)
        #expect(read.index.times == history.index.times)
        #expect(read.index.types == history.index.types && read.index.typeNames == ["buy", "ret"])
        #expect(read.index.amounts.map(\.bitPattern) == history.index.amounts.map(\.bitPattern))
        #expect(read.index.quantities?.map(\.bitPattern) == history.index.quantities?.map(\.bitPattern))
        #expect(read.index.transactionFlags == history.index.transactionFlags)
        #expect(read.index.attributes == history.index.attributes)
        #expect(read.index.attributeHistories.first?.attributes == history.index.attributeHistories.first?.attributes)
        #expect(read.index.attributeHistories.first?.validFrom == history.index.attributeHistories.first?.validFrom)
        #expect(read.index.contracts?.plannedEnds == history.index.contracts?.plannedEnds)
        #expect("\(read.report)" == "\(history.report)")
        #expect(read.observedUntil == history.observedUntil && read.dataFingerprint == history.dataFingerprint)
    }

    @Test func onlyItsOwnerMayReadAnIndex() throws {
        let (folder, _, path, _) = try Self.kept()
        defer { _ = folder }
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func anIndexOfOtherWordsOrFilesIsNotCurrent() throws {
        let (folder, _, path, files) = try Self.kept()
        func reason(_ found: KeptIndex.Found) -> String? {
            if case .notCurrent(let reason) = found { reason } else { nil }
        }
        #expect(reason(try Self.find(path, files, digest: "other"))?.contains("says something else") == true)
        #expect(reason(try Self.find(path, Array(files.dropLast())))?.contains("other files") == true)
        try folder.write("customers.csv", "customer,since,industry\na,2023-01-01,tools\n")
        #expect(reason(try Self.find(path, files))?.contains("customers.csv has changed") == true)
        try FileManager.default.removeItem(atPath: files[1])
        #expect(reason(try Self.find(path, files))?.contains("is not there") == true)
        if case .none = try Self.find("\(folder.path)/none.churnindex", files) {} else { Issue.record("there is none") }
    }

    @Test func aChangeThatKeepsSizeAndTimeIsFoundByVerifying() throws {
        let (folder, _, path, files) = try Self.kept()
        defer { _ = folder }
        let handle = try #require(FileHandle(forUpdatingAtPath: files[0]))
        try handle.seek(toOffset: 32)
        try handle.write(contentsOf: Data("B".utf8))
        try handle.close()
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1e9)],
            ofItemAtPath: files[0]
        )
        if case .current = try Self.find(path, files) {} else { Issue.record("size, time and inode are the same") }
        guard case .notCurrent(let reason) = try Self.find(path, files, verifies: true) else {
            Issue.record("the content is another")
            return
        }
        #expect(reason.contains("content"))
    }

    @Test func aSourceAsYoungAsItsIndexIsComparedByContent() throws {
        let (folder, _, path, files) = try Self.kept()
        // Written in the very moment of the index: the same size and time, another content.
        let indexTime = try #require(FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date)
        try FileManager.default.setAttributes([.modificationDate: indexTime], ofItemAtPath: files[0])
        let history = try EventHistory(
            sources: Self.sources(folder),
            calendar: calendar("Europe/Berlin"),
            observedUntil: nil
        )
        try KeptIndex.write(history, sourcesDigest: "words", to: AtomicFile(path: path, mode: 0o600))
        let handle = try #require(FileHandle(forUpdatingAtPath: files[0]))
        try handle.seek(toOffset: 32)
        try handle.write(contentsOf: Data("B".utf8))
        try handle.close()
        try FileManager.default.setAttributes([.modificationDate: indexTime], ofItemAtPath: files[0])
        if case .notCurrent = try Self.find(path, files) {} else { Issue.record("the change must be found") }
    }

    @Test func everyTruncatedOrChangedIndexIsRefusedOrRight() throws {
        let (folder, history, path, files) = try Self.kept()
        let original = try Data(contentsOf: URL(fileURLWithPath: path))
        var random = SeededGenerator(seed: 11)
        let damaged = "\(folder.path)/damaged.churnindex"
        var refused = 0
        for round in 0..<1000 {
            var bytes = original
            if round % 2 == 0 {
                bytes = bytes.prefix(random.below(bytes.count))
            } else {
                for _ in 0...random.below(3) { bytes[random.below(bytes.count)] ^= UInt8(1 << random.below(8)) }
            }
            try bytes.write(to: URL(fileURLWithPath: damaged))
            switch try Self.find(damaged, files) {
            case .none: Issue.record("the file is there")
            case .notCurrent: refused += 1
            case .current(let read): #expect(read.index.times == history.index.times, "padding may change")
            }
        }
        #expect(refused > 900)
    }
}

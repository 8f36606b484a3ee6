import ChurnTestSupport
import Foundation
import Testing

@testable import ChurnHistory

@Suite struct EventHistoryTests {
    // MARK: Accounting

    /// Ten rows: five good ones, of which one is a repeat, two without a customer and three that cannot be read.
    private static let mixed = """
        customer,time,amount
        A,2024-01-01,1
        B,2024-01-02,2
        ,2024-01-02,2
        A,2024-01-01,1
        C,not a time,3
        " ",2024-01-03,4
        D,2024-01-03,x
        B,2024-01-05,5
        E,2024-01-03
        A,2024-01-06,6

        """

    @Test(arguments: [
        ("drop", "keep", 3, [10, 5, 3, 2, 0]), ("drop", "drop", 3, [10, 4, 3, 2, 1]),
        ("drop", "drop", 99, [10, 4, 3, 2, 1]), ("reject", "keep", 5, [10, 5, 5, 0, 0]),
        ("reject", "drop", 5, [10, 4, 5, 0, 1]),
    ])
    func everyRowIsKeptRejectedOrDropped(
        emptyCustomer: String,
        duplicates: String,
        maximumRejected: Int,
        expected: [Int]
    ) throws {
        let history = try HistoryFixture.history(
            Self.mixed,
            ["emptyCustomer": emptyCustomer, "duplicates": duplicates, "amount": "amount"],
            options: .rejecting(maximumRejected)
        )
        let report = history.report
        #expect(
            [report.rows, report.kept, report.rejected, report.droppedWithoutCustomer, report.droppedDuplicates]
                == expected
        )
        #expect(report.files.allSatisfy { $0.isBalanced })
        #expect(report.rejections.reduce(0) { $0 + $1.rows } == report.rejected)
        #expect(history.index.eventCount == report.kept)
        #expect(
            report.description
                == "read \(expected[0]) = kept \(expected[1]) + rejected \(expected[2]) + dropped \(expected[3]) "
                + "without customer + dropped \(expected[4]) duplicates"
        )
    }

    @Test(arguments: [(0, 6), (1, 8), (2, 10)]) func readingStopsAtTheFirstRowBeyondTheRejectedThatMayBe(
        maximumRejected: Int,
        line: Int
    ) {
        let error = HistoryFixture.error(
            Self.mixed,
            ["emptyCustomer": "drop", "duplicates": "keep", "amount": "amount"],
            options: .rejecting(maximumRejected)
        )
        #expect(error?.line == line)
        #expect(error?.file?.hasSuffix("/events.csv") == true)
    }

    @Test func reasonsAreCountedWithTheirFirstRows() throws {
        let bad = (0..<8).map { "A,bad\($0),1\n" }.joined()
        let report = try HistoryFixture.history(
            "customer,time,amount\nA,2024-01-01,1\n\(bad)A,2024-01-01,x\n",
            ["duplicates": "keep", "amount": "amount"],
            options: .rejecting(9)
        ).report
        #expect(report.rejections.map(\.code) == [.notATime, .notANumber])
        #expect(report.rejections.map(\.rows) == [8, 1])
        #expect(report.rejections.first?.examples.map(\.line) == [3, 4, 5, 6, 7])
        #expect(report.rejections.first?.examples.first?.value == "bad0")
    }

    @Test func aCustomerOfRejectedRowsAloneIsNotInTheIndex() throws {
        let index = try HistoryFixture.history(
            "customer,time,amount\nA,2024-01-01,1\nB,bad,1\nC,2024-01-01,x\n",
            ["duplicates": "keep", "amount": "amount"],
            options: .rejecting(2)
        ).index
        #expect(index.customers == ["A"])
    }

    @Test func whereNoRowIsKeptThereIsNoHistory() {
        let error = HistoryFixture.error(
            "customer,time\n,2024-01-01\n",
            ["emptyCustomer": "drop", "duplicates": "keep"]
        )
        #expect(error?.code == .headerOnly)
        #expect(error?.problem.contains("read 1 = kept 0 + rejected 0 + dropped 1 without customer") == true)
    }

    // MARK: Duplicates

    private static let repeated =
        "customer,time\nA,2024-01-01\nB,2024-01-01\n\"A\",2024-01-01\nA,2024-01-01\nA,2024-01-01\n"

    @Test func repeatedRowsAskWhatTheyMeanWhereTheStudyDoesNotSay() {
        let error = HistoryFixture.error(Self.repeated, [:])
        #expect(error?.code == .duplicateRows)
        #expect(error?.line == 5)
        #expect(error?.fix?.contains("duplicates: keep") == true)
    }

    @Test func rowsThatDifferInAByteAreNoDuplicates() throws {
        let history = try HistoryFixture.history("customer,time\nA,2024-01-01\na,2024-01-01\nA ,2024-01-01\n", [:])
        #expect(history.report.kept == 3)
        #expect(history.report.duplicates == 0)
    }

    @Test func duplicatesAreCountedWhereSomebodyLooks() throws {
        func duplicates(_ changes: [String: String], _ options: EventHistory.Options = .init()) throws -> Int? {
            try HistoryFixture.history(Self.repeated, changes, options: options).report.duplicates
        }
        #expect(try duplicates(["duplicates": "keep"]) == nil)
        #expect(try duplicates(["duplicates": "drop"]) == 2)
        #expect(try duplicates(["duplicates": "keep"], .inspection) == 2)
        #expect(try duplicates([:], .inspection) == 2)
    }

    @Test func anInspectionStopsForNoRow() throws {
        let report = try HistoryFixture.history(Self.mixed, ["amount": "amount"], options: .inspection).report
        #expect(report.rows == 10)
        #expect(report.kept == 5)
        #expect(report.rejected == 5)
        let bad = try HistoryFixture.history("customer,time\nA,x\n,2024-01-01\n", [:], options: .inspection)
        #expect(bad.report.rejections.map(\.code) == [.notATime, .emptyCustomer])
        #expect(bad.index.eventCount == 0)
    }

    @Test func aRowRepeatsOneOfAnotherFileButNotOfAnotherSource() throws {
        var together = try HistoryFixture()
        try together.folder.write("a.csv", "customer,time\nA,2024-01-01\n")
        try together.folder.write("b.csv", "customer,time\r\nA,2024-01-01\r\n")
        var apart = together
        try together.addSource(["file": "[a.csv, b.csv]", "duplicates": "drop"])
        #expect(try together.read().report.droppedDuplicates == 1)
        try apart.addSource(["file": "a.csv", "duplicates": "drop"])
        try apart.addSource(["file": "b.csv", "duplicates": "drop"])
        #expect(try apart.read().report.droppedDuplicates == 0)
    }

    // MARK: Several files and sources

    @Test func filesAreReadInTheirOrderWhateverTheOrderOfTheirColumns() throws {
        var fixture = try HistoryFixture()
        try fixture.folder.write("b.csv", "time,amount,customer,extra\n2024-01-01,1,A,x\n")
        try fixture.folder.write("a.csv", "customer,amount,time\nA,2,2024-01-01\nB,3,2024-01-01\n")
        try fixture.addSource(["file": "[b.csv, a.csv]", "duplicates": "keep", "amount": "amount"])
        let history = try fixture.read()
        #expect(history.index.summaries == ["A purchase 1.0", "A purchase 2.0", "B purchase 3.0"])
        #expect(history.report.files.map(\.rows) == [1, 2])
        #expect(history.report.files.map { $0.path.split(separator: "/").last } == ["b.csv", "a.csv"])
    }

    @Test func aFileWithAnotherSchemaIsNamedWithTheNearestColumn() throws {
        var fixture = try HistoryFixture()
        try fixture.folder.write("a.csv", "customer,time\nA,2024-01-01\n")
        try fixture.folder.write("b.csv", "custmer,time\nA,2024-01-01\n")
        try fixture.addSource(["file": "[a.csv, b.csv]", "duplicates": "keep"])
        let error = #expect(throws: DataError.self) { try fixture.read() }
        #expect(error?.code == .missingColumn)
        #expect(error?.file?.hasSuffix("/b.csv") == true)
        #expect(error?.column == "customer")
        #expect(error?.fix == "did you mean `custmer`? the file has custmer, time")
    }

    @Test func anEmptyFileAmongOthersIsNamed() throws {
        var fixture = try HistoryFixture()
        try fixture.folder.write("a.csv", "customer,time\nA,2024-01-01\n")
        try fixture.folder.write("b.csv", "customer,time\n")
        try fixture.addSource(["file": "[a.csv, b.csv]", "duplicates": "keep"])
        let error = #expect(throws: DataError.self) { try fixture.read() }
        #expect(error?.code == .headerOnly)
        #expect(error?.file?.hasSuffix("/b.csv") == true)
    }

    @Test func sourcesShareCustomersTypesAndAttributes() throws {
        var fixture = try HistoryFixture()
        try fixture.folder.write("orders.csv", "customer,time,amount,sku\nA,2024-01-02,5,x\nB,2024-01-01,7,\n")
        try fixture.folder.write("tickets.csv", "who;when;topic\nB;2024-01-03;bill\nC;2024-01-01;x\n")
        try fixture.addSource([
            "file": "orders.csv", "duplicates": "keep", "amount": "amount", "attributes": "{product: sku}",
        ])
        try fixture.addSource([
            "file": "tickets.csv", "format": "{delimiter: ;}", "customer": "who", "time": "when", "duplicates": "keep",
            "type": "{always: ticket}", "attributes": "{topic: topic}",
        ])
        let index = try fixture.read().index
        #expect(index.summaries == ["A purchase 5.0", "B purchase 7.0", "B ticket nan", "C ticket nan"])
        #expect(index.typeNames == ["purchase", "ticket"])
        #expect(index.attributes.map(\.name) == ["product", "topic"])
        #expect(index.attributes.map(\.codes) == [[0, -1, -1, -1], [-1, -1, 0, 1]])
        #expect(index.attributes.map(\.values) == [["x"], ["bill", "x"]])
    }

    @Test func theRejectedRowsOfAllSourcesAreCountedTogether() throws {
        var fixture = try HistoryFixture()
        for name in ["a.csv", "b.csv"] {
            try fixture.folder.write(name, "customer,time\nA,2024-01-01\nA,bad\n")
            try fixture.addSource(["file": name, "duplicates": "keep"])
        }
        #expect(try fixture.read(options: .rejecting(2)).report.rejected == 2)
        let error = #expect(throws: DataError.self) { try fixture.read(options: .rejecting(1)) }
        #expect(error?.file?.hasSuffix("/b.csv") == true)
    }

    // MARK: The end of what the data can know

    @Test(arguments: [
        ("UTC", "2024-02-28T12:00:00Z", "2024-02-29T00:00:00Z"),
        ("Europe/Berlin", "2024-03-30T23:30:00Z", "2024-03-31T22:00:00Z"),
        ("America/Sao_Paulo", "2018-11-03T12:00:00Z", "2018-11-04T03:00:00Z"),
        ("Asia/Kolkata", "2024-01-01T18:30:00Z", "2024-01-02T18:30:00Z"),
    ])
    func observedUntilIsLocalMidnightAfterTheLastEvent(zone: String, last: String, expected: String) throws {
        let history = try HistoryFixture.history("customer,time\nB,\(last)\nA,2018-01-02\n", zone: zone)
        #expect(try history.observedUntil == instant(expected))
    }

    @Test func rowsAtOrAfterTheEndThatTheStudyNamesAreRejected() throws {
        let content = "customer,time\nA,2024-01-01T23:59:59.999999\nA,2024-01-02T00:00:00\nA,2024-02-01\n"
        let end = try instant("2024-01-02T00:00:00Z")
        let history = try HistoryFixture.history(content, observedUntil: end, options: .rejecting(2))
        #expect(history.observedUntil == end)
        #expect(history.index.times == [end - 1])
        #expect(history.report.rejections.map(\.code) == [.timeOutOfRange])
        #expect(HistoryFixture.error(content, observedUntil: end)?.line == 3)
    }

    // MARK: Which data it is

    @Test func theFingerprintFollowsContentAndOrderNotNames() throws {
        let fixture = try HistoryFixture()
        try fixture.folder.write("a.csv", "customer,time\nA,2024-01-01\n")
        try fixture.folder.write("b.csv", "customer,time\nB,2024-01-01\n")
        try fixture.folder.write("copy.csv", "customer,time\nA,2024-01-01\n")
        func fingerprint(_ files: String) throws -> String {
            var fixture = fixture
            try fixture.addSource(["file": files, "duplicates": "keep"])
            return try fixture.read().dataFingerprint
        }
        let first = try fingerprint("[a.csv, b.csv]")
        #expect(first.utf8.count == 64)
        #expect(try fingerprint("[copy.csv, b.csv]") == first)
        #expect(try fingerprint("[b.csv, a.csv]") != first)
        #expect(try fingerprint("[a.csv]") != first)
    }

    @Test func eachFileHasTheDigestOfItsBytes() throws {
        let history = try HistoryFixture.history("customer,time,amount\nA,2024-01-02,10\n")
        // sha256sum of the file.
        let digest = "532dccdcd0aed259f7e0ce98f8d3356754e1d0f1f195708d1e36733042338b77"
        #expect(history.report.files.map(\.digest) == [digest])
    }

    // MARK: Nothing from outside may crash

    @Test func moreTypesThanCanBeAreRejectedOneByOne() async {
        await #expect(processExitsWith: .success) {
            let rows = (0..<600).map { "A,2024-01-01,type\($0)\n" }.joined()
            let history = try HistoryFixture.history(
                "customer,time,kind\n\(rows)A,2024-01-01,type7\n",
                ["type": "kind", "duplicates": "keep"],
                options: .rejecting(1000)
            )
            #expect(history.report.rejected == 345)
            #expect(history.report.rejections.map(\.code) == [.tooManyDistinctValues])
            #expect(history.index.typeNames.count == 255)
            #expect(history.report.types.first { $0.name == "type7" }?.kept == 2)
        }
    }

    @Test func aFixedTypeAfterManyOthersIsRejectedToo() async {
        await #expect(processExitsWith: .success) {
            var fixture = try HistoryFixture()
            let rows = (0..<255).map { "A,2024-01-01,type\($0)\n" }.joined()
            try fixture.folder.write("events.csv", "customer,time,kind\n\(rows)")
            try fixture.folder.write("visits.csv", "customer,time\nA,2024-01-01\n")
            try fixture.addSource(["type": "kind", "duplicates": "keep"])
            try fixture.addSource(["file": "visits.csv", "type": "{always: visit}", "duplicates": "keep"])
            let history = try fixture.read(options: .rejecting(1))
            #expect(history.report.rejections.map(\.code) == [.tooManyDistinctValues])
            #expect(!history.index.typeNames.contains("visit"))
        }
    }
}

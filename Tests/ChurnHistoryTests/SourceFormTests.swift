import ChurnTestSupport
import Foundation
import Testing

@testable import ChurnHistory

/// What the form of files does: oddities that are read as if plain, lines around the table, several files.
@Suite struct SourceFormTests {
    private static let header = "customer,time,amount\n"

    private static func report(_ content: String, _ keys: [String: String] = [:]) throws -> ReadingReport {
        try HistoryFixture.history(content, ["duplicates": "keep"].merging(keys) { $1 }).report
    }

    // MARK: Oddities

    @Test func aPlainFileHasNothingToSay() throws {
        #expect(try Self.report("customer,time\nA,2024-01-02\n").files[0].normalisations.sentences.isEmpty)
    }

    @Test func whatWasReadAsIfPlainIsCounted() throws {
        let text = "\u{FEFF}sep=,\r\ncustomer,time\r\nA,2024-01-02\nB,2024-01-02\rC,2024-10-27 02:30\r\n\u{1A}"
        let history = try HistoryFixture.history(text, ["duplicates": "keep"], zone: "Europe/Berlin")
        let found = history.report.files[0].normalisations
        #expect(history.index.eventCount == 3)
        #expect(found.byteOrderMark && found.separatorLine && found.endOfFileMark && found.repeatedHours == 1)
        #expect(found.lineEnds.lineFeed == 1 && found.lineEnds.carriageReturn == 1)
        #expect(found.lineEnds.carriageReturnLineFeed == 2)
        #expect(found.sentences.count == 5)
    }

    @Test func theSeparatorLineCountsAsALine() {
        let error = HistoryFixture.error("sep=,\ncustomer,time\nA,\n")
        #expect(error?.line == 3)
    }

    @Test func carriageReturnsAloneAreSaid() throws {
        let report = try Self.report("customer,time\rA,2024-01-02\rB,2024-01-02\r")
        #expect(report.files[0].normalisations.sentences == ["lines end with CR alone"])
    }

    // MARK: Around the table

    @Test(arguments: 1...4) func rowsAtTheEndCanBeLeftOut(count: Int) throws {
        let rows = (1...5).map { "C\($0),2024-01-0\($0)\n" }
        let text = "customer,time\n" + rows.joined() + "Sum,5,,,\n\n" + (1..<count).map { "\"page \($0)\"\n" }.joined()
        let history = try HistoryFixture.history(
            text,
            ["duplicates": "keep", "format": "{skipFooter: \(count)}"]
        )
        #expect(history.index.customers == ["C1", "C2", "C3", "C4", "C5"] && history.report.rows == 5)
    }

    /// A footer behind more rows than one batch holds, so that rows are held back and read again.
    @Test func aFooterBehindManyRowsIsLeftOut() throws {
        var text = "customer,time\n"
        for row in 0..<200_000 { text += "C\(row),2024-01-02\n" }
        let history = try HistoryFixture.history(
            text + "Sum,200000\nend,of file\n",
            [
                "duplicates": "keep", "format": "{skipFooter: 2}",
            ]
        )
        #expect(history.report.rows == 200_000 && history.index.customers.count == 200_000)
        #expect(history.report.files[0].normalisations.lineEnds.lineFeed == 200_003)
    }

    /// Batches end after some number of fields, too: the rows that are held back there are not the footer.
    @Test(arguments: [1, 50, 3000]) func aFooterBehindManyWideRowsIsLeftOut(count: Int) throws {
        let names = ["customer", "time"] + (2..<100).map { "c\($0)" }
        let cells = [String](repeating: "1", count: 98).joined(separator: ",")
        var text = names.joined(separator: ",") + "\n"
        for row in 0..<8000 { text += "C\(row),2024-01-02,\(cells)\n" }
        for row in 0..<count { text += "Sum \(row)\n" }
        let history = try HistoryFixture.history(
            text,
            [
                "duplicates": "keep", "format": "{skipFooter: \(count)}",
            ]
        )
        #expect(history.report.rows == 8000 && history.index.customers.count == 8000)
    }

    @Test(arguments: [("Sum,2\n", 1), ("\nTotal,\n,,\nend of report\n", 3)])
    func aFooterStopsTheReadingWhateverMayBeRejected(footer: String, count: Int) throws {
        let text = "customer,time\nA,2024-01-02\nB,2024-01-03\n" + footer
        let error = HistoryFixture.error(text, options: .rejecting(100))
        #expect(error?.fix?.contains("skipFooter: \(count)") == true)
        let keys = ["duplicates": "keep", "format": "{skipFooter: \(count)}"]
        #expect(try HistoryFixture.history(text, keys).report.rows == 2)
    }

    @Test func aBadRowThatLooksLikeTheOthersIsNoFooter() throws {
        let text = "customer,time\nA,2024-01-02\nB,2024-01-33\n"
        #expect(try HistoryFixture.history(text, options: .rejecting(1)).report.rejected == 1)
        let middle = "customer,time\nA,2024-01-02\nSum\nB,2024-01-03\n"
        #expect(try HistoryFixture.history(middle, options: .rejecting(1)).report.rejected == 1)
    }

    @Test func aFaultInsideAFooterIsMetOnce() {
        let error = HistoryFixture.error("customer,time\nA,2024-01-02\n\"Sum\n", ["format": "{skipFooter: 1}"])
        #expect(error?.code == .unclosedQuote && error?.line == 3)
    }

    @Test func aFooterLongerThanTheFileLeavesNothing() {
        let error = HistoryFixture.error("customer,time\nA,2024-01-02\n", ["format": "{skipFooter: 9}"])
        #expect(error?.code == .headerOnly)
    }

    // MARK: Several files

    private static func twoFiles(_ second: String, _ keys: [String: String]) throws -> EventHistory {
        var fixture = try HistoryFixture()
        try fixture.folder.write("one.csv", "customer,time,amount\nA,2024-01-02,1\nB,2024-01-03,2\n")
        try fixture.folder.write("two.csv", second)
        try fixture.addSource(["file": "[one.csv, two.csv]", "amount": "amount"].merging(keys) { $1 })
        return try fixture.read()
    }

    @Test func repetitionsAreFoundAcrossFilesWhateverTheOrderOfTheirColumns() throws {
        let second = "amount,customer,time\n2,B,2024-01-03\n3,C,2024-01-04\n3,C,2024-01-04\n"
        let history = try Self.twoFiles(second, ["duplicates": "drop"])
        #expect(history.index.summaries == ["A purchase 1.0", "B purchase 2.0", "C purchase 3.0"])
        #expect(history.report.duplicates == 2 && history.report.duplicatesAcrossFiles == 1)
    }

    @Test(arguments: ["customer,time,note\nA,2024-01-02,1\n", "customer,time,amount,note\nA,2024-01-02,1,\n"])
    func aRowOfOtherColumnsRepeatsNothing(second: String) throws {
        var fixture = try HistoryFixture()
        try fixture.folder.write("one.csv", "customer,time,amount\nA,2024-01-02,1\n")
        try fixture.folder.write("two.csv", second)
        try fixture.addSource(["file": "[one.csv, two.csv]", "duplicates": "drop"])
        #expect(try fixture.read().report.kept == 2)
    }

    @Test func anInspectionAccountsForAFileThatFailsHalfWay() throws {
        let text = "customer,time\nA,2024-01-02\nB,2024-01-03\nC,\"2024\n"
        let history = try HistoryFixture.history(text, ["duplicates": "keep"], options: .inspection)
        #expect(history.report.fileFaults.map(\.code) == [.unclosedQuote])
        #expect(history.report.kept == 2 && history.report.rows == 2 && history.index.eventCount == 2)
    }

    @Test func anInspectionAsksWhatWouldStopARun() throws {
        let text = "customer,time,amount\nA,2024-01-02,1\nB,2024-01-03,\"1,5\"\nC,2024-01-03,\"2,5\"\n"
        let report = try HistoryFixture.history(
            text,
            ["duplicates": "keep", "amount": "amount"],
            options: .inspection
        ).report
        #expect(report.questions.map(\.code) == [.notANumber] && report.rejected == 2)
    }

    @Test func aQuotedTextThatRunsOverLinesBeforeItIsStrayStopsTheReading() {
        let text = "customer,time\n\"A,2024-01-02\nB,2024-01-03\nC\"x,2024-01-04\n"
        let error = HistoryFixture.error(text, options: .rejecting(100))
        #expect(error?.code == .strayQuote && error?.line == 2 && error?.problem.contains("over 3 lines") == true)
    }

    @Test func columnsThatTheFirstFileDoesNotHaveAreSaid() throws {
        let history = try Self.twoFiles("customer,time,amount,note\nC,2024-01-04,3,x\n", ["duplicates": "keep"])
        #expect(history.report.files.map(\.normalisations.extraColumns) == [[], ["note"]])
    }

    @Test func aFileOfAnotherFormIsNamedTogetherWithTheFirst() {
        let error = #expect(throws: DataError.self) {
            try Self.twoFiles("customer,when\nC,2024-01-04\n", ["duplicates": "keep"])
        }
        #expect(error?.code == .missingColumn && error?.file?.hasSuffix("two.csv") == true)
        #expect(error?.problem.hasSuffix("one.csv has it") == true)
    }

    @Test func aFolderIsReadWithItsSubfoldersInByteOrder() throws {
        var fixture = try HistoryFixture()
        for (place, customer) in [("data/2024-02/a.csv", "B"), ("data/2024-01/b.txt", "A"), ("data/c.CSV", "C")] {
            let folder = (fixture.folder.path + "/" + place as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try fixture.folder.write(place, "customer,time\n\(customer),2024-01-02\n")
        }
        try fixture.folder.write("data/notes.md", "not a table")
        try fixture.folder.write("data/.hidden.csv", "not a table")
        try fixture.addSource(["file": "data", "duplicates": "keep"])
        let history = try fixture.read()
        #expect(history.report.files.map { ($0.path as NSString).lastPathComponent } == ["b.txt", "a.csv", "c.CSV"])
        #expect(history.index.customers == ["A", "B", "C"])
    }

    @Test func aFolderWithoutTablesIsAnError() throws {
        var fixture = try HistoryFixture()
        let error = #expect(throws: DataError.self) { try fixture.addSource(["file": "."]) }
        #expect(error?.code == .fileMissing && error?.problem == "is a folder without tables")
    }

    // MARK: Names of events

    @Test func oneNameForTwoEventsThatDifferStopsTheReading() {
        let text = "id,customer,time\n1,A,2024-01-02\n2,A,2024-01-03\n1,A,2024-01-04\n"
        for options in [EventHistory.Options.rejecting(0), .rejecting(100)] {
            let error = HistoryFixture.error(text, ["id": "id", "duplicates": "keep"], options: options)
            #expect(error?.code == .conflictingEvents && error?.line == 4 && error?.field == 1)
            #expect(error?.fix?.contains("events.csv:2") == true)
        }
    }

    @Test func eventsWithoutANameAreNotCompared() throws {
        let text = "id,customer,time\n,A,2024-01-02\n,B,2024-01-03\n"
        #expect(try Self.report(text, ["id": "id"]).kept == 2)
    }

    @Test func oneNameForOneEventTwiceIsADuplicate() throws {
        let text = "id,customer,time\n1,A,2024-01-02\n1,A,2024-01-02\n"
        let report = try Self.report(text, ["id": "id", "duplicates": "drop"])
        #expect(report.kept == 1 && report.droppedDuplicates == 1)
    }

    // MARK: Rejected rows

    @Test func rejectedRowsAreWrittenWithPlaceAndReasonForTheirOwnerOnly() throws {
        var fixture = try HistoryFixture()
        try fixture.folder.write("events.csv", "customer,time\nA,2024-01-02\n=B,\"20\"\"\"\n,2024-01-02\n")
        try fixture.addSource(["duplicates": "keep"])
        let path = fixture.folder.path + "/rejects.csv"
        _ = try fixture.read(options: .rejecting(2), rejects: RejectedRows(path: path))
        let table = try FlatTable(path: path, dialect: DelimitedDialect())
        #expect(try table.texts("line") == ["3", "4"] && table.texts("code") == ["CSV-015", "CSV-016"])
        #expect(try table.texts("row").map(CSVLine.restored) == ["=B,\"20\"\"\"", ",2024-01-02"])
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func rejectedRowsAreWrittenAlsoWhenTheReadingStops() throws {
        var fixture = try HistoryFixture()
        try fixture.folder.write("events.csv", "customer,time\nA,2024-01-02\n,2024-01-02\n")
        try fixture.addSource(["duplicates": "keep"])
        let path = fixture.folder.path + "/rejects.csv"
        #expect(throws: DataError.self) { _ = try fixture.read(rejects: RejectedRows(path: path)) }
        #expect(try FlatTable(path: path, dialect: DelimitedDialect()).rowCount == 1)
    }

    // MARK: Files that change or grow

    @Test func aFileThatChangesWhileItIsReadIsAnError() throws {
        let folder = try TemporaryFolder()
        try folder.write("events.csv", Self.header + String(repeating: "A,2024-01-02,1\n", count: 200_000))
        let path = folder.path + "/events.csv"
        var reader = try DelimitedReader(path: path, dialect: DelimitedDialect())
        let handle = try #require(FileHandle(forWritingAtPath: path))
        handle.seekToEndOfFile()
        handle.write(Data("B,2024-01-02,1\n".utf8))
        try handle.close()
        let error = #expect(throws: DataError.self) {
            var batch: RecordBatch?
            while try reader.nextBatch(reusing: &batch) {}
        }
        #expect(error?.code == .changedWhileRead && error?.fix?.contains("again") == true)
    }
}

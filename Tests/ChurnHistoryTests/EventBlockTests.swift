import ChurnTestSupport
import Foundation
import Testing

@testable import ChurnHistory

/// Reading in blocks, on several threads and straight from the bytes gives what reading row by row gives.
@Suite struct EventBlockTests {
    /// Rows of many forms: plain and quoted ones, umlauts, escapes, blanks around cells, missing numbers, faults.
    private static func rows(_ count: Int, seed: UInt64, faults: Bool) -> String {
        var random = SeededGenerator(seed: seed)
        var text = "customer,time,kind,amount,note\n"
        for row in 0..<count {
            let customer = [
                "K\(random.below(300))", "\"Müller, \(random.below(9))\"", "\"a\"\"b\"", " c\(random.below(5))",
            ]
            let time = [
                "2024-0\(1 + random.below(9))-1\(random.below(10)) 1\(random.below(10)):30:00", "2024-03-31 02:30:00",
            ]
            let amount = ["\(row).25", "-7", "", "1e3", " 5 "]
            let note = ["x", "", "\"two\nlines\"", "ä", "\"plain\""]
            let pick = random.below(faults ? 400 : 390)
            let cells = [
                customer[[0, 0, 0, 0, 1, 2, 3][random.below(7)]], time[0], ["buy", "return", "visit"][random.below(3)],
                amount[[0, 0, 0, 1, 2, 3, 4][random.below(7)]], note[[0, 0, 0, 1, 2, 3, 4][random.below(7)]],
            ]
            switch pick {
            case 390...392: text += "\(cells[0]),\(time[1]),buy,1,x\n"
            case 393...395: text += "\(cells[0]),\(time[0]),buy,many,x\n"
            case 396: text += "too,few\n"
            case 397: text += ",\(time[0]),buy,1,x\n"
            default: text += cells.joined(separator: ",") + (random.below(9) == 0 ? "\r\n" : "\n")
            }
        }
        return text
    }

    private static let keys = [
        "duplicates": "keep", "type": "kind", "amount": "amount", "format": "{null: [\"\"], decimal: \".\"}",
        "attributes": "{note: note}", "time": "{column: time, format: \"yyyy-MM-dd HH:mm:ss\"}",
    ]

    private static func read(_ text: String, threads: Int, zone: String = "Europe/Berlin") throws -> EventHistory {
        var options = EventHistory.Options(maximumRejected: 1_000_000)
        options.threads = threads
        return try HistoryFixture.history(text, keys, zone: zone, options: options)
    }

    @Test(arguments: [1, 2, 3, 7]) func anyNumberOfThreadsGivesTheSameIndexAndReport(threads: Int) throws {
        // Some five megabytes: several blocks.
        let text = Self.rows(120_000, seed: 5, faults: true)
        let one = try Self.read(text, threads: 1)
        let several = try Self.read(text, threads: threads)
        #expect(several.index.customers == one.index.customers)
        #expect(several.index.customerStarts == one.index.customerStarts)
        #expect(several.index.times == one.index.times)
        #expect(several.index.types == one.index.types)
        #expect(several.index.amounts.map(\.bitPattern) == one.index.amounts.map(\.bitPattern))
        #expect(several.index.attributes == one.index.attributes)
        #expect("\(several.report)" == "\(one.report)")
        func places(_ history: EventHistory) -> [String] {
            history.report.rejections.flatMap(\.examples).map { "\($0.code) \($0.line ?? 0) \($0.value ?? "")" }
        }
        #expect(places(several) == places(one))
        #expect(several.report.types == one.report.types)
        #expect(several.report.numericColumns == one.report.numericColumns)
        #expect(several.report.files.map(\.normalisations) == one.report.files.map(\.normalisations))
        #expect(one.report.rejected > 0 && one.report.kept > 100_000)
    }

    @Test func rowsOfEveryFormAreReadAsTheSlowReaderReadsThem() throws {
        let folder = try TemporaryFolder()
        let text = Self.rows(3000, seed: 6, faults: false)
        try folder.write("events.csv", text)
        let index = try Self.read(text, threads: 2).index
        var reader = try DelimitedReader(path: "\(folder.path)/events.csv", dialect: DelimitedDialect())
        var expected: [String] = []
        var batch: RecordBatch?
        let calendar = try calendar("Europe/Berlin")
        let format = try #require(TimeFormat("yyyy-MM-dd HH:mm:ss"))
        while try reader.nextBatch(reusing: &batch) {
            let rows = try #require(batch)
            for record in rows.records {
                let cells = (0..<5).map { rows.text(rows.fields[record.firstField + $0]) }
                var (time, amount) = (cells[1], cells[3])
                guard case .instant(let instant) = time.withUTF8({ format.parse($0, calendar: calendar) }) else {
                    continue
                }
                let number = amount.withUTF8 { NumberFormat.point.parse($0) }
                let value = if case .number(let value) = number { value } else { Double.nan }
                expected.append("\(cells[0])|\(instant)|\(cells[2])|\(value)|\(cells[4])")
            }
        }
        let attribute = index.attributes[0]
        let found = index.customers.indices.flatMap { customer in
            index.rows(ofCustomer: customer).map { row in
                let code = Int(attribute.codes[row])
                return "\(index.customers[customer])|\(index.times[row])|\(index.typeNames[Int(index.types[row])])"
                    + "|\(index.amounts[row])|\(code < 0 ? "" : attribute.values[code])"
            }
        }
        #expect(found.sorted() == expected.sorted())
        #expect(found.count > 2900)
    }

    @Test(arguments: [1, 2]) func eventsInTemporaryFilesGiveTheSameIndex(threads: Int) throws {
        // Two sources of several blocks, customers that only another file names, orders of several lines, late events.
        var fixture = try HistoryFixture(zone: "Europe/Berlin")
        try fixture.folder.write("events.csv", Self.rows(60_000, seed: 21, faults: true))
        try fixture.folder.write("more.csv", Self.rows(60_000, seed: 22, faults: false))
        try fixture.addSource(Self.keys.merging(["group": "amount"]) { $1 })
        try fixture.addSource(Self.keys.merging(["file": "more.csv", "mergeSameDay": "true"]) { $1 })
        func read(memory: Int?) throws -> EventHistory {
            var options = EventHistory.Options(maximumRejected: 1_000_000)
            options.threads = threads
            options.memory = memory
            options.spillFolder = SpillFolder(path: fixture.folder.path)
            return try fixture.read(options: options)
        }
        let whole = try read(memory: nil)
        let spilled = try read(memory: 1)
        #expect(spilled.index.customers == whole.index.customers)
        #expect(spilled.index.customerStarts == whole.index.customerStarts)
        #expect(spilled.index.times == whole.index.times && spilled.index.days() == whole.index.days())
        #expect(spilled.index.types == whole.index.types && spilled.index.typeNames == whole.index.typeNames)
        #expect(spilled.index.typeFirsts == whole.index.typeFirsts)
        #expect(spilled.index.amounts.map(\.bitPattern) == whole.index.amounts.map(\.bitPattern))
        #expect(spilled.index.transactionFlags == whole.index.transactionFlags)
        #expect(spilled.index.attributes == whole.index.attributes)
        #expect("\(spilled.report)" == "\(whole.report)" && spilled.dataFingerprint == whole.dataFingerprint)
        let left = try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path)
        #expect(left.sorted() == ["events.csv", "more.csv"], "temporary files have no names")
    }

    @Test func aFileThatIsListedTwiceIsAccountedForTwice() throws {
        var fixture = try HistoryFixture()
        try fixture.folder.write("events.csv", "customer,time\nA,2024-01-01\nB,2024-01-02\nB,2024-01-02\n")
        try fixture.addSource(["file": "[events.csv, events.csv]", "duplicates": "drop"])
        let report = try fixture.read().report
        #expect(report.files.map(\.kept) == [2, 0] && report.files.map(\.droppedDuplicates) == [1, 3])
        let isBalanced = report.files.allSatisfy(\.isBalanced)
        #expect(isBalanced)
    }

    @Test(arguments: [100, 60_000]) func oneEndOfFileMarkIsDroppedWhateverTheSize(rows: Int) {
        var text = "customer,time\n"
        for row in 0..<rows { text += "K\(row),2024-01-02 10:00:00\n" }
        let error = HistoryFixture.error(text + "\u{1A}\u{1A}")
        #expect(error?.code == .wrongFieldCount && error?.line == rows + 2)
    }

    @Test func aFileOfEndOfFileMarksIsARowThatIsTooLong() {
        let text = "customer,time\nA,2024-01-02\n" + String(repeating: "\u{1A}", count: 3 << 20)
        #expect(HistoryFixture.error(text)?.code == .fieldTooLong)
    }

    @Test func namesOfEventsAreComparedAcrossBlocks() throws {
        var text = "customer,time,id\n"
        for row in 0..<60_000 { text += "K\(row % 9),2024-01-02 10:00:00,e\(row)\n" }
        let keys = ["duplicates": "keep", "id": "id", "format": "{skipFooter: 1}"]
        #expect(try HistoryFixture.history(text + "Sum,,\n", keys).report.kept == 60_000)
        let error = HistoryFixture.error(text + "K1,2024-01-03 10:00:00,e50000\nSum,,\n", keys)
        #expect(error?.code == .conflictingEvents && error?.line == 60_002)
        #expect(error?.fix?.contains("events.csv:50002 ") == true)
    }

    @Test func whereTemporaryFilesCannotBeMadeIsAnError() throws {
        var options = EventHistory.Options()
        options.memory = 1
        options.spillFolder = SpillFolder(path: "/nowhere")
        let error = HistoryFixture.error(Self.rows(10, seed: 1, faults: false), Self.keys, options: options)
        #expect(error?.code == .writeFailed && error?.fix?.contains("TMPDIR") == true)
    }

    @Test func aFaultBehindManyBlocksHasItsLine() throws {
        var text = Self.rows(60_000, seed: 7, faults: false)
        let line = text.utf8.count { $0 == 0x0A } + 1
        text += "K1,2024-02-30,buy,1,x\n"
        for row in 0..<60_000 { text += "K\(row % 7),2024-01-02 10:00:00,buy,1.5,x\n" }
        for threads in [1, 2] {
            var options = EventHistory.Options()
            options.threads = threads
            let error = HistoryFixture.error(text, Self.keys, zone: "Europe/Berlin", options: options)
            #expect(error?.code == .notATime && error?.line == line)
        }
    }

    @Test func aFieldOverManyLinesMayLieAcrossBlocks() throws {
        // Lines of a quoted field end most of the blocks.
        var text = "customer,time,kind,amount,note\n"
        for row in 0..<600 {
            text += "K\(row % 50),2024-01-02 10:00:00,buy,1.5,\""
            text += String(repeating: "a line, as if it were a row\n", count: 500)
            text += "\"\n"
        }
        let one = try Self.read(text, threads: 1)
        let two = try Self.read(text, threads: 2)
        #expect(one.report.kept == 600 && two.report.kept == 600)
        #expect(one.index.times == two.index.times && one.index.customers == two.index.customers)
    }

    @Test(arguments: [nil, "drop"]) func repetitionsFarApartAreFound(duplicates: String?) throws {
        var text = "customer,time,kind,amount,note\n"
        for row in 0..<90_000 { text += "K\(row % 1000),2024-01-02 10:00:00,buy,\(row).5,x\n" }
        text += "K5,2024-01-02 10:00:00,buy,5.5,x\n"
        var keys = Self.keys
        keys["duplicates"] = duplicates
        if duplicates == nil {
            let error = HistoryFixture.error(text, keys)
            #expect(error?.code == .duplicateRows && error?.line == 90_002)
        } else {
            let history = try HistoryFixture.history(text, keys)
            #expect(history.report.kept == 90_000 && history.report.droppedDuplicates == 1)
            #expect(history.index.eventCount == 90_000)
        }
    }

    @Test func plainTimesAreReadAsTheFormatReadsThem() throws {
        var random = SeededGenerator(seed: 8)
        let calendar = try calendar("Europe/Berlin")
        for pattern in ["yyyy-MM-dd HH:mm:ss", "dd.MM.yyyy", "yyyyMMdd", "dd/MM/yyyy HH:mm", "iso8601"] {
            let format = try #require(TimeFormat(pattern))
            var plain = try #require(PlainTimeReader(format, calendar: calendar))
            var read = 0
            for _ in 0..<4000 {
                let two = { (range: Int) in String("0\(random.below(range))".suffix(2)) }
                let year = "\(1968 + random.below(135))"
                let text =
                    pattern
                    .replacing(
                        "iso8601",
                        with: ["yyyy-MM-dd", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-dd HH:mm"][random.below(3)]
                    )
                    .replacing("yyyy", with: year).replacing("MM", with: two(14)).replacing("dd", with: two(33))
                    .replacing("HH", with: two(25)).replacing("mm", with: two(61)).replacing("ss", with: two(61))
                let padded = Array(text.utf8) + [UInt8](repeating: 0x39, count: TextBlock.slack)
                padded.withUnsafeBufferPointer { bytes in
                    guard let base = bytes.baseAddress, let instant = plain.read(base, count: text.utf8.count) else {
                        return
                    }
                    read += 1
                    let cell = UnsafeBufferPointer(rebasing: bytes[..<text.utf8.count])
                    #expect(format.parse(cell, calendar: calendar) == .instant(instant), "\(text)")
                }
            }
            #expect(read > 2000, "\(pattern)")
        }
    }

    @Test func plainNumbersAreReadAsTheFormatReadsThem() {
        var random = SeededGenerator(seed: 9)
        var read = 0
        for _ in 0..<20_000 {
            var text = random.below(4) == 0 ? "-" : ""
            for _ in 0..<random.below(12) { text += "\(random.below(10))" }
            if random.below(3) > 0 { text += [".", ",", "", "..", ".x"][[0, 0, 0, 0, 1, 2, 3, 4][random.below(8)]] }
            for _ in 0..<random.below(9) { text += "\(random.below(10))" }
            let bytes = Array(text.utf8)
            bytes.withUnsafeBufferPointer { cell in
                guard let base = cell.baseAddress,
                    let value = NumberFormat.plainNumber(base, count: cell.count, decimalMark: 0x2E)
                else {
                    return
                }
                read += 1
                #expect(NumberFormat.point.parse(cell) == .number(value), "\(text)")
            }
        }
        #expect(read > 10_000)
    }
}

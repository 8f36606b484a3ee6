import ChurnTestSupport
import Testing

@testable import ChurnHistory

@Suite struct FileLayoutTests {
    private static func layout(_ text: String) throws -> FileLayout {
        let folder = try TemporaryFolder()
        return try FileLayout(path: try folder.write("events.csv", text), encoding: .utf8)
    }

    @Test(arguments: [
        ("a,b\n1,2\n", ","), ("a;b\n1;2\n", ";"), ("a\tb\n1\t2\n", "tab"), ("a|b\n1|2\n", "|"),
        (" a  b\n 1  2\n 3  4\n", "blanks"),
        // A decimal comma is no delimiter, even where it comes as often as one.
        ("id;sum\nK1;2,50\nK2;3,75\n", ";"), ("1;2,5;3,5;4,5\n2;3,5;4,5;5,5\n", ";"),
        // Neither is the blank between day and clock.
        ("id,when\n1,2024-01-02 10:00:00\n2,2024-01-03 11:00:00\n", ","),
        ("name,text\n1,\"a;b;c\"\n2,\"d;e;f\"\n", ","),
    ])
    func findsTheDelimiter(_ text: String, _ name: String) throws {
        #expect(try Self.layout(text).delimiterName == name)
    }

    @Test func aLineOfValuesIsNoHeader() throws {
        let layout = try Self.layout("00004,19970101,29.33\n00005,19970102,12.00\n")
        #expect(!layout.hasHeader)
        #expect(layout.columnNames == ["column1", "column2", "column3"])
    }

    @Test func textsThatComeAgainAreNoHeader() throws {
        #expect(try !Self.layout("anna,berlin\nbert,bonn\nanna,bonn\n").hasHeader)
        #expect(try Self.layout("name,city\nbert,bonn\nanna,bonn\n").hasHeader)
    }

    @Test func linesBeforeTheHeaderAreSkipped() throws {
        let layout = try Self.layout("Report of 2024\nmade by hand\n\nid;day;sum\n1;2;3\n2;3;4\n")
        #expect(layout.preambleLines == 3, "the blank line counts")
        #expect(layout.columnNames == ["id", "day", "sum"])
        #expect(layout.hasHeader)
    }

    @Test func aHeaderWithEmptyOrRepeatedNamesIsMended() throws {
        let layout = try Self.layout(",id,sum,sum\n0,K1,1,2\n1,K2,2,3\n")
        #expect(layout.isHeaderMended && !layout.hasHeader)
        #expect(layout.columnNames == ["column1", "id", "sum", "sum_2"])
        #expect(layout.skippedLines == 1)
    }

    @Test(arguments: [
        ("one\ntwo\nthree\n", DataErrorCode.notAHistory), ("<html>\n<body>hello</body>\n</html>\n", .notATable),
    ])
    func refusesWhatHasNoColumns(_ text: String, _ code: DataErrorCode) {
        let error = #expect(throws: DataError.self) { try Self.layout(text) }
        #expect(error?.code == code)
    }
}

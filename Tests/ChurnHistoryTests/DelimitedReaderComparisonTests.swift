import ChurnTestSupport
import Foundation
import Testing

@testable import ChurnHistory

/// The reader against other readings of the same bytes: a slow reader, and the JSON of csv-spectrum.
@Suite struct DelimitedReaderComparisonTests {
    private static let pieces = ["a", "b", " ", "é", ",", ",", ";", "\t", "|", "\"", "\"", "\"", "\n", "\r", "\r\n"]
        .map { Array($0.utf8) }

    @Test func readsRandomTextsLikeASlowReader() throws {
        let folder = try TemporaryFolder()
        var random = SeededGenerator(seed: 20)
        var unclosed = 0
        var stray = 0
        for number in 0..<3000 {
            var content = Array("x\n".utf8)
            for _ in 0..<random.below(40) { content += Self.pieces[random.below(Self.pieces.count)] }
            let name = ["comma", "semicolon", "tab", "|"][random.below(4)]
            let dialect = DelimitedDialect.delimited(by: name)
            guard case .byte(let delimiter) = dialect.delimiter else { continue }
            let expected = SlowReader(content, delimiter: delimiter)
            // A name of its own: rewriting one file makes some file systems wait for the disk.
            let table = try ReadTable(path: folder.write("\(number).csv", content), dialect: dialect)
            let text = Comment(rawValue: String(decoding: content, as: UTF8.self).debugDescription)
            // The field with the stray quote has no content to agree on.
            #expect(table.rows.map(Self.trusted) == expected.rows.dropFirst().map(Self.trusted), text)
            #expect(table.error.map { [$0.line, $0.field] } == expected.unclosedQuote.map { [$0[0], $0[1]] }, text)
            #expect((table.error?.code == .unclosedQuote) == (expected.unclosedQuote != nil), text)
            if expected.unclosedQuote != nil { unclosed += 1 }
            if expected.rows.contains(where: { $0.strayQuoteField != nil }) { stray += 1 }
        }
        #expect(unclosed > 300 && stray > 300, "the texts must reach the hard cases")
    }

    private static func trusted(_ row: ReadTable.Row) -> ReadTable.Row {
        guard row.strayQuoteField != nil else { return row }
        return .init(line: row.line, cells: [], strayQuoteField: row.strayQuoteField)
    }

    private static let spectrum = [
        "comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "location_coordinates", "newlines",
        "newlines_crlf", "quotes_and_newlines", "simple", "simple_crlf", "utf8",
    ]

    @Test(.enabled(if: SharedData.isAvailable, "needs the shared data: set CHURN_DATA"), arguments: spectrum)
    func readsTheSpectrumOfCSVAsItsJSONSays(name: String) throws {
        let table = try ReadTable(path: SharedData.path("csv-spectrum/csvs/\(name).csv"))
        let data = try Data(contentsOf: URL(fileURLWithPath: SharedData.path("csv-spectrum/json/\(name).json")))
        let json = try JSONSerialization.jsonObject(with: data)
        var expected = try #require(json as? [[String: String]] ?? (json as? [String: String]).map { [$0] })
        if name == "location_coordinates" {
            // Its JSON has another telephone number than its CSV.
            expected[0]["Contact Phone Number"] = "2095257564"
        }
        #expect(table.error == nil)
        #expect(table.texts.map { Dictionary(uniqueKeysWithValues: zip(table.columnNames, $0)) } == expected)
    }
}

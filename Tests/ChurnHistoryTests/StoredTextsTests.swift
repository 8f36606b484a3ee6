import ChurnTestSupport
import Foundation
import Testing

@testable import ChurnHistory

/// Random small texts, and what Python's csv module and the rules of `docs/robustness.md` make of them: the short form of
/// `script/differential`, which wrote them.
@Suite struct StoredTextsTests {
    struct Place: Decodable, Equatable {
        let code: String
        let line: Int?
        let field: Int?
    }

    struct Row: Decodable, Equatable {
        let line: Int
        /// The first field with text after its closing quote, from 1; its row has no cells.
        let stray: Int?
        let cells: [String]?
    }

    /// Names and rows that are read, what ends their reading, and what a table of the same file is refused for.
    struct Outcome: Decodable, Equatable {
        var names: [String] = []
        var rows: [Row] = []
        var readerFault: Place?
        var tableFault: Place?
    }

    /// Bytes are scalars U+0000 to U+00FF in all texts but the names of columns.
    struct StoredText: Decodable {
        let delimiter: String
        let encoding: String
        let skipLines: Int
        let columns: [String]?
        let stored: String
        let expected: Outcome
    }

    private static func texts(from source: String = #filePath) throws -> [StoredText] {
        let folder = URL(filePath: source).deletingLastPathComponent().appending(path: "Expectations")
        let data = try Data(contentsOf: folder.appending(path: "delimited-texts.json"))
        return try JSONDecoder().decode([StoredText].self, from: data)
    }

    @Test func everyTextIsReadOrRefusedAsPythonAndTheRulesSay() throws {
        let folder = try TemporaryFolder()
        let texts = try Self.texts()
        #expect(texts.count >= 500)
        for (number, text) in texts.enumerated() {
            let bytes = text.stored.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
            let path = try folder.write("\(number).csv", bytes)
            #expect(
                try Self.outcome(of: text, at: path) == text.expected,
                "text \(number): \(text.stored.debugDescription)"
            )
        }
    }

    @Test func theTextsReachEveryKindOfOutcome() throws {
        let codes = Set(try Self.texts().map { $0.expected.tableFault?.code ?? "read" })
        let reached: Set = [
            "read", "CSV-002", "CSV-003", "CSV-004", "CSV-008", "CSV-009", "CSV-010", "CSV-011", "CSV-013",
            "CSV-029",
        ]
        #expect(codes == reached)
    }

    private static func outcome(of text: StoredText, at path: String) throws -> Outcome {
        var dialect = DelimitedDialect()
        dialect.delimiter = try #require(.init(name: text.delimiter))
        let encoding = try #require(DelimitedDialect.Encoding(rawValue: text.encoding))
        dialect.decidedEncoding = encoding
        dialect.skipLines = text.skipLines
        dialect.columnNames = text.columns
        var outcome = Outcome()
        do throws(DataError) {
            let table = try ReadTable(path: path, dialect: dialect)
            outcome.names = table.columnNames.map { bytewise($0.utf8) }
            outcome.rows = table.rows.map { row in
                Row(
                    line: row.line,
                    stray: row.strayQuoteField.map { $0 + 1 },
                    cells: row.strayQuoteField == nil ? row.cells.map(bytewise) : nil
                )
            }
            outcome.readerFault = table.error.map(place)
        } catch {
            outcome.readerFault = place(error)
        }
        do throws(DataError) {
            _ = try FlatTable(path: path, dialect: dialect)
        } catch {
            outcome.tableFault = place(error)
        }
        return outcome
    }

    private static func place(_ error: DataError) -> Place {
        Place(code: error.code.rawValue, line: error.line, field: error.field)
    }

    private static func bytewise(_ bytes: some Sequence<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for byte in bytes { text.append(Unicode.Scalar(byte)) }
        return String(text)
    }
}

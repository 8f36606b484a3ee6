import Foundation

@testable import ChurnHistory

/// Reads many small files and says what it read, for `script/differential`.
///
/// Standard input has one JSON object a line, a `Question`; standard output has one `Answer` a line. Bytes of cells are
/// scalars U+0000 to U+00FF of the JSON texts, so that nothing is lost where they are no UTF-8.
@main
struct ReadCells {
    struct Question: Decodable {
        let path: String
        let delimiter: String
        let encoding: String
        let skipLines: Int
        let columns: [String]?
    }

    struct Row: Encodable {
        let line: Int
        /// The first field with text after its closing quote, from 1; its cells are then left out.
        let stray: Int?
        let cells: [String]?
    }

    struct Fault: Encodable {
        let code: String
        let line: Int?
        let field: Int?

        init(_ error: DataError) {
            code = error.code.rawValue
            line = error.line
            field = error.field
        }
    }

    struct Answer: Encodable {
        var names: [String] = []
        var rows: [Row] = []
        /// What ends the reading of rows.
        var readerFault: Fault?
        /// What the file as a table is refused for.
        var tableFault: Fault?
    }

    static func main() throws {
        let decoder = JSONDecoder()
        let encoder = JSONEncoder()
        while let line = readLine() {
            let question = try decoder.decode(Question.self, from: Data(line.utf8))
            var output = try encoder.encode(answer(question))
            output.append(0x0A)
            try FileHandle.standardOutput.write(contentsOf: output)
        }
    }

    private static func answer(_ question: Question) -> Answer {
        var dialect = DelimitedDialect()
        dialect.delimiter = .init(name: question.delimiter) ?? dialect.delimiter
        dialect.decidedEncoding = .init(rawValue: question.encoding)
        dialect.skipLines = question.skipLines
        dialect.columnNames = question.columns
        var answer = Answer()
        do throws(DataError) {
            var reader = try DelimitedReader(path: question.path, dialect: dialect)
            answer.names = reader.columnNames.map { text(Array($0.utf8)) }
            var batch: RecordBatch?
            while try reader.nextBatch(reusing: &batch) {
                guard let read = batch else { break }
                for record in read.records {
                    let fields = read.fields[record.firstField..<record.firstField + record.fieldCount]
                    let cells = fields.map { read.withContent($0) { text(Array($0)) } }
                    let stray = record.strayQuoteField.map { $0 + 1 }
                    answer.rows.append(Row(line: record.line, stray: stray, cells: stray == nil ? cells : nil))
                }
            }
        } catch {
            answer.readerFault = Fault(error)
        }
        do throws(DataError) {
            _ = try FlatTable(path: question.path, dialect: dialect)
        } catch {
            answer.tableFault = Fault(error)
        }
        return answer
    }

    private static func text(_ bytes: [UInt8]) -> String {
        var text = String.UnicodeScalarView()
        for byte in bytes { text.append(Unicode.Scalar(byte)) }
        return String(text)
    }
}

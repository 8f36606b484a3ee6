import ChurnTestSupport

@testable import ChurnHistory

/// Everything that a `DelimitedReader` reads from a file.
struct ReadTable {
    struct Row: Equatable {
        let line: Int
        let cells: [[UInt8]]
        /// The first field with text after its closing quote, from 0.
        var strayQuoteField: Int?

        var texts: [String] { cells.map { String(decoding: $0, as: UTF8.self) } }
    }

    let columnNames: [String]
    private(set) var rows: [Row] = []
    /// What ended the reading before the end of the file.
    private(set) var error: DataError?

    /// - Throws: what opening the file and reading its header throws; what the rows throw is in `error`.
    init(path: String, dialect: DelimitedDialect = .init()) throws(DataError) {
        var reader = try DelimitedReader(path: path, dialect: dialect)
        columnNames = reader.columnNames
        var batch: RecordBatch?
        do throws(DataError) {
            while try reader.nextBatch(reusing: &batch) {
                guard let read = batch else { break }
                for record in read.records {
                    let fields = read.fields[record.firstField..<record.firstField + record.fieldCount]
                    rows.append(
                        Row(
                            line: record.line,
                            cells: fields.map { read.withContent($0) { Array($0) } },
                            strayQuoteField: record.strayQuoteField
                        )
                    )
                }
            }
        } catch {
            self.error = error
        }
    }

    /// Reads a file of the given content.
    init(_ content: some Sequence<UInt8>, dialect: DelimitedDialect = .init()) throws {
        let folder = try TemporaryFolder()
        try self.init(path: folder.write("table.csv", content), dialect: dialect)
    }

    init(_ content: String, dialect: DelimitedDialect = .init()) throws {
        try self.init(Array(content.utf8), dialect: dialect)
    }

    var texts: [[String]] { rows.map(\.texts) }
    var lines: [Int] { rows.map(\.line) }
}

extension DelimitedDialect {
    /// A dialect that differs from the default one in its delimiter.
    static func delimited(by name: String) -> DelimitedDialect {
        var dialect = DelimitedDialect()
        dialect.delimiter = Delimiter(name: name) ?? dialect.delimiter
        return dialect
    }

    /// A dialect that differs from the default one in its encoding.
    static func encoded(_ encoding: Encoding) -> DelimitedDialect {
        var dialect = DelimitedDialect()
        dialect.decidedEncoding = encoding
        return dialect
    }
}

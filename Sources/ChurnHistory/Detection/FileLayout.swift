/// How the lines of a delimited file are made up, found by looking at its first rows: delimiter, preamble, header, names.
public struct FileLayout: Sendable, Equatable {
    public let delimiter: DelimitedDialect.Delimiter
    /// Physical lines before the header, or before the first row where there is none.
    public let preambleLines: Int
    /// Whether the columns are named by a header that can be used as it stands.
    public let hasHeader: Bool
    /// The header's names; where there is none, or it has empty or repeated names, names made here.
    public let columnNames: [String]
    /// Whether there is a header that could not be used: its names, mended, are `columnNames`.
    public let isHeaderMended: Bool
    /// Why, in words.
    public let delimiterReason: String
    public let headerReason: String

    private static let sampledRows = 1000
    private static let maximumPreamble = 30

    /// Looks at the first rows of a file, about a megabyte at most.
    /// - Throws: `notAHistory` for what has no columns.
    public init(path: String, encoding: DelimitedDialect.Encoding) throws(DataError) {
        let candidates: [DelimitedDialect.Delimiter] =
            [";", "\t", "|", ","].compactMap { $0.utf8.first.map(DelimitedDialect.Delimiter.byte) } + [.blanks]
        var best: Reading?
        var fault: DataError?
        for delimiter in candidates {
            // Runs of blanks separate every text into something: only where no mark does.
            if delimiter == .blanks, let best, best.share >= 0.9 { continue }
            do {
                guard let reading = try Reading(path: path, delimiter: delimiter, encoding: encoding) else { continue }
                if let current = best, !reading.isBetter(than: current) { continue }
                best = reading
            } catch {
                if error.kind != .badData || error.code == .fileEmpty || error.code == .unsupportedEncoding {
                    throw error
                }
                fault = fault ?? error
            }
        }
        guard let best, best.share >= 0.6 else {
            if let fault { throw fault }
            throw DataError(
                .notAHistory,
                "has no columns: no comma, semicolon, tab, bar or run of blanks divides its lines alike",
                file: path,
                fix: "check that it is a delimited text file"
            )
        }
        self.init(best)
    }

    private init(_ reading: Reading) {
        delimiter = reading.delimiter
        preambleLines = reading.preambleLines
        delimiterReason =
            "\(reading.fitting) of the first \(reading.rows.count) lines have \(reading.columnCount) fields each"
        let header = HeaderEvidence(first: reading.rows[reading.preambleRows].fields, rest: reading.body)
        headerReason = header.reason
        let first = reading.rows[reading.preambleRows].fields
        if header.isHeader {
            let names = Self.mended(first)
            isHeaderMended = names != first
            hasHeader = !isHeaderMended
            columnNames = names
        } else {
            isHeaderMended = false
            hasHeader = false
            columnNames = (1...reading.columnCount).map { "column\($0)" }
        }
    }

    /// The names of a header, each present and once.
    private static func mended(_ names: [String]) -> [String] {
        var seen = Set<String>()
        return names.enumerated().map { position, name in
            var result = name.isEmpty ? "column\(position + 1)" : name
            var number = 2
            while !seen.insert(result).inserted {
                result = "\(name)_\(number)"
                number += 1
            }
            return result
        }
    }

    /// Lines that a dialect skips before what it reads: a header that cannot be used is skipped too.
    public var skippedLines: Int { preambleLines + (isHeaderMended ? 1 : 0) }

    /// The dialect that reads the file's rows.
    public func dialect(encoding: DelimitedDialect.Encoding, numbers: NumberFormat = .point) -> DelimitedDialect {
        var dialect = DelimitedDialect()
        dialect.delimiter = delimiter
        dialect.decidedEncoding = encoding
        dialect.numbers = numbers
        dialect.skipLines = skippedLines
        if !hasHeader { dialect.columnNames = columnNames }
        return dialect
    }

    /// The name that studies use for the delimiter.
    public var delimiterName: String {
        switch delimiter {
        case .blanks: "blanks"
        case .byte(UInt8(ascii: "\t")): "tab"
        case .byte(let byte): String(decoding: [byte], as: UTF8.self)
        }
    }

    /// The first rows under one delimiter.
    private struct Reading {
        struct Row {
            let line: Int
            let fields: [String]
        }

        let delimiter: DelimitedDialect.Delimiter
        let rows: [Row]
        let columnCount: Int
        /// Rows with `columnCount` fields.
        let fitting: Int
        /// Rows before the first that fits.
        let preambleRows: Int
        private let separatorLines: Int

        /// - Returns: `nil` where the delimiter divides nothing.
        init?(
            path: String,
            delimiter: DelimitedDialect.Delimiter,
            encoding: DelimitedDialect.Encoding
        ) throws(DataError) {
            var dialect = DelimitedDialect()
            dialect.delimiter = delimiter
            dialect.decidedEncoding = encoding
            dialect.columnNames = []
            var reader = try DelimitedReader(path: path, dialect: dialect)
            var batch: RecordBatch?
            var rows: [Row] = []
            if try reader.nextBatch(reusing: &batch), let read = batch {
                for record in read.records.prefix(sampledRows) {
                    let fields = read.fields[record.firstField..<record.firstField + record.fieldCount]
                    rows.append(Row(line: record.line, fields: fields.map(read.text)))
                }
            }
            var counts: [Int: Int] = [:]
            for row in rows where row.fields.count > 1 { counts[row.fields.count, default: 0] += 1 }
            guard let mode = counts.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }),
                let first = rows.firstIndex(where: { $0.fields.count == mode.key }), first <= maximumPreamble
            else { return nil }
            self.delimiter = delimiter
            self.rows = rows
            columnCount = mode.key
            fitting = mode.value
            preambleRows = first
            // The reader skips a line `sep=;` by itself.
            separatorLines = reader.normalisations.separatorLine ? 1 : 0
        }

        var share: Double { Double(fitting) / Double(rows.count) }
        var preambleLines: Int { rows[preambleRows].line - 1 - separatorLines }

        /// Rows behind the first that have the right number of fields.
        var body: [[String]] {
            rows[(preambleRows + 1)...].map(\.fields).filter { $0.count == columnCount }
        }

        func isBetter(than other: Reading) -> Bool {
            if share != other.share { return share > other.share }
            if preambleRows != other.preambleRows { return preambleRows < other.preambleRows }
            return columnCount > other.columnCount
        }
    }
}

import ChurnNumerics

/// Makes something of the rows of a source: events, attributes of customers, contracts.
protocol RowReader {
    /// Takes the column names of the next file.
    mutating func open(_ file: SourceFile) throws(DataError)
    /// Takes a row of that file. Its number of fields is right and its bytes are text.
    mutating func read(_ row: SourceRow, _ file: inout ReadingReport.FileReport) -> RowFate
}

/// A file of a source as far as it is known before its rows are read.
struct SourceFile {
    let path: String
    let columnNames: [String]
    /// The first file of the same source; `nil` for that one itself.
    let first: (path: String, columnNames: [String])?

    /// Where a column stands.
    /// - Throws: `missingColumn` with the nearest name.
    func position(of column: String, _ dialect: DelimitedDialect) throws(DataError) -> Int {
        if let position = columnNames.firstIndex(of: column) { return position }
        let names = columnNames.prefix(20).joined(separator: ", ") + (columnNames.count > 20 ? ", …" : "")
        if let first, first.columnNames.contains(column), NearestName.of(column, among: columnNames) == nil {
            throw DataError(
                .missingColumn,
                "is not a column of this file, though \(first.path) has it",
                file: path,
                column: column,
                fix: "read files of another form as a source of their own; this one has \(names)"
            )
        }
        throw DataError(
            .missingColumn,
            "is not a column of this file",
            file: path,
            column: column,
            fix: advice(column, dialect, names: names)
        )
    }

    private func advice(_ column: String, _ dialect: DelimitedDialect, names: String) -> String {
        if let near = NearestName.of(column, among: columnNames) {
            return "did you mean `\(near)`? the file has \(names)"
        }
        let isHeader = dialect.columnNames == nil
        if isHeader, columnNames.contains(where: looksLikeData) {
            return "the first line looks like data: if it is, \(dialect.settings.set([.noHeader])); it has \(names)"
        }
        let skip = isHeader ? "; if lines stand before the header, \(dialect.settings.set([.skipLines]))" : ""
        return "the file has \(names)" + (columnNames.count == 1 ? "; check the delimiter" : "") + skip
    }

    /// Whether a name begins with a digit or a sign, as numbers and dates do.
    private func looksLikeData(_ name: String) -> Bool {
        name.utf8.first.map { (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2B } ?? false
    }
}

/// Reads files row by row, puts aside what cannot be trusted, and accounts for every row.
struct SourceReading {
    let options: EventHistory.Options
    /// Where rejected rows are written, if anywhere.
    let rejects: RejectedRows?
    var report = ReadingReport()

    /// Reads the files of one source in their order, row by row.
    mutating func read<Reader: RowReader>(
        _ files: [String],
        _ dialect: DelimitedDialect,
        _ role: ReadingReport.Role,
        with reader: inout Reader
    ) throws(DataError) {
        var first: (path: String, columnNames: [String])?
        for path in files {
            do {
                try read(path, dialect, role, first: &first, with: &reader)
            } catch {
                try goOn(behind: error)
            }
        }
    }

    /// Only an inspection goes on behind a file that cannot be read as the study says.
    mutating func goOn(behind error: DataError) throws(DataError) {
        guard options.isInspection, error.kind == .badData else { throw error }
        report.fileFaults.append(error)
    }

    private mutating func read<Reader: RowReader>(
        _ path: String,
        _ dialect: DelimitedDialect,
        _ role: ReadingReport.Role,
        first: inout (path: String, columnNames: [String])?,
        with reader: inout Reader
    ) throws(DataError) {
        var lines = try DelimitedReader(path: path, dialect: dialect, computesDigest: options.identifiesData)
        let source = SourceFile(path: path, columnNames: lines.columnNames, first: first)
        try reader.open(source)
        var file = ReadingReport.FileReport(path: path, role: role)
        if let first { file.normalisations.extraColumns = lines.columnNames.filter { !first.columnNames.contains($0) } }
        first = first ?? (path, lines.columnNames)
        defer {
            // A file that fails half-way is accounted for as far as it was read.
            file.normalisations.take(lines.normalisations)
            file.digest = lines.digest
            file.identity = lines.stream.identity
            report.files.append(file)
        }
        let header = lines.headerBytes
        var check = RowCheck(columnCount: lines.columnNames.count, header: header, dialect: dialect)
        var footer = FooterWatch()
        var batch: RecordBatch?
        while try lines.nextBatch(reusing: &batch) {
            guard let rows = batch else { break }
            for record in rows.records {
                file.rows += 1
                let fate: RowFate
                if let fault = check.fault(record, of: rows, lines.columnNames) {
                    fate = fault
                } else {
                    fate = rows.fields.withUnsafeBufferPointer { fields in
                        guard let start = fields.baseAddress else { return .kept }
                        let row = SourceRow(
                            record,
                            bytes: rows.bytes,
                            fields: start + record.firstField,
                            columnNames: lines.columnNames
                        )
                        return reader.read(row, &file)
                    }
                }
                if case .rejected(var error) = fate {
                    error.file = path
                    footer.note(error, row: rows.row(record))
                } else {
                    footer.noteGood()
                }
                try account(for: fate, rows.row(record), path, &file)
            }
        }
        if file.rows == 0 {
            throw DataError(.headerOnly, "has a header but no rows", file: path, fix: "check the export that made it")
        }
        if let question = footer.question(dialect) { try ask(question) }
        precondition(file.isBalanced, "every row is kept, rejected or dropped")
    }

    mutating func account(
        for fate: RowFate,
        _ row: UnsafeBufferPointer<UInt8>,
        _ path: String,
        _ file: inout ReadingReport.FileReport
    ) throws(DataError) {
        switch fate {
        case .kept: file.kept += 1
        case .droppedWithoutCustomer: file.droppedWithoutCustomer += 1
        case .droppedDuplicate: file.droppedDuplicates += 1
        case .droppedOtherCurrency: file.droppedOtherCurrencies += 1
        case .rejected(var error):
            error.file = path
            file.rejected += 1
            report.note(error)
            try rejects?.add(error, row: row)
            if report.rejected + file.rejected > options.maximumRejected { throw error }
        case .undecided(var error):
            error.file = path
            file.rejected += 1
            report.note(error)
            try rejects?.add(error, row: row)
            guard options.isInspection else { throw error }
            // One question a kind and column is enough.
            if !report.questions.contains(where: { $0.code == error.code && $0.column == error.column }) {
                report.questions.append(error)
            }
        }
    }

    /// Notes something that the study must decide; only an inspection goes on then.
    mutating func ask(_ question: DataError) throws(DataError) {
        guard options.isInspection else { throw question }
        report.questions.append(question)
    }
}

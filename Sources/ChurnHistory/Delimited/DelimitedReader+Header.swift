/// What stands before the rows: the line `sep=;`, a preamble, the header.
extension DelimitedReader {
    /// Skips the first line `sep=;` by which Excel is told the delimiter.
    /// - Throws: `wrongDelimiter` where the line names another delimiter than the dialect has.
    mutating func skipSeparatorLine() throws(DataError) {
        let bytes = UnsafeBufferPointer(rebasing: scanner.buffer[..<scanner.filled])
        guard let named = SeparatorLine.delimiter(bytes) else { return }
        if case .byte(let delimiter) = dialect.delimiter, delimiter != named {
            throw DataError(
                .wrongDelimiter,
                "the first line says that the delimiter is \"\(UnicodeScalar(named))\"",
                file: path,
                line: 1,
                fix: dialect.settings.set([.delimiter(named)])
            )
        }
        scanner.consumed = SeparatorLine.length(bytes)
        scanner.line = 2
        normalisations.separatorLine = true
    }

    mutating func skipPreamble() throws(DataError) {
        var remaining = dialect.skipLines
        while remaining > 0 {
            guard
                let end = (scanner.consumed..<scanner.filled).first(where: {
                    scanner.buffer[$0] == 0x0A || scanner.buffer[$0] == 0x0D
                }),
                end + 1 < scanner.filled || scanner.atEnd
            else {
                if scanner.atEnd {
                    throw DataError(
                        .headerOnly,
                        "has fewer lines than `skipLines` skips",
                        file: path,
                        fix: "skip fewer lines"
                    )
                }
                try fill()
                continue
            }
            let isCRLF = scanner.buffer[end] == 0x0D && end + 1 < scanner.filled && scanner.buffer[end + 1] == 0x0A
            scanner.consumed = end + (isCRLF ? 2 : 1)
            scanner.line += 1
            remaining -= 1
        }
    }

    mutating func readHeader() throws(DataError) {
        if let names = dialect.columnNames {
            columnNames = names
        } else {
            var header = RecordBatch(bytes: UnsafeBufferPointer(scanner.buffer))
            while header.records.isEmpty {
                try scanner.scan(into: &header, maximumRecords: 1)
                header.bytes = UnsafeBufferPointer(scanner.buffer)
                if header.records.isEmpty {
                    if scanner.atEnd {
                        throw DataError(.fileEmpty, "has no header", file: path, fix: "check the export that made it")
                    }
                    try fill()
                }
            }
            let first = header.records[0]
            if let field = first.strayQuoteField {
                throw DataError(
                    .strayQuote,
                    "has text after its closing quote",
                    file: path,
                    line: first.line,
                    field: field + 1,
                    fix: "double the quotes that are part of the name"
                )
            }
            let bytes = UnsafeBufferPointer(scanner.buffer)
            let row = UnsafeBufferPointer(rebasing: bytes[Int(first.start)..<Int(first.start) + Int(first.length)])
            if case .faulty(let fault) = TextKind(row) {
                throw DataError(
                    .invalidText,
                    fault.problem,
                    file: path,
                    line: first.line,
                    fix: fault.fix(dialect, isUndecided: dialect.decidedEncoding == nil)
                )
            }
            headerBytes = Array(row)
            columnNames = (0..<first.fieldCount).map { header.text(header.fields[first.firstField + $0]) }
            try checkHeader(atLine: first.line)
        }
    }

    private func checkHeader(atLine line: Int) throws(DataError) {
        var seen = Set<String>()
        for (position, name) in columnNames.enumerated() {
            if name.isEmpty {
                throw DataError(
                    .badHeader,
                    "the header has an empty name",
                    file: path,
                    line: line,
                    field: position + 1,
                    fix: "name the column; if the line is no header, " + dialect.settings.set([.noHeader])
                        + "; if lines stand before the header, " + dialect.settings.set([.skipLines])
                )
            }
            if !seen.insert(name).inserted {
                throw DataError(
                    .badHeader,
                    "stands twice in the header",
                    file: path,
                    line: line,
                    field: position + 1,
                    value: name,
                    fix: "rename one of the two columns; if the line is no header, "
                        + dialect.settings.set([.noHeader])
                )
            }
        }
    }
}

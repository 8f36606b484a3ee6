/// Cuts the text of a delimited file into rows and fields, from where it stands in a buffer to the end of what the buffer
/// holds.
///
/// Follows RFC 4180. A quote inside an unquoted field is an ordinary character.
struct RecordScanner {
    static let maximumFieldBytes = 1 << 20
    static let maximumColumns = 4096
    /// A batch ends at the row with which it has this many fields, however much the buffer holds.
    private static let maximumBatchFields = 1 << 18

    let dialect: DelimitedDialect
    /// What the file name was, for messages.
    let path: String
    /// What was read and not yet handed out lies at `consumed..<filled`.
    var buffer: UnsafeMutableBufferPointer<UInt8>
    var filled = 0
    var consumed = 0
    /// Nothing comes behind what is in the buffer.
    var atEnd = false
    /// The line, from 1, on which the byte at `consumed` stands.
    var line = 1
    var lineEnds = Normalisations.LineEnds()

    init(dialect: DelimitedDialect, path: String, buffer: UnsafeMutableBufferPointer<UInt8>) {
        self.dialect = dialect
        self.path = path
        self.buffer = buffer
    }

    /// Appends every row that lies whole in the buffer.
    mutating func scan(into batch: inout RecordBatch, maximumRecords: Int) throws(DataError) {
        var position = consumed
        // A batch is longer than a footer, so that something is left when the footer is held back.
        while position < filled, batch.records.count < maximumRecords,
            batch.fields.count < Self.maximumBatchFields || batch.records.count <= dialect.skipFooter
        {
            let end: RecordEnd
            switch dialect.delimiter {
            case .byte(let delimiter): end = try scanRecord(at: position, delimiter: delimiter, into: &batch)
            case .blanks: end = try scanBlankSeparated(at: position, into: &batch)
            }
            guard case .at(let next) = end else { break }
            position = next
            consumed = next
        }
    }

    private enum RecordEnd {
        /// Where the next row begins.
        case at(Int)
        /// The buffer ends inside the row.
        case needsMore
    }

    private mutating func scanRecord(
        at start: Int,
        delimiter: UInt8,
        into batch: inout RecordBatch
    ) throws(DataError) -> RecordEnd {
        let quote = UInt8(ascii: "\"")
        let firstField = batch.fields.count
        let firstLine = line
        let limit = filled
        var position = start
        var currentLine = line
        var strayQuoteField: Int?
        while true {
            let fieldLine = currentLine
            var field = RecordBatch.Field(start: Int32(position), length: 0, hasEscapes: false)
            if position < limit, buffer[position] == quote {
                position += 1
                field.start = Int32(position)
                scanQuoted: while true {
                    guard position < limit else {
                        if atEnd {
                            throw DataError(
                                .unclosedQuote,
                                "a quote that opens here is never closed",
                                file: path,
                                line: fieldLine,
                                field: batch.fields.count - firstField + 1,
                                fix: "close the quote, or double it if it is part of the text"
                            )
                        }
                        try checkLength(position - Int(field.start), fieldLine, batch.fields.count - firstField)
                        return abandon(&batch, firstField)
                    }
                    let byte = buffer[position]
                    if byte == quote {
                        if position + 1 < limit {
                            if buffer[position + 1] == quote {
                                field.hasEscapes = true
                                position += 2
                                continue scanQuoted
                            }
                        } else if !atEnd {
                            return abandon(&batch, firstField)
                        }
                        break scanQuoted
                    }
                    if byte == 0x0A || (byte == 0x0D && !(position + 1 < limit && buffer[position + 1] == 0x0A)) {
                        currentLine += 1
                    }
                    position += 1
                }
                field.length = Int32(position) - field.start
                position += 1
                if position < limit, buffer[position] != delimiter, buffer[position] != 0x0A, buffer[position] != 0x0D {
                    strayQuoteField = strayQuoteField ?? batch.fields.count - firstField
                    position = skipUnquoted(position, delimiter)
                }
            } else {
                position = skipUnquoted(position, delimiter)
                field.length = Int32(position) - field.start
            }
            if position >= limit && !atEnd {
                try checkLength(position - Int(field.start), fieldLine, batch.fields.count - firstField)
                return abandon(&batch, firstField)
            }
            try checkLength(Int(field.length), fieldLine, batch.fields.count - firstField)
            batch.fields.append(field)
            if position < limit, buffer[position] == delimiter {
                position += 1
                if batch.fields.count - firstField >= Self.maximumColumns { throw tooManyColumns(firstLine) }
                continue
            }
            break
        }
        return finish(
            &batch,
            start: start,
            end: position,
            firstField: firstField,
            firstLine: firstLine,
            lastLine: currentLine,
            strayQuoteField: strayQuoteField
        )
    }

    private mutating func scanBlankSeparated(
        at start: Int,
        into batch: inout RecordBatch
    ) throws(DataError) -> RecordEnd {
        let firstField = batch.fields.count
        var position = start
        while true {
            while position < filled, buffer[position] == 0x20 || buffer[position] == 0x09 { position += 1 }
            let fieldStart = position
            while position < filled, buffer[position] > 0x20 || (buffer[position] < 0x20 && !isLayout(buffer[position]))
            {
                position += 1
            }
            if position >= filled && !atEnd {
                try checkLength(position - fieldStart, line, batch.fields.count - firstField)
                return abandon(&batch, firstField)
            }
            if position > fieldStart {
                try checkLength(position - fieldStart, line, batch.fields.count - firstField)
                batch.fields.append(
                    .init(start: Int32(fieldStart), length: Int32(position - fieldStart), hasEscapes: false)
                )
                if batch.fields.count - firstField > Self.maximumColumns { throw tooManyColumns(line) }
            }
            if position >= filled || buffer[position] == 0x0A || buffer[position] == 0x0D { break }
        }
        return finish(
            &batch,
            start: start,
            end: position,
            firstField: firstField,
            firstLine: line,
            lastLine: line,
            strayQuoteField: nil
        )
    }

    private func isLayout(_ byte: UInt8) -> Bool { byte == 0x09 || byte == 0x0A || byte == 0x0D }

    @inline(__always)
    private func skipUnquoted(_ start: Int, _ delimiter: UInt8) -> Int {
        var position = start
        while position < filled {
            let byte = buffer[position]
            if byte == delimiter || byte == 0x0A || byte == 0x0D { break }
            position += 1
        }
        return position
    }

    /// Takes back the fields of a row that the buffer does not hold whole.
    private func abandon(_ batch: inout RecordBatch, _ firstField: Int) -> RecordEnd {
        batch.fields.removeSubrange(firstField...)
        return .needsMore
    }

    /// Takes the line end that stands at `end`, and records the row unless it is blank.
    private mutating func finish(
        _ batch: inout RecordBatch,
        start: Int,
        end: Int,
        firstField: Int,
        firstLine: Int,
        lastLine: Int,
        strayQuoteField: Int?
    ) -> RecordEnd {
        var next = end
        let lineEndsBefore = lineEnds
        if next < filled {
            if buffer[next] == 0x0D {
                if next + 1 >= filled, !atEnd { return abandon(&batch, firstField) }
                let isCRLF = next + 1 < filled && buffer[next + 1] == 0x0A
                next += isCRLF ? 2 : 1
                if isCRLF { lineEnds.carriageReturnLineFeed += 1 } else { lineEnds.carriageReturn += 1 }
            } else {
                next += 1
                lineEnds.lineFeed += 1
            }
        }
        line = lastLine + 1
        let count = batch.fields.count - firstField
        let isBlank = end == start || count == 0
        if isBlank {
            batch.fields.removeSubrange(firstField...)
        } else {
            batch.records.append(
                .init(
                    line: firstLine,
                    firstField: firstField,
                    fieldCount: count,
                    start: Int32(start),
                    length: Int32(end - start),
                    strayQuoteField: strayQuoteField,
                    lineEndsBefore: lineEndsBefore
                )
            )
        }
        return .at(next)
    }

    private func checkLength(_ length: Int, _ line: Int, _ field: Int) throws(DataError) {
        guard length > Self.maximumFieldBytes else { return }
        throw DataError(
            .fieldTooLong,
            "a field is longer than \(Self.maximumFieldBytes) bytes",
            file: path,
            line: line,
            field: field + 1,
            fix: "look for an unclosed quote; check the delimiter"
        )
    }

    private func tooManyColumns(_ line: Int) -> DataError {
        DataError(
            .tooManyColumns,
            "the row has more than \(Self.maximumColumns) columns",
            file: path,
            line: line,
            fix: "check the delimiter"
        )
    }
}

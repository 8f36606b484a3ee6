import Crypto

/// Reads a delimited text file batch by batch: header first, then rows as fields that lie in one reused buffer.
///
/// Follows RFC 4180, and forgives what real exports do: LF, CRLF and CR line ends in any mix, a byte order mark, a missing
/// last line end, a trailing ^Z, blank lines, a first line `sep=;`. What it forgave is in `normalisations`. A quote inside
/// an unquoted field is an ordinary character. Memory is bounded by the longest row, and a row by `maximumFieldBytes` and
/// `maximumColumns`.
struct DelimitedReader {
    static let maximumFieldBytes = 1 << 20
    static let maximumColumns = 4096
    private static let maximumRecordBytes = 1 << 26
    private static let initialBufferBytes = 1 << 20
    /// A batch ends at the row with which it has this many fields, however much the buffer holds.
    private static let maximumBatchFields = 1 << 18

    let dialect: DelimitedDialect
    /// Names of the columns, from the header or from the dialect.
    var columnNames: [String] = []
    /// The header as it stands in the file; empty where there is none.
    var headerBytes: [UInt8] = []
    /// What was read as if it were plain; complete once all batches are read.
    var normalisations = Normalisations()
    /// What the file name was, for messages.
    var path: String { stream.path }

    let stream: ByteStream
    /// What was read and not yet handed out lies at `consumed..<filled`.
    var buffer: UnsafeMutableBufferPointer<UInt8>
    private let owner: BufferOwner
    var filled = 0
    var consumed = 0
    /// Nothing comes behind what is in the buffer.
    var atEnd = false
    /// The line, from 1, on which the byte at `consumed` stands.
    var line = 1
    private var isFirstBlock = true
    private var lineEnds = Normalisations.LineEnds()

    /// Opens the file and reads its header.
    init(path: String, dialect: DelimitedDialect) throws(DataError) {
        self.dialect = dialect
        stream = try ByteStream(path: path)
        owner = BufferOwner(capacity: Self.initialBufferBytes)
        buffer = owner.buffer
        try fill()
        normalisations.compression = stream.compression
        if filled == 0 { throw DataError(.fileEmpty, "is empty", file: path, fix: "check the export that made it") }
        if let foreign = ForeignContent(UnsafeBufferPointer(rebasing: buffer[..<filled])) {
            throw DataError(.notATable, foreign.problem, file: path, fix: foreign.fix)
        }
        try skipSeparatorLine()
        try skipPreamble()
        try readHeader()
    }

    /// SHA-256 of the file as stored; complete once all batches are read.
    var digest: SHA256.Digest { stream.digest }

    /// The next rows, as many as the buffer holds whole, up to some 262,144 fields.
    /// - Returns: `false` at the end of the file.
    mutating func nextBatch(reusing batch: inout RecordBatch?) throws(DataError) -> Bool {
        var next = batch ?? RecordBatch(bytes: UnsafeBufferPointer(buffer))
        batch = nil
        next.fields.removeAll(keepingCapacity: true)
        next.records.removeAll(keepingCapacity: true)
        defer { batch = next }
        while next.records.isEmpty {
            var fault: DataError?
            do {
                try scan(into: &next, maximumRecords: .max)
            } catch {
                // Rows before the fault come first; the next call meets it again.
                guard let last = next.records.last else { throw error }
                next.fields.removeSubrange((last.firstField + last.fieldCount)...)
                fault = error
            }
            if dialect.skipFooter > 0 { holdBackFooter(&next) }
            guard next.records.isEmpty else { break }
            if let fault { throw fault }
            if atEnd {
                normalisations.lineEnds = lineEnds
                return false
            }
            try fill()
        }
        next.bytes = UnsafeBufferPointer(buffer)
        return true
    }

    /// Leaves out the rows that may be among the last ones of the file: they are read again once more is known.
    private mutating func holdBackFooter(_ batch: inout RecordBatch) {
        let kept = max(0, batch.records.count - dialect.skipFooter)
        guard kept < batch.records.count else { return }
        let isLastBatch = atEnd && consumed == filled
        if !isLastBatch {
            let first = batch.records[kept]
            consumed = Int(first.start)
            line = first.line
            lineEnds = first.lineEndsBefore
        }
        batch.fields.removeSubrange(batch.records[kept].firstField...)
        batch.records.removeSubrange(kept...)
    }

    // MARK: Filling the buffer

    /// Moves what is left to the front and fills the room behind it.
    mutating func fill() throws(DataError) {
        guard let base = buffer.baseAddress else { return }
        if consumed > 0 {
            base.update(from: base + consumed, count: filled - consumed)
            filled -= consumed
            consumed = 0
        }
        // Transcoding may triple a block, so a third of the room is what may be read.
        let room = (buffer.count - filled) / (dialect.encoding == .utf8 ? 1 : 3)
        if room < buffer.count / 4 {
            guard buffer.count < Self.maximumRecordBytes else {
                throw DataError(
                    .fieldTooLong,
                    "the row that begins here is longer than \(Self.maximumRecordBytes) bytes",
                    file: path,
                    line: line,
                    fix: "look for an unclosed quote; check the delimiter"
                )
            }
            buffer = owner.grow(keeping: filled)
            return try fill()
        }
        var count = 0
        // A row of many megabytes would be scanned again for every small piece: fill the room before the next scan.
        while count < room, !atEnd {
            let target = UnsafeMutableRawBufferPointer(
                start: buffer.baseAddress.map { $0 + filled + count },
                count: room - count
            )
            let piece = try stream.read(into: target)
            if piece == 0 { atEnd = true }
            count += piece
        }
        if isFirstBlock {
            isFirstBlock = false
            let mark = try byteOrderMarkLength(count)
            if mark > 0, let start = buffer.baseAddress {
                start.update(from: start + mark, count: count - mark)
                count -= mark
                normalisations.byteOrderMark = true
                if let encoding = dialect.decidedEncoding, encoding != .utf8 {
                    throw DataError(
                        .unsupportedEncoding,
                        "begins with the mark of UTF-8, but is said to be \(encoding.rawValue)",
                        file: path,
                        line: 1,
                        fix: dialect.settings.set([.encoding(.utf8)])
                    )
                }
            }
        }
        filled += dialect.encoding == .utf8 ? count : transcode(count)
        if atEnd, filled > 0, buffer[filled - 1] == 0x1A {
            filled -= 1
            normalisations.endOfFileMark = true
        }
    }

    /// The length of UTF-8's byte order mark, if the file begins with it.
    /// - Throws: `unsupportedEncoding` for the marks of UTF-16 and UTF-32.
    private func byteOrderMarkLength(_ count: Int) throws(DataError) -> Int {
        let start = buffer.prefix(min(4, count))
        if start.starts(with: [0xEF, 0xBB, 0xBF]) { return 3 }
        let wideMarks: [[UInt8]] = [[0xFF, 0xFE], [0xFE, 0xFF], [0x00, 0x00, 0xFE, 0xFF]]
        if wideMarks.contains(where: start.starts) {
            throw DataError(
                .unsupportedEncoding,
                "is UTF-16 or UTF-32",
                file: path,
                fix: "save it as UTF-8 (iconv -f UTF-16 -t UTF-8)"
            )
        }
        return 0
    }

    /// Turns the `count` single-byte characters behind `filled` into UTF-8, in place.
    private mutating func transcode(_ count: Int) -> Int {
        let source = Array(buffer[filled..<filled + count])
        var target = filled
        for byte in source {
            let scalar = SingleByteEncoding.scalar(byte, dialect.encoding)
            for unit in UTF8.encode(scalar) ?? .init([0x3F]) {
                buffer[target] = unit
                target += 1
            }
        }
        return target - filled
    }

    // MARK: Scanning

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

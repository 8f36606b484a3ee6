import Crypto

/// Reads a delimited text file batch by batch: header first, then rows as fields that lie in one reused buffer.
///
/// Follows RFC 4180, and forgives what real exports do: LF, CRLF and CR line ends in any mix, a byte order mark, a missing
/// last line end, a trailing ^Z, blank lines, a first line `sep=;`. What it forgave is in `normalisations`. A quote inside
/// an unquoted field is an ordinary character. Memory is bounded by the longest row, and a row by `maximumFieldBytes` and
/// `maximumColumns`.
struct DelimitedReader {
    static let maximumRecordBytes = 1 << 26
    private static let initialBufferBytes = 1 << 20

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
    var scanner: RecordScanner
    private let owner: BufferOwner
    private var isFirstBlock = true

    /// Opens the file and reads its header.
    /// - Parameter computesDigest: whether anybody will ask for the digest.
    init(path: String, dialect: DelimitedDialect, computesDigest: Bool = true) throws(DataError) {
        self.dialect = dialect
        stream = try ByteStream(path: path, computesDigest: computesDigest)
        owner = BufferOwner(capacity: Self.initialBufferBytes)
        scanner = RecordScanner(dialect: dialect, path: path, buffer: owner.buffer)
        try fill()
        normalisations.compression = stream.compression
        if scanner.filled == 0 {
            throw DataError(.fileEmpty, "is empty", file: path, fix: "check the export that made it")
        }
        if let foreign = ForeignContent(UnsafeBufferPointer(rebasing: scanner.buffer[..<scanner.filled])) {
            throw DataError(.notATable, foreign.problem, file: path, fix: foreign.fix)
        }
        try skipSeparatorLine()
        try skipPreamble()
        try readHeader()
    }

    /// SHA-256 of the file as stored, in hexadecimal; complete once all rows are read, and empty where it is not computed.
    var digest: String { stream.digest }

    /// The next rows, as many as the buffer holds whole, up to some 262,144 fields.
    /// - Returns: `false` at the end of the file.
    mutating func nextBatch(reusing batch: inout RecordBatch?) throws(DataError) -> Bool {
        var next = batch ?? RecordBatch(bytes: UnsafeBufferPointer(scanner.buffer))
        batch = nil
        next.fields.removeAll(keepingCapacity: true)
        next.records.removeAll(keepingCapacity: true)
        defer { batch = next }
        while next.records.isEmpty {
            var fault: DataError?
            do {
                try scanner.scan(into: &next, maximumRecords: .max)
            } catch {
                // Rows before the fault come first; the next call meets it again.
                guard let last = next.records.last else { throw error }
                next.fields.removeSubrange((last.firstField + last.fieldCount)...)
                fault = error
            }
            if dialect.skipFooter > 0 { holdBackFooter(&next) }
            guard next.records.isEmpty else { break }
            if let fault { throw fault }
            if scanner.atEnd {
                normalisations.lineEnds = scanner.lineEnds
                return false
            }
            try fill()
        }
        next.bytes = UnsafeBufferPointer(scanner.buffer)
        return true
    }

    /// Leaves out the rows that may be among the last ones of the file: they are read again once more is known.
    private mutating func holdBackFooter(_ batch: inout RecordBatch) {
        let kept = max(0, batch.records.count - dialect.skipFooter)
        guard kept < batch.records.count else { return }
        let isLastBatch = scanner.atEnd && scanner.consumed == scanner.filled
        if !isLastBatch {
            let first = batch.records[kept]
            scanner.consumed = Int(first.start)
            scanner.line = first.line
            scanner.lineEnds = first.lineEndsBefore
        }
        batch.fields.removeSubrange(batch.records[kept].firstField...)
        batch.records.removeSubrange(kept...)
    }

    // MARK: Filling the buffer

    /// Moves what is left to the front and fills the room behind it.
    mutating func fill() throws(DataError) {
        guard let base = scanner.buffer.baseAddress else { return }
        if scanner.consumed > 0 {
            base.update(from: base + scanner.consumed, count: scanner.filled - scanner.consumed)
            scanner.filled -= scanner.consumed
            scanner.consumed = 0
        }
        // Transcoding may triple a block, so a third of the room is what may be read.
        let room = (scanner.buffer.count - scanner.filled) / (dialect.encoding == .utf8 ? 1 : 3)
        if room < scanner.buffer.count / 4 {
            guard scanner.buffer.count < Self.maximumRecordBytes else {
                throw DataError(
                    .fieldTooLong,
                    "the row that begins here is longer than \(Self.maximumRecordBytes) bytes",
                    file: path,
                    line: scanner.line,
                    fix: "look for an unclosed quote; check the delimiter"
                )
            }
            growBuffer()
            return try fill()
        }
        var count = 0
        // A row of many megabytes would be scanned again for every small piece: fill the room before the next scan.
        while count < room, !scanner.atEnd {
            let target = UnsafeMutableRawBufferPointer(
                start: scanner.buffer.baseAddress.map { $0 + scanner.filled + count },
                count: room - count
            )
            let piece = try stream.read(into: target)
            if piece == 0 { scanner.atEnd = true }
            count += piece
        }
        if isFirstBlock {
            isFirstBlock = false
            let mark = try byteOrderMarkLength(count)
            if mark > 0, let start = scanner.buffer.baseAddress {
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
        scanner.filled += dialect.encoding == .utf8 ? count : transcode(count)
        if scanner.atEnd, scanner.filled > 0, scanner.buffer[scanner.filled - 1] == 0x1A {
            scanner.filled -= 1
            normalisations.endOfFileMark = true
        }
    }

    /// The length of UTF-8's byte order mark, if the file begins with it.
    /// - Throws: `unsupportedEncoding` for the marks of UTF-16 and UTF-32.
    private func byteOrderMarkLength(_ count: Int) throws(DataError) -> Int {
        let start = scanner.buffer.prefix(min(4, count))
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
        let source = Array(scanner.buffer[scanner.filled..<scanner.filled + count])
        let target = UnsafeMutableBufferPointer(rebasing: scanner.buffer[scanner.filled...])
        return source.withUnsafeBufferPointer { SingleByteEncoding.transcode($0, dialect.encoding, into: target) }
    }

    mutating func growBuffer() { scanner.buffer = owner.grow(keeping: scanner.filled) }
}

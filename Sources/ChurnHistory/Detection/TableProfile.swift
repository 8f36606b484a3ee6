/// What the files of one layout hold, column by column: every row is read once, in a bounded amount of memory.
public struct TableProfile: Sendable {
    public let files: [String]
    public let layout: FileLayout
    public let encoding: DelimitedDialect.Encoding
    /// Why this encoding; `nil` for plain ASCII.
    public let encodingReason: String?
    public private(set) var columns: [ColumnProfile]
    /// Rows, malformed ones included.
    public private(set) var rows = 0
    /// Rows with another number of fields, broken quotes or bytes that are no text, and the first of them.
    public private(set) var malformed = 0
    public private(set) var firstMalformed: DataError?
    /// How many of the very last rows of the last file are malformed, or begin like a footer, without another one behind
    /// them.
    public private(set) var trailingMalformed = 0
    /// Rows that repeat an earlier one to the byte.
    public private(set) var duplicates = 0
    /// Those of them whose first copy stands in another file.
    public private(set) var duplicatesAcrossFiles = 0
    public private(set) var firstDuplicate: (file: String, line: Int)?
    /// Whether all rows were compared; where there were too many, `duplicates` is the least that there are.
    public private(set) var areDuplicatesExact = true

    /// Rows of which copies are looked for: 16 bytes and a file number each.
    static let maximumWatchedRows = 1 << 23

    /// Reads all files.
    public init(files: [String], layout: FileLayout, encoding: EncodingEvidence) throws(DataError) {
        guard let calendar = StudyCalendar(timeZoneName: "UTC") else {
            preconditionFailure("every system knows UTC")
        }
        self.files = files
        self.layout = layout
        self.encoding = encoding.encoding
        encodingReason = encoding.reason
        columns = layout.columnNames.enumerated().map {
            ColumnProfile(name: $1, position: $0, calendar: calendar)
        }
        var seen: [RowHash: Int32] = [:]
        for (number, file) in files.enumerated() { try read(file, number: Int32(number), &seen) }
        for column in columns.indices { columns[column].finish() }
        if rows == malformed {
            throw firstMalformed
                ?? DataError(.headerOnly, "has no rows", file: files.first, fix: "check the export that made it")
        }
    }

    private mutating func read(_ path: String, number: Int32, _ seen: inout [RowHash: Int32]) throws(DataError) {
        var reader = try DelimitedReader(path: path, dialect: layout.dialect(encoding: encoding))
        // Columns may stand in another order in another file.
        var positions: [Int] = []
        for name in reader.columnNames {
            guard let position = layout.columnNames.firstIndex(of: name) else { continue }
            positions.append(position)
        }
        // Rows are compared as a run compares them: in the order of the first file's columns.
        let isReordered = positions != Array(positions.indices)
        trailingMalformed = 0
        var batch: RecordBatch?
        while try reader.nextBatch(reusing: &batch) {
            guard let read = batch else { break }
            for record in read.records {
                rows += 1
                let row = read.row(record)
                if let fault = Self.fault(record, row, columns: positions.count) {
                    malformed += 1
                    trailingMalformed += 1
                    if firstMalformed == nil {
                        firstMalformed = DataError(fault.code, fault.problem, file: path, line: record.line)
                    }
                    continue
                }
                if FooterWatch.beginsLikeAFooter(row) { trailingMalformed += 1 } else { trailingMalformed = 0 }
                watch(
                    isReordered ? canonicalHash(read, record, positions) : RowHash(row),
                    path,
                    record.line,
                    number,
                    &seen
                )
                for (field, position) in positions.enumerated() {
                    read.withContent(read.fields[record.firstField + field]) {
                        columns[position].take($0, line: record.line)
                    }
                }
            }
        }
    }

    private static func fault(
        _ record: RecordBatch.Record,
        _ row: UnsafeBufferPointer<UInt8>,
        columns: Int
    ) -> (code: DataErrorCode, problem: String)? {
        if record.strayQuoteField != nil { return (.strayQuote, "has text after its closing quote") }
        if record.fieldCount != columns {
            return (.wrongFieldCount, "the row has \(record.fieldCount) fields where others have \(columns)")
        }
        if case .faulty(let fault) = TextKind(row) { return (.invalidText, fault.problem) }
        return nil
    }

    private mutating func watch(
        _ hash: RowHash,
        _ path: String,
        _ line: Int,
        _ file: Int32,
        _ seen: inout [RowHash: Int32]
    ) {
        if let first = seen[hash] {
            duplicates += 1
            if first != file { duplicatesAcrossFiles += 1 }
            if firstDuplicate == nil { firstDuplicate = (path, line) }
        } else if seen.count < Self.maximumWatchedRows {
            seen[hash] = file
        } else {
            areDuplicatesExact = false
        }
    }

    /// The hash of a row with its cells in the order of the layout's columns, quotes as they stand.
    private func canonicalHash(_ batch: RecordBatch, _ record: RecordBatch.Record, _ positions: [Int]) -> RowHash {
        var fields = [Int](repeating: 0, count: positions.count)
        for (field, position) in positions.enumerated() where position < fields.count { fields[position] = field }
        let delimiter: UInt8 = if case .byte(let byte) = layout.delimiter { byte } else { 0x20 }
        var bytes: [UInt8] = []
        for (index, number) in fields.enumerated() {
            if index > 0 { bytes.append(delimiter) }
            let field = batch.fields[record.firstField + number]
            let start = Int(field.start)
            let isQuoted = start > Int(record.start) && batch.bytes[start - 1] == UInt8(ascii: "\"")
            if isQuoted { bytes.append(UInt8(ascii: "\"")) }
            bytes.append(contentsOf: field.raw(in: batch.bytes))
            if isQuoted { bytes.append(UInt8(ascii: "\"")) }
        }
        return bytes.withUnsafeBufferPointer { RowHash($0) }
    }

    /// How many different cells a column has, blank ones left out: read anew, with 8 bytes a value in memory.
    public func countDistinct(_ column: String) throws(DataError) -> Int {
        var hashes = Set<UInt64>()
        for file in files {
            var reader = try DelimitedReader(path: file, dialect: layout.dialect(encoding: encoding))
            guard let position = reader.columnNames.firstIndex(of: column) else { continue }
            let count = reader.columnNames.count
            var batch: RecordBatch?
            while try reader.nextBatch(reusing: &batch) {
                guard let read = batch else { break }
                for record in read.records where record.fieldCount == count && record.strayQuoteField == nil {
                    read.withContent(read.fields[record.firstField + position]) { cell in
                        if !isBlank(cell) { hashes.insert(RowHash(cell).low) }
                    }
                }
            }
        }
        return hashes.count
    }

    /// Rows at the end of a single file among which all malformed ones are: sums, signatures.
    public var footerRows: Int? {
        let isFooter =
            files.count == 1 && malformed > 0 && trailingMalformed >= malformed
            && trailingMalformed <= 20 && rows > 2 * trailingMalformed
        return isFooter ? trailingMalformed : nil
    }

    /// A column by its name.
    public func column(_ name: String) -> ColumnProfile? { columns.first { $0.name == name } }
}

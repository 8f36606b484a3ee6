/// A file of rows that is written again without some of them: the others stay as they are, to the byte.
///
/// Nothing has changed until `commit`, and then all of it.
public final class FileRewriting {
    /// Takes the rows that stay.
    public let file: AtomicFile
    public internal(set) var removedRows = 0
    private let before: FileIdentity

    /// - Throws: `fileMissing` where there is no such file.
    public init(path: String) throws(DataError) {
        guard let identity = FileIdentity(path: path) else {
            throw DataError(.fileMissing, "is not there", file: path)
        }
        before = identity
        file = try AtomicFile(path: path, hashes: true)
    }

    /// Counts a row that does not stay.
    public func removeRow() { removedRows += 1 }

    /// Puts the rows that stay in the place of the file.
    /// - Returns: `false`, and the file stays as it is, where somebody has written to it since.
    public func commit() throws(DataError) -> Bool {
        guard FileIdentity(path: file.path) == before else { return false }
        try file.commit()
        return true
    }

    /// Copies the rows of a CSV file that ChurnKit has written.
    /// - Parameters:
    ///   - columns: of which the cells decide.
    ///   - isGone: which rows do not stay, by their cells in these columns.
    /// - Throws: `missingColumn` for a file without one of them.
    public func copyCSV(columns: [String], without isGone: ([String]) -> Bool) throws(DataError) {
        let path = file.path
        var reader = try DelimitedReader(path: path, dialect: DelimitedDialect(), computesDigest: false)
        var numbers: [Int] = []
        for name in columns {
            guard let number = reader.columnNames.firstIndex(of: name) else {
                throw DataError(.missingColumn, "has no such column, and is none of ours", file: path, column: name)
            }
            numbers.append(number)
        }
        let lineEnd: [UInt8] = [0x0A]
        try file.write(reader.headerBytes)
        try file.write(lineEnd)
        var batch: RecordBatch?
        while try reader.nextBatch(reusing: &batch) {
            guard let rows = batch else { break }
            for record in rows.records {
                let cells = numbers.map { number in
                    number < record.fieldCount
                        ? CSVLine.restored(rows.text(rows.fields[record.firstField + number])) : ""
                }
                if isGone(cells) {
                    removeRow()
                } else {
                    try file.write(UnsafeRawBufferPointer(rows.row(record)))
                    try file.write(lineEnd)
                }
            }
        }
    }
}

import Foundation

/// A file of rows that is written again without some of them: the others stay as they are, to the byte.
///
/// Nothing has changed until `commit`, and then all of it.
public final class FileRewriting {
    /// Takes the rows that stay.
    public let file: AtomicFile
    public private(set) var removedRows = 0
    private let before: (identity: FileIdentity, status: stat)

    /// - Throws: `fileMissing` where there is no such file.
    public init(path: String) throws(DataError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw DataError(.fileMissing, "is not there", file: path) }
        before = (FileIdentity(status), status)
        file = try AtomicFile(path: path, mode: status.st_mode & 0o777, hashes: true)
    }

    /// Counts a row that does not stay.
    public func removeRow() { removedRows += 1 }

    /// Puts the rows that stay in the place of the file, with its owner and rights.
    /// - Parameter keepsTime: whether the file looks as if it had not been written to.
    /// - Returns: `false`, and the file stays as it is, where somebody has written to it since.
    public func commit(keepsTime: Bool = false) throws(DataError) -> Bool {
        try file.commit(replacing: before, keepsTime: keepsTime)
    }

    /// Copies the rows of a CSV file that ChurnKit has written.
    /// - Parameters:
    ///   - columns: of which the cells decide.
    ///   - isGone: which rows do not stay, by their cells in these columns.
    /// - Throws: `missingColumn` for a file without one of them; `notATable` for one that is not written as ours are.
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
        let form = reader.normalisations
        guard form.sentences.isEmpty, form.lineEnds.carriageReturnLineFeed == 0 else {
            throw DataError(
                .notATable,
                "is not written as ChurnKit writes files, and would not stay as it is",
                file: path,
                fix: "take the customer out of it by other means"
            )
        }
    }
}

/// Names of a customer, told from others by their bytes, as the sources' ids are.
public struct CustomerNames: Sendable {
    /// Ascending.
    public let texts: [String]
    private let bytes: Set<[UInt8]>

    public init(_ texts: [String]) {
        bytes = Set(texts.map { Array($0.utf8) })
        self.texts = bytes.map { String(decoding: $0, as: UTF8.self) }.sorted()
    }

    public func contains(_ text: String) -> Bool { bytes.contains(Array(text.utf8)) }

    /// Whether a text has one of the names as a word of its own: no letter or digit stands beside it.
    public func isNamed(in text: String) -> Bool { isNamed(in: Data(text.utf8)) }

    public func isNamed(in data: Data) -> Bool { texts.contains { !Self.places(of: $0, in: data).isEmpty } }

    /// A text with something else in the place of each name that is a word of its own.
    public func masked(_ text: String, by mask: String) -> String {
        var data = Data(text.utf8)
        for name in texts {
            for range in Self.places(of: name, in: data).reversed() {
                data.replaceSubrange(range, with: Data(mask.utf8))
            }
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// Ascending.
    private static func places(of name: String, in data: Data) -> [Range<Data.Index>] {
        func isPartOfWord(_ index: Int) -> Bool {
            guard data.indices.contains(index) else { return false }
            let byte = data[index]
            return byte >= 0x80 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
        }
        var places: [Range<Data.Index>] = []
        var rest = data.startIndex..<data.endIndex
        while let found = data.range(of: Data(name.utf8), in: rest) {
            if !isPartOfWord(found.lowerBound - 1), !isPartOfWord(found.upperBound) { places.append(found) }
            rest = found.upperBound..<data.endIndex
        }
        return places
    }
}

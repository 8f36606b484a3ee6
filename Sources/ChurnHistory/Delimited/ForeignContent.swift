/// What a file is that should be a delimited text and is something else.
struct ForeignContent {
    let problem: String
    let fix: String

    private static let exportAsCSV = "export the table as CSV"

    /// By the bytes that such files begin with.
    private static let signatures: [(start: [UInt8], problem: String, fix: String)] = [
        (
            Array("version https://git-lfs.github.com/spec/".utf8), "is a pointer of Git LFS, not the file itself",
            "fetch the file: git lfs pull"
        ),
        (
            Array("/annex/objects/".utf8), "is a pointer of git-annex, not the file itself",
            "fetch the file: git annex get"
        ),
        (Array("PK\u{3}\u{4}".utf8), "is a ZIP archive or an Excel workbook", "unpack it, or \(exportAsCSV)"),
        ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "is an old Excel workbook", exportAsCSV),
        (Array("PAR1".utf8), "is a Parquet file", exportAsCSV),
        (Array("ARROW1".utf8), "is an Arrow file", exportAsCSV),
        (Array("SQLite format 3\0".utf8), "is an SQLite database", exportAsCSV),
        (Array("%PDF-".utf8), "is a PDF document", exportAsCSV),
        (Array("{\\rtf".utf8), "is a text document (RTF)", exportAsCSV),
        (Array("BZh9".utf8), "is compressed with bzip2", "decompress it, or compress it with gzip or zstd"),
        (
            [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "is compressed with xz",
            "decompress it, or compress it with gzip or zstd"
        ),
    ]

    private static let markup = ["<!doctype", "<html", "<head", "<?xml", "<!--"]

    /// Looks at the first bytes of a file.
    /// - Returns: `nil` where nothing speaks against a table.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        if let known = Self.signatures.first(where: { bytes.starts(with: $0.start) }) {
            problem = known.problem
            fix = known.fix
            return
        }
        let text = bytes.prefix(4096).drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        let start = String(decoding: text.prefix(16), as: UTF8.self).lowercased()
        if ["{\"", "[{", "[\n", "[\r", "{\n"].contains(where: start.hasPrefix) {
            problem = "is JSON, not a table"
            fix = Self.exportAsCSV
            return
        }
        guard Self.markup.contains(where: start.hasPrefix) else { return nil }
        problem = "is a web page or XML, not a table"
        fix = "fetch the file itself: such a page often is a login or an error; or \(Self.exportAsCSV)"
    }
}

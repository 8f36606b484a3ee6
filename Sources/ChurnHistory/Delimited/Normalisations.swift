/// What a reading took for granted in one file: oddities of its form that change no value.
public struct Normalisations: Sendable, Equatable, Codable {
    /// How the rows of a file end.
    public struct LineEnds: Sendable, Equatable, Codable {
        public internal(set) var lineFeed = 0
        public internal(set) var carriageReturnLineFeed = 0
        public internal(set) var carriageReturn = 0

        /// More than one kind of line end.
        public var isMixed: Bool { [lineFeed, carriageReturnLineFeed, carriageReturn].count { $0 > 0 } > 1 }
    }

    /// `gzip` or `zstd`, found by the content whatever the name says.
    public internal(set) var compression: String?
    /// UTF-8's byte order mark at the start.
    public internal(set) var byteOrderMark = false
    /// A first line `sep=;`.
    public internal(set) var separatorLine = false
    /// A ^Z at the end, as CP/M and DOS wrote it.
    public internal(set) var endOfFileMark = false
    public internal(set) var lineEnds = LineEnds()
    /// Times in an hour that clocks showed twice; the first was meant.
    public internal(set) var repeatedHours = 0
    /// Columns that the first file of the source does not have.
    public internal(set) var extraColumns: [String] = []

    /// Takes what the reader of the file found.
    mutating func take(_ read: Normalisations) {
        compression = read.compression
        byteOrderMark = read.byteOrderMark
        separatorLine = read.separatorLine
        endOfFileMark = read.endOfFileMark
        lineEnds = read.lineEnds
    }

    /// A sentence a finding, empty where the file was plain.
    public var sentences: [String] {
        var sentences: [String] = []
        if let compression { sentences.append("\(compression), decompressed") }
        if byteOrderMark { sentences.append("byte order mark skipped") }
        if separatorLine { sentences.append("first line `sep=` skipped") }
        if endOfFileMark { sentences.append("^Z at the end dropped") }
        if lineEnds.isMixed {
            sentences.append(
                "line ends mixed: \(lineEnds.lineFeed) LF, \(lineEnds.carriageReturnLineFeed) CRLF,"
                    + " \(lineEnds.carriageReturn) CR"
            )
        } else if lineEnds.carriageReturn > 0 {
            sentences.append("lines end with CR alone")
        }
        if repeatedHours > 0 {
            sentences.append("\(repeatedHours) times in an hour that clocks showed twice: the first was taken")
        }
        if !extraColumns.isEmpty {
            sentences.append("columns that the first file does not have: \(extraColumns.joined(separator: ", "))")
        }
        return sentences
    }
}

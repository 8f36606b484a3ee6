/// How a delimited text file is written.
public struct DelimitedDialect: Sendable, Equatable {
    public enum Delimiter: Sendable, Equatable {
        /// One byte between fields: comma, semicolon, tab, bar.
        case byte(UInt8)
        /// Runs of blanks and tabs; leading ones do not count, and there are no quotes.
        case blanks
    }

    public enum Encoding: String, Sendable, CaseIterable {
        case utf8 = "utf-8"
        case windows1252 = "windows-1252"
        case latin1 = "iso-8859-1"
    }

    public var delimiter = Delimiter.byte(UInt8(ascii: ","))
    public var numbers = NumberFormat.point
    public var encoding = Encoding.utf8
    /// Names of the columns when the file has no header.
    public var columnNames: [String]?
    /// Lines before the header (or the first row) that are not part of the table.
    public var skipLines = 0
    /// Cell texts that mean "no value". Without any, an empty number is an error.
    public var nullTexts: [String] = []

    public init() {}
}

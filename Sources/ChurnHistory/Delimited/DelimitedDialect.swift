/// How a delimited text file is written.
///
/// What is `nil` was not decided: there the customary reading is tried, and a cell that only another one could read stops
/// the run, however many rows may be rejected.
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
    /// How numbers are written.
    public var numbers = NumberFormat.point
    /// Whether somebody said which mark is the decimal one; else `1.234` is in doubt.
    public var decimalIsDecided = false
    /// UTF-8 where nobody said.
    public var decidedEncoding: Encoding?
    /// Names of the columns when the file has no header.
    public var columnNames: [String]?
    /// Lines before the header (or the first row) that are not part of the table.
    public var skipLines = 0
    /// Rows at the end of the file that are not part of the table; 0 to `maximumFooter`.
    public var skipFooter = 0
    public static let maximumFooter = 10_000
    /// Cell texts that mean "no value". Without any, an empty number is an error.
    public var nullTexts: [String] = []

    /// Where the user makes these settings, for messages.
    var settings = SettingPlace.study

    public var encoding: Encoding { decidedEncoding ?? .utf8 }

    public init() {}
}

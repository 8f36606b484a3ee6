import Testing

@testable import ChurnHistory

/// One row of the table of bad inputs: a file, and what must be said of it.
struct BadInput: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// `nil` where there is no file.
    let content: [UInt8]?
    /// Keys of the source in which it differs from `HistoryFixture.plain` with duplicates kept and an amount.
    var keys: [String: String] = [:]
    var zone = "UTC"
    let code: DataErrorCode
    var line: Int?
    var field: Int?
    /// A part of what the message says is wrong.
    let problem: String
    /// A part of what it says to do.
    let fix: String

    init(
        _ name: String,
        _ content: [UInt8]?,
        keys: [String: String] = [:],
        zone: String = "UTC",
        _ code: DataErrorCode,
        line: Int? = nil,
        field: Int? = nil,
        _ problem: String,
        fix: String
    ) {
        testDescription = name
        self.content = content
        self.keys = keys
        self.zone = zone
        self.code = code
        self.line = line
        self.field = field
        self.problem = problem
        self.fix = fix
    }

    /// A bad row behind the header, a good row and one of two lines, so that it stands on line 5.
    static func row(
        _ name: String,
        _ row: String,
        keys: [String: String] = [:],
        zone: String = "UTC",
        _ code: DataErrorCode,
        field: Int? = nil,
        _ problem: String,
        fix: String
    ) -> BadInput {
        let content = "customer,time,amount\nA,2024-01-02,10\n\"two\nlines\",2024-01-02,20\n\(row)\nB,2024-01-02,30\n"
        return BadInput(
            name,
            Array(content.utf8),
            keys: keys,
            zone: zone,
            code,
            line: 5,
            field: field,
            problem,
            fix: fix
        )
    }

    private static let header = Array("customer,time,amount\n".utf8)

    static let bytes = [
        BadInput("missing file", nil, .fileMissing, "No such file", fix: "check"),
        BadInput("zero bytes", [], .fileEmpty, "is empty", fix: "export"),
        BadInput("header only", header, .headerOnly, "no rows", fix: "export"),
        BadInput("blank lines only", Array("\n\r\n".utf8), .fileEmpty, "no header", fix: ""),
        BadInput("UTF-16 little endian", [0xFF, 0xFE, 0x63, 0x00], .unsupportedEncoding, "UTF-16", fix: "iconv"),
        BadInput("UTF-16 big endian", [0xFE, 0xFF, 0x00, 0x63], .unsupportedEncoding, "UTF-16", fix: "iconv"),
        BadInput(
            "invalid UTF-8",
            header + Array("A,2024-01-02,1\nM".utf8) + [0xFC] + Array("ller,2024-01-02,1\n".utf8),
            .invalidText,
            line: 3,
            "not valid UTF-8",
            fix: "encoding: windows-1252"
        ),
        BadInput(
            "header in another encoding",
            Array("customer,time,amount,Gr".utf8) + [0xF6, 0xDF, 0x65] + Array("\nA,2024-01-02,1,2\n".utf8),
            .invalidText,
            line: 1,
            "not valid UTF-8",
            fix: "encoding: windows-1252"
        ),
        .row("NUL byte", "A\0,2024-01-02,1", .invalidText, "NUL", fix: ""),
        BadInput(
            "truncated gzip",
            [0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0, 0xFF],
            .damagedCompression,
            "truncated",
            fix: "gzip -t"
        ),
        BadInput("truncated zstd", [0x28, 0xB5, 0x2F, 0xFD, 0x24], .damagedCompression, "truncated", fix: "zstd -t"),
        .row(
            "field over 1 MiB",
            "A,2024-01-02,\(String(repeating: "1", count: 1 << 20 | 1))",
            .fieldTooLong,
            field: 3,
            "longer than 1048576 bytes",
            fix: "unclosed quote"
        ),
        .row(
            "over 4,096 columns",
            String(repeating: ",", count: 4096),
            .tooManyColumns,
            "more than 4096",
            fix: "delimiter"
        ),
    ]

    static let structure = [
        BadInput.row("unclosed quote", "A,\"2024-01-02,1", .unclosedQuote, field: 2, "never closed", fix: "double it"),
        .row(
            "text after a closing quote",
            "\"A\"B,2024-01-02,1",
            .strayQuote,
            field: 1,
            "after its closing",
            fix: "double"
        ),
        .row("short row", "A,2024-01-02", .wrongFieldCount, "has 2 fields where the header has 3", fix: "delimiter"),
        .row(
            "long row",
            "A,2024-01-02,1,2",
            .wrongFieldCount,
            "has 4 fields where the header has 3",
            fix: "quote fields"
        ),
        .row("decimal comma that splits a row", "A,2024-01-02,1,5", .wrongFieldCount, "4 fields", fix: "quote fields"),
        .row("header in the middle", "customer,time,amount", .notANumber, field: 3, "is not a number", fix: "correct"),
        BadInput(
            "duplicate header",
            Array("customer,time,time\nA,2024-01-01,1\n".utf8),
            .badHeader,
            line: 1,
            field: 3,
            "twice",
            fix: "rename"
        ),
        BadInput(
            "empty header",
            Array("customer,,amount\nA,2024-01-01,1\n".utf8),
            .badHeader,
            line: 1,
            field: 2,
            "empty name",
            fix: "header: false"
        ),
        BadInput(
            "missing column",
            Array("customer,date,amount\nA,2024-01-01,1\n".utf8),
            .missingColumn,
            "not a column",
            fix: "the file has customer, date, amount"
        ),
        BadInput(
            "misspelt column",
            Array("custoner,time,amount\nA,2024-01-01,1\n".utf8),
            .missingColumn,
            "not a column",
            fix: "did you mean `custoner`?"
        ),
        BadInput(
            "another delimiter",
            Array("customer;time;amount\nA;2024-01-01;1\n".utf8),
            .missingColumn,
            "not a column",
            fix: "customer;time;amount"
        ),
        BadInput(
            "no header",
            Array("A,2024-01-01,1\nB,2024-01-01,1\n".utf8),
            .missingColumn,
            "not a column",
            fix: "A, 2024"
        ),
        BadInput(
            "preamble longer than the file",
            header,
            keys: ["format": "{skipLines: 5}"],
            .headerOnly,
            "skipLines",
            fix: ""
        ),
        BadInput(
            "a row repeated to the byte",
            header + Array("A,2024-01-01,1\nB,2024-01-01,1\nA,2024-01-01,1\n".utf8),
            keys: ["duplicates": "~"],
            .duplicateRows,
            line: 4,
            "repeats an earlier one",
            fix: "duplicates: drop"
        ),
    ]

    static let values = [
        BadInput.row(
            "decimal comma",
            "A,2024-01-02,\"1,5\"",
            .notANumber,
            field: 3,
            "not a number",
            fix: #"decimal: ",""#
        ),
        .row(
            "thousands mark",
            "A,2024-01-02,\"1.234,56\"",
            .notANumber,
            field: 3,
            "not a number",
            fix: #"thousands: ".""#
        ),
        .row("currency sign", "A,2024-01-02,$12.50", .notANumber, field: 3, "not a number", fix: "null"),
        .row("number in parentheses", "A,2024-01-02,(12.50)", .notANumber, field: 3, "not a number", fix: "null"),
        .row("a spelling of null", "A,2024-01-02,n/a", .notANumber, field: 3, "not a number", fix: "null"),
        .row("nan", "A,2024-01-02,nan", .notANumber, field: 3, "not a number", fix: "null"),
        .row("infinity", "A,2024-01-02,-inf", .notANumber, field: 3, "not a number", fix: "null"),
        .row("1e400", "A,2024-01-02,1e400", .numberOutOfRange, field: 3, "too large", fix: ""),
        .row("empty number", "A,2024-01-02,", .missingValue, field: 3, "is empty", fix: #"null: [""]"#),
        .row("no customer", ",2024-01-02,1", .emptyCustomer, field: 1, "no customer", fix: "emptyCustomer: drop"),
        .row(
            "blank customer",
            "\" \",2024-01-02,1",
            .emptyCustomer,
            field: 1,
            "no customer",
            fix: "emptyCustomer: drop"
        ),
        .row(
            "type without a rule",
            "A,2024-01-02,7",
            keys: ["type": "{column: amount, equals: {10: buy, 20: buy, 30: buy}}"],
            .unknownType,
            field: 3,
            "no event type",
            fix: "otherwise"
        ),
    ]

    static let times = [
        BadInput.row("day and month in doubt", "A,03/04/2024,1", .notATime, field: 2, "iso8601", fix: "format"),
        .row("another format in the column", "A,02.01.2024,1", .notATime, field: 2, "iso8601", fix: "format"),
        .row("seconds since 1970", "A,1709510400,1", .notATime, field: 2, "iso8601", fix: "format"),
        .row("milliseconds since 1970", "A,1709510400000,1", .notATime, field: 2, "iso8601", fix: "format"),
        .row("serial day of a spreadsheet", "A,45352,1", .notATime, field: 2, "iso8601", fix: "format"),
        .row("no time", "A,,1", .notATime, field: 2, "iso8601", fix: "format"),
        .row("a day that is none", "A,2023-02-29,1", .notATime, field: 2, "iso8601", fix: "format"),
        .row(
            "hour that clocks skip",
            "A,2024-03-31 02:30,1",
            zone: "Europe/Berlin",
            .skippedHour,
            field: 2,
            "did not exist on the clocks of Europe/Berlin",
            fix: "zone"
        ),
        .row("1970-01-01", "A,1970-01-01,1", .timeOutOfRange, field: 2, "1970-01-02", fix: ""),
        .row("9999-12-31", "A,9999-12-31 23:59:59,1", .timeOutOfRange, field: 2, "2100", fix: ""),
        .row(
            "behind the study's end",
            "A,2024-06-01,1",
            .timeOutOfRange,
            field: 2,
            "observedUntil",
            fix: "observedUntil"
        ),
    ]
}

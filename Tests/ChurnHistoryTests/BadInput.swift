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

    /// A text in the place of the first time, where the study names no format.
    static func firstTime(_ name: String, _ text: String, fix: String) -> BadInput {
        BadInput(
            name,
            header + Array("A,\(text),1\n".utf8),
            .notATime,
            line: 2,
            field: 2,
            "is not a time written as iso8601",
            fix: fix
        )
    }

    /// What only a setting can decide: it stops a run however many rows may be rejected.
    static let choices: Set<String> = [
        "decimal comma", "thousands mark", "currency sign", "currency behind", "another currency than the study names",
        "number in parentheses", "trailing minus", "all of a German ledger at once", "a comma that may be either mark",
        "thousand and some", "a spelling of null", "thousands mark where only the decimal mark is set", "empty number",
        "an unknown currency", "day and month in doubt",
        "a German date", "seconds since 1970", "milliseconds since 1970", "serial day of a spreadsheet",
        "serial time of a spreadsheet", "a date without marks", "something else", "invalid UTF-8",
    ]

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

    /// Files that are something else than a table.
    static let foreign = [
        BadInput(
            "a web page",
            Array("\n<!DOCTYPE html><html><body>Sign in".utf8),
            .notATable,
            "web page",
            fix: "login"
        ),
        BadInput("XML", Array("<?xml version=\"1.0\"?><rows/>".utf8), .notATable, "XML", fix: "as CSV"),
        BadInput(
            "a pointer of Git LFS",
            Array("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n".utf8),
            .notATable,
            "pointer of Git LFS",
            fix: "git lfs pull"
        ),
        BadInput("a pointer of git-annex", Array("/annex/objects/MD5-s10".utf8), .notATable, "annex", fix: "annex get"),
        BadInput("an Excel workbook", Array("PK\u{3}\u{4}".utf8) + [0x14, 0], .notATable, "Excel", fix: "as CSV"),
        BadInput("a Parquet file", Array("PAR1\u{15}\u{4}".utf8), .notATable, "Parquet", fix: "as CSV"),
        BadInput("an SQLite database", Array("SQLite format 3\0".utf8), .notATable, "SQLite", fix: "as CSV"),
        BadInput("a PDF document", Array("%PDF-1.7\n".utf8), .notATable, "PDF", fix: "as CSV"),
        BadInput("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00, 0x00], .notATable, "xz", fix: "zstd"),
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
        .row("short row", "A,2024-01-02", .wrongFieldCount, "has 2 fields where there are 3 columns", fix: "delimiter"),
        .row(
            "long row",
            "A,2024-01-02,1,2",
            .wrongFieldCount,
            "has 4 fields where there are 3 columns",
            fix: "quote fields"
        ),
        .row("decimal comma that splits a row", "A,2024-01-02,1,5", .wrongFieldCount, "4 fields", fix: "quote fields"),
        .row("header in the middle", "customer,time,amount", .repeatedHeader, "repeats the header", fix: "joined"),
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
            fix: "set `header: false` and `columns: [a name for each]` in `format`; it has A, 2024"
        ),
        BadInput(
            "lines before the header",
            Array("Report\ncustomer,time,amount\nA,2024-01-01,1\n".utf8),
            .missingColumn,
            "not a column",
            fix: "`skipLines: N`"
        ),
        .row("lines after the table", "Sum,1", .wrongFieldCount, "has 2 fields", fix: "`skipFooter: N`"),
        BadInput(
            "another delimiter than the first line says",
            Array("sep=;\r\ncustomer,time,amount\n".utf8),
            .wrongDelimiter,
            line: 1,
            "says that the delimiter is \";\"",
            fix: #"`delimiter: ";"`"#
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
        .row(
            "currency sign",
            "A,2024-01-02,$12.50",
            .notANumber,
            field: 3,
            "not a number",
            fix: #"12.5, set `currency: "$"`"#
        ),
        .row(
            "number in parentheses",
            "A,2024-01-02,(12.50)",
            .notANumber,
            field: 3,
            "not a number",
            fix: "-12.5, set `negative: parentheses`"
        ),
        .row(
            "currency behind",
            "A,2024-01-02,12.50 EUR",
            .notANumber,
            field: 3,
            "number",
            fix: #"12.5, set `currency: "EUR"`"#
        ),
        .row(
            "another currency than the study names",
            "A,2024-01-02,12.50 USD",
            keys: ["format": "{currency: EUR}"],
            .notANumber,
            field: 3,
            "not a number",
            fix: #"set `currency: "USD"`"#
        ),
        .row(
            "trailing minus",
            "A,2024-01-02,12.50-",
            .notANumber,
            field: 3,
            "number",
            fix: "-12.5, set `negative: trailing`"
        ),
        .row(
            "all of a German ledger at once",
            "A,2024-01-02,\"1.234,50- €\"",
            .notANumber,
            field: 3,
            "number",
            fix: #"-1234.5, set `currency: "€"`, `negative: trailing`, `decimal: ","`, `thousands: "."`"#
        ),
        .row(
            "a comma that may be either mark",
            "A,2024-01-02,\"1,234\"",
            .notANumber,
            field: 3,
            "number",
            fix: #"1.234, set `decimal: ","` in `format`; if it means 1234, set `thousands: ","`"#
        ),
        .row(
            "thousands mark where only the decimal mark is set",
            "A,2024-01-02,\"1.234,50\"",
            keys: ["format": #"{decimal: ","}"#],
            .notANumber,
            field: 3,
            "number",
            fix: #"1234.5, set `thousands: "."`"#
        ),
        .row(
            "thousand and some",
            "A,2024-01-02,1.234",
            .ambiguousNumber,
            field: 3,
            "a thousand and some",
            fix: #"`decimal: "."`"#
        ),
        .row(
            "a whole number of 20 digits",
            "A,2024-01-02,12345678901234567890",
            .numberOutOfRange,
            field: 3,
            "digits",
            fix: "null"
        ),
        .row("2^53 + 1", "A,2024-01-02,9007199254740993", .numberOutOfRange, field: 3, "digits", fix: "null"),
        .row(
            "an id that was a number once",
            "1.23E+11,2024-01-02,1",
            .mangledId,
            field: 1,
            "spreadsheet",
            fix: "as text"
        ),
        .row(
            "an unknown currency",
            "C,2024-01-02,7",
            keys: ["currency": "{column: customer, base: two, rates: {A: 2, B: 2, \"two\\nlines\": 1}, others: stop}"],
            .severalCurrencies,
            field: 1,
            "no rate",
            fix: "others: drop"
        ),
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
        BadInput.firstTime(
            "day and month in doubt",
            "03/04/2024",
            fix: "`format: dd/MM/yyyy` in `time`; if month, day"
        ),
        .firstTime("a German date", "31.12.24 14:05", fix: "`format: dd.MM.yy HH:mm` in `time`"),
        .firstTime("seconds since 1970", "1709510400", fix: "`format: epochSeconds`"),
        .firstTime("milliseconds since 1970", "1709510400000", fix: "`format: epochMilliseconds`"),
        .firstTime("serial day of a spreadsheet", "45352", fix: "`format: excelDays`"),
        .firstTime("serial time of a spreadsheet", "45352.5868", fix: "`format: excelDays`"),
        .firstTime("a date without marks", "20240304", fix: "`format: yyyyMMdd`"),
        .firstTime("something else", "yesterday", fix: "how the column is written"),
        .row("another format in the column", "A,02.01.2024,1", .notATime, field: 2, "iso8601", fix: "one format"),
        .row("no time", "A,,1", .notATime, field: 2, "iso8601", fix: "fill the cell"),
        .row("a day that is none", "A,2023-02-29,1", .notATime, field: 2, "iso8601", fix: "correct the cell"),
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

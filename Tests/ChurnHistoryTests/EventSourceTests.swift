import ChurnTestSupport
import Foundation
import Testing

@testable import ChurnHistory

@Suite struct EventSourceTests {
    private static let least = "file: a.csv\ncustomer: id\ntime: date\ntype: {always: purchase}\n"

    private static func source(_ yaml: String, folder: String = "/data") throws -> EventSource {
        try EventSource(StudyNode(yaml: yaml, file: "study.yaml"), folder: folder, calendar: calendar("Europe/Berlin"))
    }

    private static func error(_ yaml: String, folder: String = "/data") -> DataError? {
        #expect(throws: DataError.self) { try source(yaml, folder: folder) }
    }

    // MARK: Keys

    @Test func theLeastThatASourceMustSayHasDefaultsForTheRest() throws {
        let source = try Self.source(Self.least)
        #expect(source.files == ["/data/a.csv"])
        #expect(source.dialect == DelimitedDialect())
        #expect(source.customer == "id")
        #expect(source.emptyCustomer == .reject)
        #expect(source.duplicates == nil)
        #expect(source.time.column == "date")
        #expect(source.time.format == .iso8601)
        #expect(source.time.zone?.timeZoneName == nil)
        #expect(source.type == .always("purchase"))
        #expect(source.amount == .none)
        #expect(source.quantity == nil)
        #expect(source.group == nil)
        #expect(!source.mergeSameDay)
        #expect(source.attributes == [])
    }

    @Test func everyKeyIsRead() throws {
        let source = try Self.source(
            """
            file: [a.csv, /elsewhere/b.csv]
            format: {delimiter: ";", decimal: ",", thousands: ".", encoding: windows-1252, skipLines: 2, null: ["", NA]}
            customer: CustomerID
            emptyCustomer: drop
            duplicates: keep
            time: {column: when, format: dd.MM.yyyy, zone: America/New_York}
            type: {column: kind, startsWith: {C: return, P: purchase}, otherwise: other}
            amount: {multiply: [Quantity, UnitPrice]}
            quantity: Quantity
            group: InvoiceNo
            mergeSameDay: true
            attributes: {product: StockCode, country: Country}
            """
        )
        #expect(source.files == ["/data/a.csv", "/elsewhere/b.csv"])
        #expect(source.dialect.delimiter == .byte(UInt8(ascii: ";")))
        #expect(
            source.dialect.numbers == NumberFormat(decimalMark: UInt8(ascii: ","), thousandsMark: UInt8(ascii: "."))
        )
        #expect(source.dialect.encoding == .windows1252)
        #expect(source.dialect.skipLines == 2)
        #expect(source.dialect.nullTexts == ["", "NA"])
        #expect(source.customer == "CustomerID")
        #expect(source.emptyCustomer == .drop)
        #expect(source.duplicates == .keep)
        #expect(source.time.column == "when")
        #expect(source.time.format == TimeFormat("dd.MM.yyyy"))
        #expect(source.time.zone?.timeZoneName == "America/New_York")
        #expect(
            source.type
                == .startsWith(
                    column: "kind",
                    types: [
                        .init(pattern: Array("C".utf8), type: "return"),
                        .init(pattern: Array("P".utf8), type: "purchase"),
                    ],
                    otherwise: "other"
                )
        )
        #expect(source.amount == .product(["Quantity", "UnitPrice"]))
        #expect(source.quantity == "Quantity")
        #expect(source.group == "InvoiceNo")
        #expect(source.mergeSameDay)
        #expect(
            source.attributes == [
                .init(name: "product", column: "StockCode"), .init(name: "country", column: "Country"),
            ]
        )
    }

    @Test(
        arguments: [
            ("kind", .cell(column: "kind")), ("{column: kind}", .cell(column: "kind")),
            ("{always: visit}", .always("visit")),
            (
                "{column: k, equals: {R: return}}",
                .equals(column: "k", types: [.init(pattern: [0x52], type: "return")], otherwise: nil)
            ),
        ] as [(String, EventSource.TypeRule)]
    )
    func typesComeFromARule(yaml: String, rule: EventSource.TypeRule) throws {
        #expect(try Self.source("file: a.csv\ncustomer: id\ntime: date\ntype: \(yaml)\n").type == rule)
    }

    @Test func theAmountMayBeOneColumn() throws {
        #expect(try Self.source(Self.least + "amount: price\n").amount == .product(["price"]))
    }

    @Test(arguments: ["file", "customer", "time", "type"]) func aMissingKeyIsNamed(key: String) {
        let lines = Self.least.split(separator: "\n").filter { !$0.hasPrefix("\(key):") }
        let error = Self.error(lines.joined(separator: "\n"))
        #expect(error?.code == .missingKey)
        #expect(error?.problem == "the key `\(key)` is missing")
        #expect(error?.line == 1)
    }

    @Test(arguments: [
        ("duplicate: keep", "duplicate", "did you mean `duplicates`?"),
        ("time: {colunm: date}", "time.colunm", "did you mean `column`?"),
        ("type: {allways: x}", "type.allways", "did you mean `always`?"),
        ("amount: {multiplied: [a]}", "amount.multiplied", "did you mean `multiply`?"),
        ("format: {delimitr: x}", "format.delimitr", "did you mean `delimiter`?"),
    ])
    func unknownKeysAreRefusedAtEveryLevel(line: String, path: String, suggestion: String) {
        let key = line.prefix { $0 != ":" }
        let lines = Self.least.split(separator: "\n").filter { !$0.hasPrefix("\(key):") }
        let error = Self.error((lines + [Substring(line)]).joined(separator: "\n"))
        #expect(error?.code == .unknownKey)
        #expect(error?.column == path)
        #expect(error?.line == lines.count + 1)
        #expect(error?.fix?.hasPrefix(suggestion) == true)
    }

    @Test(
        arguments: [
            ("emptyCustomer: keep", DataErrorCode.badValue, "emptyCustomer", "known are reject, drop"),
            ("duplicates: yes", .badValue, "duplicates", "known are keep, drop"),
            ("duplicates: [keep]", .wrongType, "duplicates", nil), ("quantity: {a: 1}", .wrongType, "quantity", nil),
            ("mergeSameDay: yes", .wrongType, "mergeSameDay", nil), ("group: [a, b]", .wrongType, "group", nil),
            ("attributes: [a, a]", .badValue, "attributes", nil), ("amount: {plus: a}", .missingKey, "amount", "minus"),
            ("attributes: {a: [b]}", .wrongType, "attributes.a", nil),
            ("amount: [a, b]", .wrongType, "amount", nil), ("amount: {}", .missingKey, "amount", "column"),
            ("amount: {plus: a, minus: a}", .badValue, "amount.minus", nil),
            (
                "amount: {column: a, sign: {column: b, negative: [S], positive: [S]}}", .badValue,
                "amount.sign.positive", nil
            ),
            ("currency: {base: EUR, rates: {€: 1.1}}", .badValue, "currency.rates.€", "leave it out"),
            ("currency: {base: EUR, rates: {USD: 0}}", .wrongType, "currency.rates.USD", nil),
            ("format: {currency: 1}", .badValue, "format.currency", "EUR"),
            ("format: {negative: both}", .badValue, "format.negative", "known are trailing, parentheses"),
            ("format: {skipFooter: -1}", .badValue, "format.skipFooter", nil),
            ("amount: {multiply: [a, a]}", .badValue, "amount.multiply", nil),
            ("format: csv", .wrongType, "format", nil),
            ("format: {delimiter: x}", .badValue, "format.delimiter", "blanks"),
            ("format: {decimal: x}", .badValue, "format.decimal", "thousands"),
            ("format: {thousands: \".\"}", .badValue, "format.thousands", "decimal"),
            ("format: {decimal: \",\", thousands: \",\"}", .badValue, "format.thousands", "decimal"),
            ("format: {encoding: utf8}", .badValue, "format.encoding", "did you mean `utf-8`?"),
            ("format: {skipLines: -1}", .badValue, "format.skipLines", nil),
            ("format: {skipLines: x}", .wrongType, "format.skipLines", nil),
            ("format: {header: no}", .wrongType, "format.header", nil),
            ("format: {header: false}", .missingKey, "format", "columns"),
            ("format: {columns: [a]}", .badValue, "format", "header: false"),
        ] as [(String, DataErrorCode, String, String?)]
    )
    func aValueThatCannotBeIsRefusedAtItsKey(line: String, code: DataErrorCode, path: String, fix: String?) {
        let error = Self.error(Self.least + line + "\n")
        #expect(error?.code == code)
        #expect(error?.column == path)
        #expect(error?.line == 5)
        #expect(error?.field != nil)
        if let fix { #expect(error?.fix?.contains(fix) == true) }
    }

    @Test(arguments: [
        ("{column: date, format: dd.MM}", "time.format", "yyyy"), ("{column: date, zone: Berlin}", "time.zone", "IANA"),
    ])
    func aTimeFormatOrZoneThatDoesNotExistIsRefused(time: String, path: String, fix: String) {
        let error = Self.error("file: a.csv\ncustomer: id\ntime: \(time)\ntype: {always: x}\n")
        #expect(error?.code == .badValue)
        #expect(error?.column == path)
        #expect(error?.line == 3)
        #expect(error?.fix?.contains(fix) == true)
    }

    @Test func columnsWithoutAHeaderMustBeDistinct() {
        let error = Self.error(Self.least + "format: {header: false, columns: [id, date, id]}\n")
        #expect(error?.code == .badValue)
    }

    @Test(
        arguments: [
            (#"",""#, 0x2C), (#"";""#, 0x3B), (#""|""#, 0x7C), (#"":""#, 0x3A), ("tab", 0x09), (#""\t""#, 0x09),
            ("comma", 0x2C), ("semicolon", 0x3B),
        ] as [(String, UInt8)]
    )
    func delimitersHaveNamesAndMarks(name: String, byte: UInt8) throws {
        #expect(try Self.source(Self.least + "format: {delimiter: \(name)}\n").dialect.delimiter == .byte(byte))
    }

    @Test func blanksAreADelimiterToo() throws {
        #expect(try Self.source(Self.least + "format: {delimiter: blanks}\n").dialect.delimiter == .blanks)
    }
}

@Suite struct SourceFilesTests {
    private static func expand(_ yaml: String, folder: String) throws -> [String] {
        try SourceFiles.expand(StudyNode(yaml: yaml, file: "study.yaml"), folder: folder)
    }

    @Test func relativeNamesStartAtTheStudysFolder() throws {
        #expect(try Self.expand("[a.csv, sub/b.csv, /c.csv]", folder: "/d") == ["/d/a.csv", "/d/sub/b.csv", "/c.csv"])
        #expect(try Self.expand("a.csv", folder: "") == ["a.csv"])
    }

    @Test func theMatchesOfAGlobComeInByteOrderAndListsKeepTheirs() throws {
        let folder = try TemporaryFolder()
        for name in ["b.csv", "a10.csv", "a9.csv", "Z.csv", "a.txt"] { try folder.write(name, "x") }
        let files = try Self.expand("[b.csv, '*.csv', 'a?.csv', '[Za].*']", folder: folder.path)
        let names = files.map { $0.dropFirst(folder.path.count + 1) }
        #expect(names == ["b.csv", "Z.csv", "a10.csv", "a9.csv", "b.csv", "a9.csv", "Z.csv", "a.txt"])
    }

    @Test func aGlobWithoutAMatchIsAMissingFile() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: DataError.self) { try Self.expand("'*.csv'", folder: folder.path) }
        #expect(error?.code == .fileMissing)
        #expect(error?.file == "\(folder.path)/*.csv")
        #expect(error?.kind == .missingInput)
    }

    @Test func marksOfAGlobInTheStudysFolderAreNoPattern() throws {
        let folder = try TemporaryFolder()
        let inner = "\(folder.path)/exports [2024]"
        try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: false)
        try folder.write("exports [2024]/a.csv", "x")
        #expect(try Self.expand("a.csv", folder: inner) == ["\(inner)/a.csv"])
        #expect(try Self.expand("'*.csv'", folder: inner) == ["\(inner)/a.csv"])
    }

    @Test func theEnvironmentGivesPartsOfAPath() throws {
        let home = try #require(ProcessInfo.processInfo.environment["PATH"])
        #expect(try Self.expand("'/x/${PATH}/a.csv'", folder: "/d") == ["/x/\(home)/a.csv"])
        #expect(try Self.expand("'${CHURN_NOT_SET:-data}/a.csv'", folder: "/d") == ["/d/data/a.csv"])
        #expect(try Self.expand("'${CHURN_NOT_SET:-/x}/${CHURN_NOT_SET:-}a.csv'", folder: "/d") == ["/x/a.csv"])
    }

    @Test func aValueOfTheEnvironmentThatIsRelativeStartsAtTheWorkingFolder() async {
        // In a process of its own: changing the environment under other tests is not safe.
        await #expect(processExitsWith: .success) {
            setenv("CHURN_TEST_FOLDER", "exports", 1)
            setenv("CHURN_TEST_EMPTY", "", 1)
            let here = FileManager.default.currentDirectoryPath
            let files = try SourceFilesTests.expand(
                "['${CHURN_TEST_FOLDER}/a.csv', 'x/${CHURN_TEST_FOLDER}.csv', '${CHURN_TEST_EMPTY:-y}/a.csv']",
                folder: "/d"
            )
            #expect(files == ["\(here)/exports/a.csv", "/d/x/exports.csv", "/d/y/a.csv"])
        }
    }

    @Test func aVariableThatIsNotSetIsNamed() {
        let error = #expect(throws: DataError.self) { try Self.expand("'${CHURN_NOT_SET}/a.csv'", folder: "/d") }
        #expect(error?.code == .badValue)
        #expect(error?.problem == "needs the environment variable CHURN_NOT_SET, which is not set")
        #expect(error?.line == 1)
    }

    @Test func aVariableWithoutItsEndIsRefused() {
        let error = #expect(throws: DataError.self) { try Self.expand("'${HOME/a.csv'", folder: "/d") }
        #expect(error?.code == .badValue)
        #expect(error?.value == "${HOME/a.csv")
    }
}

import ChurnTestSupport
import Testing

@testable import ChurnHistory

@Suite struct FlatTableTests {
    private static func table(_ content: String, _ dialect: DelimitedDialect = .init()) throws -> FlatTable {
        let folder = try TemporaryFolder()
        return try FlatTable(path: folder.write("table.csv", content), dialect: dialect)
    }

    private static func error(_ content: String) -> DataError? {
        #expect(throws: DataError.self) { try table(content) }
    }

    private static let mixed = "id,n,kind,gaps,nothing\n007,1,a,1.5,\n8,-2.5e1,b, ,\n9, 3 ,,x,\n"

    // MARK: Types

    @Test func aColumnIsNumericWhenEveryCellThatIsNotBlankIsANumber() throws {
        let table = try Self.table("a,b,c,d\n1,1,,x\n, 2.5 ,,1\n-3e2,x,,\n")
        let columns = try table.predictors(["a", "b", "c", "d"]).columns
        guard case .numeric(let a) = columns[0].values else { throw Unexpected.type }
        #expect(a.map { $0.isNaN ? nil : $0 } == [1, nil, -300])
        #expect(columns[1].values == .categorical(codes: [0, 1, 2], levels: ["1", " 2.5 ", "x"]))
        #expect(columns[2].values == .categorical(codes: [0, 0, 0], levels: [""]))
        #expect(columns[3].values == .categorical(codes: [0, 1, 2], levels: ["x", "1", ""]))
    }

    private enum Unexpected: Error { case type }

    @Test func theDialectDecidesWhatIsANumber() throws {
        var dialect = DelimitedDialect.delimited(by: ";")
        dialect.numbers = .german
        dialect.decimalIsDecided = true
        #expect(try Self.table("a;b\n1.234,5;1\n", dialect).numbers("a") == [1234.5])
    }

    @Test func numbersWithADecimalCommaDoNotBecomeCategories() throws {
        let table = try Self.table("id,n\n1,7\n2,\n3,\"1,5\"\n4,\"2,5\"\n")
        let error = #expect(throws: DataError.self) { try table.predictors(["n"]) }
        #expect(error?.code == .notANumber)
        #expect([error?.line, error?.field] == [4, 2])
        #expect(error?.value == "1,5")
        #expect(error?.fix?.contains("--decimal comma") == true)
        let places = try Self.table("id,place\n1,\"1,5\"\n2,\"Bonn, 5\"\n").predictors(["place"])
        #expect(places.columns[0].values == .categorical(codes: [0, 1], levels: ["1,5", "Bonn, 5"]))
    }

    @Test func aTextAmongNumbersIsASlip() throws {
        let rows = (1...100).map { $0 == 57 ? "57,oops" : "\($0),\($0)" }
        let content = (["id,n"] + rows).joined(separator: "\n")
        let error = #expect(throws: DataError.self) { try Self.table(content).refuseStrayTexts("n") }
        #expect(error?.code == .notANumber && error?.line == 58 && error?.field == 2 && error?.value == "oops")
        #expect(error?.problem.contains("99 of the column's 100") == true)
        #expect(error?.fix?.contains("--null 'oops'") == true && error?.fix?.contains("--categorical n") == true)
        let names = try Self.table(content).predictors(["n"], categorical: ["n"]).columns[0].values
        guard case .categorical(_, let levels) = names else { throw Unexpected.type }
        #expect(levels.count == 100)
        let numbers = try Self.table("id,n\n1,7\n2,8\n").predictors(["n"], categorical: ["n"]).columns[0].values
        #expect(numbers == .categorical(codes: [0, 1], levels: ["7", "8"]))
    }

    @Test func fewNumbersAmongTextsAndManyTextsAmongNumbersAreCategories() throws {
        let codes = (1...99).map { "\($0),\($0 % 9)" } + ["100,other"]
        let many = (1...100).map { "\($0),\($0 % 8 == 0 ? "x" : "\($0)")" }
        for rows in [codes, many] {
            let table = try Self.table((["id,n"] + rows).joined(separator: "\n"))
            try table.refuseStrayTexts("n")
            guard case .categorical = try table.predictors(["n"]).columns[0].values else { throw Unexpected.type }
        }
    }

    @Test func spellingsOfNoValueAreOneCategory() throws {
        var dialect = DelimitedDialect()
        dialect.nullTexts = ["NA", "?"]
        let table = try Self.table("k\na\nNA\n?\n\"\"\na\n", dialect)
        let column = try table.predictors(["k"]).columns[0].values
        guard case .categorical(let codes, let levels) = column else { throw Unexpected.type }
        #expect(codes.map { levels[Int($0)] } == ["a", "", "", "", "a"])
        let gapless = try Self.table("k\na\nNA\n?\n", dialect).predictors(["k"]).columns[0].values
        guard case .categorical(let codes, let levels) = gapless else { throw Unexpected.type }
        #expect(codes.map { levels[Int($0)] } == ["a", "", ""])
    }

    @Test func aKnownDecimalMarkLeavesNoQuestion() throws {
        let table = try Self.table("n\n1.234\n5.678\n")
        #expect(throws: DataError.self) { try table.numbers("n") }
        #expect(throws: DataError.self) { try table.known(decimalMark: ",", columns: ["n"]).numbers("n") }
        #expect(throws: DataError.self) { try table.known(decimalMark: nil, columns: ["n"]).numbers("n") }
        #expect(throws: DataError.self) { try table.known(decimalMark: ".", columns: ["m"]).numbers("n") }
        #expect(try table.known(decimalMark: ".", columns: ["n"]).numbers("n") == [1.234, 5.678])
    }

    /// Whole numbers prove nothing: later there may be thousands marks.
    @Test func onlyNumbersWithAMarkProveIt() throws {
        let table = try Self.table("whole,proven,open,text\n950,1.5,1.234,x\n870,2.25,5.678,y\n")
        #expect(table.columnsOfKnownMark(among: ["whole", "proven", "open", "text", "none"]) == ["proven"])
        var dialect = DelimitedDialect()
        dialect.decimalIsDecided = true
        #expect(try Self.table("n\n950\n", dialect).columnsOfKnownMark(among: ["n"]) == ["n"])
    }

    @Test func aHeaderWithAnotherDelimiterIsSaid() throws {
        let error = Self.error("id;a\n1;0,5\n")
        #expect(error?.code == .wrongFieldCount && error?.fix?.contains("--delimiter ';'") == true)
    }

    @Test(arguments: [
        ("-1", "is no weight"), ("", "is empty"), ("1e101", "is no weight"), ("1e-101", "is no weight"),
        ("x", "is not a number"),
    ])
    func aWeightIsANumberFromZeroOn(cell: String, words: String) throws {
        let table = try Self.table("id,w\n1,0\n2,\(cell)\n")
        let error = #expect(throws: DataError.self) { try table.weights("w") }
        #expect(error?.line == 3 && error?.column == "w" && error?.problem.contains(words) == true)
        #expect(try Self.table("w\n0\n2.5\n").weights("w") == [0, 2.5])
    }

    @Test(arguments: [
        ("12 €", "--currency '€'"), ("(12)", "--negative parentheses"), ("12-", "--negative trailing"),
        ("NA", "--null 'NA'"), ("1 234", "--thousands"), ("1'234", "--thousands"),
    ])
    func numbersThatASettingWouldReadDoNotBecomeCategories(cell: String, option: String) throws {
        let error = #expect(throws: DataError.self) { try Self.table("id,n\n1,7\n2,\(cell)\n").predictors(["n"]) }
        #expect(error?.code == .notANumber && error?.line == 3 && error?.fix?.contains(option) == true)
        let words = try Self.table("id,n\n1,red\n2,\(cell)\n").predictors(["n"])
        #expect(words.columns[0].values == .categorical(codes: [0, 1], levels: ["red", cell]))
    }

    @Test func aColumnOfThousandsAndSomeAsksForTheDecimalMark() throws {
        let error = #expect(throws: DataError.self) { try Self.table("id,n\n1,7\n2,1.234\n").numbers("n") }
        #expect(error?.code == .ambiguousNumber && error?.line == 3 && error?.field == 2)
        #expect(error?.fix?.contains("--decimal point") == true && error?.fix?.contains("--decimal comma") == true)
        var dialect = DelimitedDialect()
        dialect.decimalIsDecided = true
        #expect(try Self.table("id,n\n1,7\n2,1.234\n", dialect).numbers("n") == [7, 1.234])
        #expect(try Self.table("id,n\n1,7.5\n2,1.234\n").numbers("n") == [7.5, 1.234])
    }

    @Test func textsThatMeanNoValueAreMissing() throws {
        var dialect = DelimitedDialect()
        dialect.nullTexts = ["NA"]
        let values = try Self.table("id,n\n1,7\n2,NA\n", dialect).numbers("n")
        #expect(values[0] == 7 && values[1].isNaN)
        #expect(throws: DataError.self) { try Self.table("id,n\nNA,7\n", dialect).ids("id") }
    }

    @Test func aHeaderInTheMiddleIsAnError() throws {
        let error = #expect(throws: DataError.self) { try Self.table("id,n\n1,7\nid,n\n2,8\n") }
        #expect(error?.code == .repeatedHeader && error?.line == 3)
    }

    @Test func aFileThatIsOneColumnAsksForItsDelimiter() throws {
        let error = #expect(throws: DataError.self) { try Self.table("id;n\n1;2\n").texts("n") }
        #expect(error?.code == .missingColumn)
        #expect(error?.fix == "check --delimiter; the header is id;n")
    }

    @Test func predictorsComeInTheOrderAskedFor() throws {
        let predictors = try Self.table(Self.mixed).predictors(["kind", "n"])
        #expect(predictors.columnNames == ["kind", "n"])
        #expect(predictors.rowCount == 3)
    }

    @Test func typesThatAreKnownAreNotGuessedAgain() throws {
        let predictors = try Self.table("a,b\n1,1\n2,2\n").predictors(matching: [("b", true), ("a", false)])
        #expect(predictors.columns[0].values == .numeric([1, 2]))
        #expect(predictors.columns[1].values == .categorical(codes: [0, 1], levels: ["1", "2"]))
    }

    @Test(arguments: [("x", DataErrorCode.notANumber), ("1e400", .numberOutOfRange)])
    func aCellThatIsNoNumberInANumericColumnIsReportedWithItsPlace(cell: String, code: DataErrorCode) throws {
        let table = try Self.table("id,n\n\"two\nlines\",1\n\n2,\(cell)\n3,\(cell)\n")
        let error = #expect(throws: DataError.self) { try table.predictors(matching: [("n", true)]) }
        #expect(error?.code == code)
        #expect(error?.line == 5)
        #expect(error?.field == 2)
        #expect(error?.column == "n")
        #expect(error?.value == cell)
        #expect(error?.fix?.contains("--null '\(cell)'") == true)
    }

    // MARK: Texts and numbers

    @Test func textsAreTheCellsAsTheyStand() throws {
        let table = try Self.table(Self.mixed)
        #expect(table.columnNames == ["id", "n", "kind", "gaps", "nothing"])
        #expect(table.rowCount == 3)
        #expect(try table.texts("id") == ["007", "8", "9"])
        #expect(try table.texts("n") == ["1", "-2.5e1", " 3 "])
        #expect(try table.texts("kind") == ["a", "b", ""])
    }

    @Test func blanksAreNaNAmongNumbers() throws {
        let numbers = try Self.table("a,b\n1,x\n,x\n \t,x\n").numbers("a")
        #expect(numbers.map(\.isNaN) == [false, true, true])
    }

    @Test func aColumnThatIsNotThereIsReportedWithTheNearestName() throws {
        let error = #expect(throws: DataError.self) { try Self.table(Self.mixed).texts("knd") }
        #expect(error?.code == .missingColumn)
        #expect(error?.column == "knd")
        #expect(error?.fix == "did you mean `kind`? the file has id, n, kind, gaps, nothing")
    }

    // MARK: Labels

    @Test func thePositiveLabelIsTrueABlankIsUnknownAndTheRestIsFalse() throws {
        let table = try Self.table("id,y\n1,Yes\n2,No\n3,\n4,yes\n5,Yes\n")
        #expect(try table.labels("y", positive: "Yes") == [true, false, nil, false, true])
    }

    @Test func aPositiveNumberIsMeantInBothOfItsSpellings() throws {
        let table = try Self.table("id,y\n1,1\n2,0\n3,1.0\n4,\n5,0.0\n")
        #expect(try table.labels("y", positive: "1") == [true, false, true, nil, false])
        #expect(try table.labels("y", positive: "1.0") == [true, false, true, nil, false])
    }

    @Test(arguments: ["null", "NA", "NaN"])
    func aSpellingOfNothingBesideZeroAndOneIsNoThirdLabel(text: String) throws {
        let error = #expect(throws: DataError.self) {
            try Self.table("id,y\n1,0\n2,1\n3,\(text)\n").labels("y", positive: nil)
        }
        #expect(error?.code == .badLabel && error?.fix?.contains("--null '\(text)'") == true)
        #expect(error?.fix?.contains("--positive") == false)
        let words = #expect(throws: DataError.self) {
            try Self.table("id,y\n1,left\n2,1\n3,\(text)\n").labels("y", positive: nil)
        }
        #expect(words?.fix?.contains("--positive") == true)
    }

    @Test(arguments: [
        "1,0,,1", "1.0,0.0, ,1", "true,false,,True", "TRUE,FALSE,,1",
    ]) func withoutAPositiveLabelZeroAndOneOrFalseAndTrueAreUnderstood(cells: String) throws {
        let rows = cells.split(separator: ",", omittingEmptySubsequences: false).map { "x,\($0)\n" }.joined()
        #expect(try Self.table("id,y\n\(rows)").labels("y", positive: nil) == [true, false, nil, true])
    }

    @Test func aLabelThatIsNeitherZeroNorOneIsReportedWithItsPlace() throws {
        let table = try Self.table("id,y\n1,0\n\"2\n\",1\n3,2\n4,2\n")
        let error = #expect(throws: DataError.self) { try table.labels("y", positive: nil) }
        #expect(error?.code == .badLabel)
        #expect(error?.line == 5)
        #expect(error?.field == 2)
        #expect(error?.value == "2")
        #expect(error?.fix?.contains("--positive") == true)
    }

    @Test func aPositiveLabelThatNoRowHasIsRefusedUnlessItMayBeMissing() throws {
        let table = try Self.table("id,y\n1,Yes\n2,No\n3,\n")
        let error = #expect(throws: DataError.self) { try table.labels("y", positive: "yes") }
        #expect(error?.code == .badLabel)
        #expect(error?.value == "yes")
        #expect(error?.fix?.contains("Yes, No") == true)
        #expect(try table.labels("y", positive: "yes", mustOccur: false) == [false, false, nil])
    }

    // MARK: Rows that cannot be read

    @Test(
        arguments: [
            ("a,b\n1,2\n\"x\ny\",3\n1\n", DataErrorCode.wrongFieldCount, 5, nil),
            ("a,b\n1,2,3\n", .wrongFieldCount, 2, nil),
            ("a,b\n1,\"x\"y\n", .strayQuote, 2, 2), ("a,b\n1,x\0\n", .invalidText, 2, nil),
            ("a,b\n1,\"x\n", .unclosedQuote, 2, 2), ("a,a\n1,2\n", .badHeader, 1, 2), ("a,b\n", .headerOnly, nil, nil),
            ("", .fileEmpty, nil, nil),
        ] as [(String, DataErrorCode, Int?, Int?)]
    )
    func aRowThatCannotBeTrustedStopsTheReading(content: String, code: DataErrorCode, line: Int?, field: Int?) {
        let error = Self.error(content)
        #expect(error?.code == code)
        #expect(error?.line == line)
        #expect(error?.field == field)
        #expect(error?.fix != nil)
    }

    @Test func bytesThatAreNotUTF8StopTheReading() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("table.csv", Array("a\nx\n".utf8) + [0xE9, 0x0A])
        let error = #expect(throws: DataError.self) { try FlatTable(path: path, dialect: .init()) }
        #expect(error?.code == .invalidText)
        #expect(error?.line == 3)
        #expect(error?.fix?.contains("windows-1252") == true)
        #expect(try FlatTable(path: path, dialect: .encoded(.windows1252)).texts("a") == ["x", "é"])
    }
}

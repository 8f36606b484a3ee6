import Testing

@testable import ChurnHistory

@Suite struct DelimitedReaderTests {
    // MARK: Quotes

    @Test func quotesHoldDelimitersQuotesAndLineEnds() throws {
        let table = try ReadTable("a,b\n\"x,y\",\"say \"\"hi\"\"\"\n\"two\nlines\",\"\"\n")
        #expect(table.columnNames == ["a", "b"])
        #expect(table.texts == [["x,y", "say \"hi\""], ["two\nlines", ""]])
    }

    @Test func aQuoteInsideAnUnquotedFieldIsAnOrdinaryCharacter() throws {
        #expect(try ReadTable("a,b\n5\" pipe,o\"\"o\n").texts == [["5\" pipe", "o\"\"o"]])
    }

    @Test func blanksBeforeAQuoteBelongToTheField() throws {
        #expect(try ReadTable("a,b\n \"x\",y \n").texts == [[" \"x\"", "y "]])
    }

    @Test func headersMayBeQuotedToo() throws {
        #expect(try ReadTable("\"a \"\"1\"\"\",\"b\nc\"\n1,2\n").columnNames == ["a \"1\"", "b\nc"])
    }

    @Test(arguments: [
        ("a,b\n1,\"x\"y\n", 2, 1), ("a,b\n\"x\" ,2\n", 2, 0), ("a,b\n\"m\nn\",1\n1,\"x\"\"\"y,\"z\"w\n", 4, 1),
    ])
    func textAfterAClosingQuoteMarksTheRowAndTheField(content: String, line: Int, field: Int) throws {
        let table = try ReadTable(content)
        #expect(table.rows.last?.line == line)
        #expect(table.rows.last?.strayQuoteField == field)
        #expect(table.error == nil)
    }

    @Test func aRowAfterOneWithAStrayQuoteIsReadAsUsual() throws {
        let table = try ReadTable("a,b\n\"x\"y\",1\n2,3\n")
        #expect(table.rows.map { $0.strayQuoteField != nil } == [true, false])
        #expect(table.texts.last == ["2", "3"])
        #expect(table.lines == [2, 3])
    }

    @Test(arguments: [
        ("a,b\n1,2\n3,\"open\n5,6\n", 3, 2), ("a,b\n\"1\n2\n3\",\"x\ny\n", 4, 2), ("\"a,b\n1,2\n", 1, 1),
        ("a,b\r\n\"1\r\n2\",3\r\n\"", 4, 1), ("a\r\r\"x\"\r\"open \"\" still open", 4, 1),
    ])
    func anUnclosedQuoteIsReportedWhereItOpened(content: String, line: Int, field: Int) throws {
        let error: DataError?
        do { error = try ReadTable(content).error } catch let thrown as DataError { error = thrown }
        #expect(error?.code == .unclosedQuote)
        #expect(error?.line == line)
        #expect(error?.field == field)
    }

    @Test func rowsBeforeAnUnclosedQuoteAreReadFirst() throws {
        #expect(try ReadTable("a,b\n1,2\n3,\"open\n").texts == [["1", "2"]])
    }

    // MARK: Line ends

    @Test(arguments: [
        "a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4\r", "a,b\r\n1,2\n3,4\r", "a,b\n1,2\r3,4\r\n",
        "a,b\n1,2\n3,4", "a,b\r1,2\r\n3,4", "\u{FEFF}a,b\n1,2\n3,4\n", "a,b\n1,2\n3,4\n\u{1A}", "a,b\n1,2\n3,4\u{1A}",
        "\u{FEFF}\"a\",b\r\n\"1\",2\r\n3,\"4\"",
    ])
    func lineEndsOrderMarkAndControlZDoNotMatter(content: String) throws {
        let table = try ReadTable(content)
        #expect(table.columnNames == ["a", "b"])
        #expect(table.texts == [["1", "2"], ["3", "4"]])
        #expect(table.lines == [2, 3])
    }

    @Test func blankLinesAreSkippedButCounted() throws {
        let table = try ReadTable("\n\r\na,b\n\n1,2\r\n\r\n\r3,4\n\n")
        #expect(table.texts == [["1", "2"], ["3", "4"]])
        #expect(table.lines == [5, 8])
    }

    @Test func aLineOfNothingButQuotesIsARow() throws {
        #expect(try ReadTable("a\n\"\"\n\n1\n").texts == [[""], ["1"]])
    }

    @Test func emptyFieldsAtEitherEndAreKept() throws {
        #expect(try ReadTable("a,b,c\n,,\n,2,\n1,,").texts == [["", "", ""], ["", "2", ""], ["1", "", ""]])
    }

    @Test func linesInsideQuotesCountWithEveryKindOfLineEnd() throws {
        let table = try ReadTable("a\n\"1\n2\"\n\"1\r\n2\r\n3\"\r\n\"1\r2\"\r9\n")
        #expect(table.lines == [2, 4, 7, 9])
    }

    // MARK: Delimiters

    @Test(arguments: [(",", ","), (";", ";"), ("tab", "\t"), ("|", "|"), (":", ":")])
    func delimitersSeparateAndTheOthersDoNot(name: String, mark: String) throws {
        let others = [",", ";", "\t", "|", ":"].filter { $0 != mark }.joined()
        let content = "a\(mark)b\n\(others)\(mark)\"x\(mark)y\"\n"
        #expect(try ReadTable(content, dialect: .delimited(by: name)).texts == [[others, "x\(mark)y"]])
    }

    @Test func runsOfBlanksSeparateAndLeadingAndTrailingOnesDoNotCount() throws {
        let content = "  id   date\tvalue \r\n 00001 19970101  1\r\n\t00002\t \t19970112 22\t\r\n   \r\n3 4 5"
        let table = try ReadTable(content, dialect: .delimited(by: "blanks"))
        #expect(table.columnNames == ["id", "date", "value"])
        #expect(table.texts == [["00001", "19970101", "1"], ["00002", "19970112", "22"], ["3", "4", "5"]])
        #expect(table.lines == [2, 3, 5])
    }

    @Test func betweenBlanksAQuoteIsAnOrdinaryCharacter() throws {
        #expect(try ReadTable("a b\n\"x y\"\n", dialect: .delimited(by: "blanks")).texts == [["\"x", "y\""]])
    }

    // MARK: Header and preamble

    @Test func aFileWithoutAHeaderTakesTheNamesOfTheDialect() throws {
        var dialect = DelimitedDialect()
        dialect.columnNames = ["a", "b"]
        let table = try ReadTable("1,2\n3,4\n", dialect: dialect)
        #expect(table.columnNames == ["a", "b"])
        #expect(table.texts == [["1", "2"], ["3", "4"]])
        #expect(table.lines == [1, 2])
    }

    @Test(arguments: ["Export \"of\n2024\na,b\n1,2\n", "x\r\n\r\na,b\r\n1,2", "\u{FEFF}x\ry\ra,b\r1,2\r"])
    func linesOfAPreambleAreSkippedAndCounted(content: String) throws {
        var dialect = DelimitedDialect()
        dialect.skipLines = 2
        let table = try ReadTable(content, dialect: dialect)
        #expect(table.columnNames == ["a", "b"])
        #expect(table.texts == [["1", "2"]])
        #expect(table.lines == [4])
    }

    @Test func skippingMoreLinesThanThereAreIsAnError() throws {
        var dialect = DelimitedDialect()
        dialect.skipLines = 3
        let error = #expect(throws: DataError.self) { try ReadTable("a\n1\n", dialect: dialect) }
        #expect(error?.code == .headerOnly)
        #expect(error?.problem == "has fewer lines than `skipLines` skips")
    }

    @Test(arguments: [("a,b,a\n1,2,3\n", 1, 3, "a"), ("\n\na,,b\n", 3, 2, nil), ("a,b,\n", 1, 3, nil)])
    func aHeaderWithARepeatedOrEmptyNameIsRefused(content: String, line: Int, field: Int, value: String?) throws {
        let error = #expect(throws: DataError.self) { try ReadTable(content) }
        #expect(error?.code == .badHeader)
        #expect(error?.line == line)
        #expect(error?.field == field)
        #expect(error?.value == value)
    }

    @Test func aHeaderWithAStrayQuoteIsRefused() throws {
        let error = #expect(throws: DataError.self) { try ReadTable("\"a\"x,b\n1,2\n") }
        #expect(error?.code == .strayQuote || error?.code == .badHeader)
    }

    @Test(arguments: ["", "\u{FEFF}", "\n\r\n", "\u{1A}"])
    func aFileWithoutAnyTextIsEmpty(content: String) throws {
        let error = #expect(throws: DataError.self) { try ReadTable(content) }
        #expect(error?.code == .fileEmpty)
    }

    @Test(arguments: ["a,b", "a,b\n", "a,b\r\n\r\n"])
    func aHeaderAloneHasNoRows(content: String) throws {
        let table = try ReadTable(content)
        #expect(table.columnNames == ["a", "b"])
        #expect(table.rows.isEmpty)
    }

    @Test func aMissingFileAndAFolderAreMissingInput() throws {
        for path in ["/nowhere/at/all.csv", "/"] {
            let error = #expect(throws: DataError.self) { try DelimitedReader(path: path, dialect: .init()) }
            #expect(error?.kind == .missingInput)
            #expect(error?.file == path)
        }
    }

    // MARK: Limits

    @Test func asManyColumnsAsAllowedAreReadAndOneMoreIsRefused() throws {
        let full = Array(repeating: "x", count: RecordScanner.maximumColumns).joined(separator: ",")
        #expect(try ReadTable("a\n\(full)\n").rows.first?.cells.count == RecordScanner.maximumColumns)
        let error = try ReadTable("a\n\"1\n2\"\n\(full),\n").error
        #expect(error?.code == .tooManyColumns)
        #expect(error?.line == 4)
    }

    @Test func blankSeparatedColumnsAreLimitedToo() throws {
        let full = Array(repeating: "x", count: RecordScanner.maximumColumns).joined(separator: " ")
        let dialect = DelimitedDialect.delimited(by: "blanks")
        #expect(try ReadTable("a\n\(full) \n", dialect: dialect).error == nil)
        #expect(try ReadTable("a\n\(full) x\n", dialect: dialect).error?.code == .tooManyColumns)
    }
}

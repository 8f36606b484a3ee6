import Testing

@testable import ChurnHistory

@Suite struct BadInputTests {
    @Test(arguments: BadInput.bytes + BadInput.foreign + BadInput.structure + BadInput.values + BadInput.times)
    func aTableOfBadInputs(input: BadInput) throws {
        var fixture = try HistoryFixture(zone: input.zone)
        if let content = input.content { try fixture.folder.write("events.csv", content) }
        try fixture.addSource(["duplicates": "keep", "amount": "amount"].merging(input.keys) { $1 })
        let error = #expect(throws: DataError.self) { try fixture.read(observedUntil: instant("2024-06-01T00:00:00Z")) }
        #expect(error?.code == input.code)
        #expect(error?.file == "\(fixture.folder.path)/events.csv")
        #expect(error?.line == input.line)
        #expect(error?.field == input.field)
        #expect(error?.problem.contains(input.problem) == true, "\(error?.problem ?? "")")
        let fix = try #require(error?.fix, "every message says what to do")
        #expect(input.fix.isEmpty || fix.contains(input.fix), "\(fix)")
    }

    /// Codes of rows that are put aside; every other fault is one of the whole file.
    private static let rowCodes: Set<DataErrorCode> = [
        .strayQuote, .wrongFieldCount, .repeatedHeader, .invalidText, .notANumber, .missingValue, .numberOutOfRange,
        .notATime, .timeOutOfRange, .skippedHour, .emptyCustomer, .mangledId, .unknownType,
    ]

    @Test(arguments: BadInput.bytes + BadInput.structure + BadInput.values + BadInput.times)
    func onlyWhatTheStudyHasDecidedIsPutAside(input: BadInput) throws {
        guard let content = input.content, input.line != nil else { return }
        var fixture = try HistoryFixture(zone: input.zone)
        try fixture.folder.write("events.csv", content)
        try fixture.addSource(["duplicates": "keep", "amount": "amount"].merging(input.keys) { $1 })
        let end = try instant("2024-06-01T00:00:00Z")
        let isPutAside =
            Self.rowCodes.contains(input.code) && !BadInput.choices.contains(input.testDescription)
            && input.testDescription != "header in another encoding"
        if isPutAside {
            let report = try fixture.read(observedUntil: end, options: .rejecting(100)).report
            #expect(report.rejected == 1 && report.rejections.map(\.code) == [input.code])
        } else {
            let error = #expect(throws: DataError.self) {
                try fixture.read(observedUntil: end, options: .rejecting(100))
            }
            #expect(error?.code == input.code)
        }
    }

    @Test func aWholeMessageReadsAsItIsDocumented() throws {
        let error = try #require(
            HistoryFixture.error(
                "customer,time,amount\nA,2024-01-02,\"1.234,56\"\n",
                ["duplicates": "keep", "amount": "amount"]
            )
        )
        let file = try #require(error.file)
        #expect(
            error.description
                == #"CSV-014 \#(file):2:3 "amount": "1.234,56" is not a number. Fix: if it means 1234.56, "#
                + #"set `decimal: ","`, `thousands: "."` in `format`"#
        )
    }

    /// Each setting that a message above proposes, on the file that it was proposed for.
    @Test(
        arguments: [
            ("A,2024-01-02,\"1,5\"", ["format": #"{decimal: ","}"#], 1.5),
            ("A,2024-01-02,\"1.234,56\"", ["format": #"{decimal: ",", thousands: "."}"#], 1234.56),
            ("A,2024-01-02,", ["format": #"{null: [""]}"#], nil),
            ("A,2024-01-02,n/a", ["format": "{null: [n/a]}"], nil),
            ("A,2024-01-02,$12.50", ["format": #"{currency: "$"}"#], 12.5),
            ("A,2024-01-02,12.50 EUR", ["format": "{currency: EUR}"], 12.5),
            ("A,2024-01-02,(12.50)", ["format": "{negative: parentheses}"], -12.5),
            ("A,2024-01-02,12.50-", ["format": "{negative: trailing}"], -12.5),
            ("A,2024-01-02,1.234", ["format": #"{decimal: "."}"#], 1.234),
            ("A,2024-01-02,1.234", ["format": #"{decimal: ",", thousands: "."}"#], 1234),
            ("A,1709510400,2", ["time": "{column: time, format: epochSeconds}"], 2),
            ("A,45352,2", ["time": "{column: time, format: excelDays}"], 2),
            (
                "A,2024-01-02,\"1.234,50- €\"",
                ["format": #"{currency: "€", negative: trailing, decimal: ",", thousands: "."}"#], -1234.5
            ),
            ("A,03/04/2024,2", ["time": "{column: time, format: dd/MM/yyyy}"], 2),
            ("A,2024-03-31 02:30,2", ["time": "{column: time, zone: UTC}"], 2),
        ] as [(String, [String: String], Double?)]
    )
    func theFixThatAMessageProposesWorks(row: String, keys: [String: String], amount: Double?) throws {
        let content = "customer,time,amount\n\(row)\n"
        let plain = ["duplicates": "keep", "amount": "amount"]
        #expect(HistoryFixture.error(content, plain, zone: "Europe/Berlin") != nil)
        let index = try HistoryFixture.history(content, plain.merging(keys) { $1 }, zone: "Europe/Berlin").index
        #expect(index.amounts.map { $0.isNaN ? nil : $0 } == [amount])
    }
}

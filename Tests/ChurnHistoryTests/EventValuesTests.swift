import Testing

@testable import ChurnHistory

/// What the cells of a row become: type, amount, quantity, time, attributes.
@Suite struct EventValuesTests {
    // MARK: Types

    private static let kinds = "customer,time,kind\nA,2024-01-01,C1\nA,2024-01-02,X\nA,2024-01-03,C\nA,2024-01-04,CX2\n"

    @Test(arguments: [
        ("{always: visit}", ["visit", "visit", "visit", "visit"]), ("kind", ["C1", "X", "C", "CX2"]),
        ("{column: kind}", ["C1", "X", "C", "CX2"]),
        ("{column: kind, startsWith: {C: return}, otherwise: buy}", ["return", "buy", "return", "return"]),
        ("{column: kind, startsWith: {CX: void, C: return, X: buy}}", ["return", "buy", "return", "void"]),
        ("{column: kind, equals: {C: return, X: buy}, otherwise: other}", ["other", "buy", "return", "other"]),
        ("{column: kind, startsWith: {\"\": all}}", ["all", "all", "all", "all"]),
    ])
    func theRuleGivesEachRowItsType(rule: String, expected: [String]) throws {
        let index = try HistoryFixture.history(Self.kinds, ["type": rule, "duplicates": "keep"]).index
        #expect(index.types.map { index.typeNames[Int($0)] } == expected)
        #expect(index.typeNames == Set(expected).sorted())
    }

    @Test(arguments: [
        ("{column: kind, startsWith: {C: return}}", 3, "X"), ("{column: kind, equals: {X: buy}}", 2, "C1"),
    ])
    func aTextWithoutATypeIsRejected(rule: String, line: Int, value: String) {
        let error = HistoryFixture.error(Self.kinds, ["type": rule, "duplicates": "keep"])
        #expect(error?.code == .unknownType)
        #expect(error?.line == line)
        #expect(error?.column == "kind")
        #expect(error?.value == value)
        #expect(error?.fix?.contains("otherwise") == true)
    }

    @Test func aBlankCellIsNoType() {
        let error = HistoryFixture.error(
            "customer,time,kind\nA,2024-01-01, \n",
            ["type": "kind", "duplicates": "keep"]
        )
        #expect(error?.code == .unknownType)
    }

    @Test func typesAreCountedOverAllRowsAndOverThoseKept() throws {
        let history = try HistoryFixture.history(
            "customer,time,kind\nA,2024-01-01,b\n,2024-01-01,b\nA,bad,a\nA,2024-01-02,a\nA,bad,c\n",
            ["type": "kind", "duplicates": "keep", "emptyCustomer": "drop"],
            options: .rejecting(2)
        )
        let types = history.report.types
        #expect(types.map(\.name) == ["b", "a", "c"])
        #expect(types.map(\.rows) == [2, 2, 1])
        #expect(types.map(\.kept) == [1, 1, 0])
        // A type that only rejected rows had is none of the index.
        #expect(history.index.typeNames == ["a", "b"])
    }

    // MARK: Amount and quantity

    @Test func theAmountIsTheProductOfItsColumns() throws {
        let index = try HistoryFixture.history(
            "customer,time,n,price\nA,2024-01-01,6,2.55\nA,2024-01-02,-1,4.25\nA,2024-01-03,0,1\n",
            ["duplicates": "keep", "amount": "{multiply: [n, price]}", "quantity": "n"]
        ).index
        #expect(index.amounts == [6 * 2.55, -4.25, 0])
        #expect(index.quantities == [6, -1, 0])
    }

    @Test func withoutAColumnEventsHaveNoAmountOrQuantity() throws {
        let index = try HistoryFixture.history("customer,time\nA,2024-01-01\n").index
        #expect(index.amounts.map(\.isNaN) == [true])
        #expect(index.quantities == nil)
    }

    @Test func textsThatMeanNoValueLeaveAmountAndQuantityOut() throws {
        let history = try HistoryFixture.history(
            "customer,time,n,price\nA,2024-01-01,,2\nA,2024-01-02,3,NA\nA,2024-01-03,-999,4\nA,2024-01-04,2,5\n",
            [
                "duplicates": "keep", "amount": "{multiply: [n, price]}", "quantity": "n",
                "format": "{null: [\"\", NA, \"-999\"]}",
            ]
        )
        #expect(history.index.amounts.map { $0.isNaN ? nil : $0 } == [nil, nil, nil, 10])
        #expect(history.index.quantities?.map { $0.isNaN ? nil : $0 } == [nil, 3, nil, 2])
        let (n, price) = (history.report.numericColumns[0], history.report.numericColumns[1])
        #expect([n.empty, price.empty] == [2, 1])
        #expect([n.minimum, n.maximum] == [2, 3])
    }

    @Test func aTextThatMeansNoValueIsNoCustomerAndNoAttribute() throws {
        let history = try HistoryFixture.history(
            "customer,time,sku\nNA,2024-01-01,x\nA,2024-01-02,NA\nA,2024-01-03,\n",
            [
                "duplicates": "keep", "emptyCustomer": "drop", "format": "{null: [NA]}",
                "attributes": "{product: sku, again: sku}",
            ]
        )
        #expect(history.index.customers == ["A"])
        #expect(history.report.droppedWithoutCustomer == 1)
        #expect(history.index.attributes.map(\.codes) == [[-1, -1], [-1, -1]])
    }

    @Test func aProductThatNoDoubleHoldsIsRejected() {
        let error = HistoryFixture.error(
            "customer,time,n,price\nA,2024-01-01,1e200,1e200\n",
            ["duplicates": "keep", "amount": "{multiply: [n, price]}"]
        )
        #expect(error?.code == .numberOutOfRange)
        #expect(error?.line == 2)
    }

    @Test func numericColumnsReportTheirRangeZerosAndNegativesByType() throws {
        let report = try HistoryFixture.history(
            "customer,time,kind,v\nA,2024-01-01,buy,5\nA,2024-01-02,ret,-2\n,2024-01-03,ret,-7\nA,2024-01-04,buy,0\n",
            ["duplicates": "keep", "emptyCustomer": "drop", "type": "kind", "amount": "v"]
        ).report
        let column = try #require(report.numericColumns.first)
        #expect([column.minimum, column.maximum] == [-7, 5])
        #expect(column.zero == 1)
        #expect(column.negative == ["ret": 2])
    }

    @Test func numbersAreReadInTheFormatOfTheFile() throws {
        let index = try HistoryFixture.history(
            "customer;time;amount\nA;2024-01-01;1.234,50\nA;2024-01-02;\"7,25\"\n",
            [
                "duplicates": "keep", "amount": "amount",
                "format": "{delimiter: ;, decimal: \",\", thousands: \".\"}",
            ]
        ).index
        #expect(index.amounts == [1234.5, 7.25])
    }

    // MARK: Customers and times

    @Test func idsAreTextAndNothingIsTakenFromThem() throws {
        let index = try HistoryFixture.history(
            "customer,time\n007,2024-01-01\n7,2024-01-01\n 7,2024-01-01\nÄ,2024-01-01\n\"a,\"\"b\"\"\",2024-01-01\n1.0,2024-01-01\n"
        ).index
        #expect(index.customers == [" 7", "007", "1.0", "7", "a,\"b\"", "Ä"])
    }

    @Test func aZoneOfItsOwnMovesTimesAndTheStudysZoneDecidesTheDay() throws {
        let index = try HistoryFixture.history(
            "customer,time\nA,2024-01-01 20:00\n",
            ["duplicates": "keep", "time": "{column: time, zone: America/New_York}"],
            zone: "Europe/Berlin"
        ).index
        #expect(try index.times == [instant("2024-01-02T01:00:00Z")])
        #expect(index.days().map { CalendarDay(number: Int($0)).description } == ["2024-01-02"])
    }

    @Test func theFirstOfTwoInstantsIsTakenInARepeatedHour() throws {
        let index = try HistoryFixture.history("customer,time\nA,2024-10-27 02:30\n", zone: "Europe/Berlin").index
        #expect(try index.times == [instant("2024-10-27T00:30:00Z")])
    }
}

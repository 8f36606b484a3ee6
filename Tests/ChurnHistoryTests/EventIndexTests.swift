import Testing

@testable import ChurnHistory

@Suite struct EventIndexTests {
    // MARK: Order

    @Test func customersStandInByteOrderAndTheirRowsInTime() throws {
        let index = try HistoryFixture.history(
            "customer,time,amount\nb,2024-01-03,1\nB,2024-01-01,2\nb,2024-01-01,3\n10,2024-01-05,4\n9,2024-01-01,5\n",
            ["duplicates": "keep", "amount": "amount"]
        ).index
        #expect(index.customers == ["10", "9", "B", "b"])
        #expect(index.customerStarts == [0, 1, 2, 3, 5])
        #expect(index.amounts == [4, 5, 2, 3, 1])
        #expect(try index.timeRange == instant("2024-01-01T00:00:00Z")...instant("2024-01-05T00:00:00Z"))
    }

    @Test(arguments: [
        ["1970-01-02 00:00:00", "2024-05-01 10:00:00", "2100-12-31 23:59:59"],
        ["2024-04-30 23:59:59.999999", "2024-05-01 10:00:00", "2024-05-01 10:00:00.000001"],
        ["2024-05-01", "2024-05-02", "2024-05-02 00:00:00.5"],
    ])
    func timesAreExactToTheMicrosecondAndOverTheWholeCalendar(_ texts: [String]) throws {
        let rows = texts.reversed().map { "a,\($0)\n" }.joined()
        let index = try HistoryFixture.history("customer,time\n" + rows).index
        let expected = try texts.map { text in
            let parts = text.split(separator: ".")
            let second = parts[0].count == 10 ? "\(parts[0])T00:00:00Z" : parts[0].replacing(" ", with: "T") + "Z"
            let fraction = parts.count > 1 ? parts[1] + String(repeating: "0", count: 6 - parts[1].count) : "0"
            return try instant(second) + (try #require(Int64(fraction)))
        }
        #expect(Array(index.times) == expected)
    }

    /// Many types, long ones, and some that begin alike.
    @Test(arguments: [3, 40, 250]) func everyRowKeepsItsTypeHoweverManyThereAre(count: Int) throws {
        var random = SeededGenerator(seed: UInt64(count))
        let names = (0..<count).map { number in
            ["t\(number)", "customer\(number)", "a-long-name-of-type-\(number)", "sixteen-bytes\(number)"][number % 4]
        }
        let picks = (0..<4000).map { _ in random.below(count) }
        var content = "customer,time,kind,amount\n"
        for (row, pick) in picks.enumerated() { content += "c\(row % 7),2024-01-01,\(names[pick]),\(row)\n" }
        let index = try HistoryFixture.history(
            content,
            ["duplicates": "keep", "type": "kind", "amount": "amount"]
        ).index
        let wrong = index.times.indices.filter {
            index.typeNames[Int(index.types[$0])] != names[picks[Int(index.amounts[$0])]]
        }
        #expect(wrong.isEmpty)
        #expect(index.eventCount == picks.count)
    }

    @Test func rowsOfOneInstantKeepTheOrderOfTheSource() throws {
        var random = SeededGenerator(seed: 13)
        var content = "customer,time,amount\n"
        for row in 0..<2000 { content += "c\(random.below(20)),2024-01-0\(1 + random.below(5)),\(row)\n" }
        let index = try HistoryFixture.history(content, ["duplicates": "keep", "amount": "amount"]).index
        for customer in index.customers.indices {
            let rows = index.rows(ofCustomer: customer)
            for (row, next) in zip(rows, rows.dropFirst()) {
                #expect((index.times[row], index.amounts[row]) < (index.times[next], index.amounts[next]))
            }
        }
    }

    @Test func shuffledRowsGiveTheSameCustomersAndTimes() throws {
        var random = SeededGenerator(seed: 14)
        var rows = (0..<3000).map { row in
            "\(["é", "z", "A", ""][random.below(4)])\(random.below(40)),2024-0\(1 + random.below(9))-1\(random.below(10)),\(row)"
        }
        func index() throws -> EventIndex {
            try HistoryFixture.history(
                "customer,time,amount\n\(rows.joined(separator: "\n"))\n",
                ["duplicates": "keep", "amount": "amount"]
            ).index
        }
        let original = try index()
        rows.shuffle(using: &random)
        let shuffled = try index()
        #expect(shuffled.customers == original.customers)
        #expect(shuffled.customerStarts == original.customerStarts)
        let hasSameTimes = shuffled.times == original.times
        #expect(hasSameTimes)
        #expect(shuffled.amounts.sorted() == original.amounts.sorted())
        #expect(shuffled.eventCount == 3000)
    }

    @Test func columnsStayTogetherWhenRowsAreSorted() throws {
        let index = try HistoryFixture.history(
            """
            customer,time,kind,n,price,sku,country
            B,2024-01-02,buy,2,1.5,x,DE
            A,2024-01-03,ret,-1,4,y,
            B,2024-01-01,ret,-3,2,x,FR
            A,2024-01-01,buy,5,1,z,DE

            """,
            [
                "duplicates": "keep", "type": "kind", "amount": "{multiply: [n, price]}", "quantity": "n",
                "attributes": "{product: sku, country: country}",
            ]
        ).index
        #expect(index.summaries == ["A buy 5.0", "A ret -4.0", "B ret -6.0", "B buy 3.0"])
        #expect(index.quantities == [5, -1, -3, 2])
        let texts = index.attributes.map { attribute in
            attribute.codes.map { $0 < 0 ? nil : attribute.values[Int($0)] }
        }
        #expect(texts == [["z", "y", "x", "x"], ["DE", nil, "FR", "DE"]])
    }

    @Test func daysAreThoseOfTheStudysZone() throws {
        let content = "customer,time\nA,2024-03-30T22:59:59Z\nA,2024-03-30T23:00:00Z\nA,2024-03-31T22:00:00Z\n"
        let index = try HistoryFixture.history(content, zone: "Europe/Berlin").index
        let days = index.days().map { CalendarDay(number: Int($0)).description }
        #expect(days == ["2024-03-30", "2024-03-31", "2024-04-01"])
    }

    // MARK: Transactions

    @Test func withoutAGroupEveryRowIsATransaction() throws {
        let index = try HistoryFixture.history("customer,time\nA,2024-01-01\nA,2024-01-01\nA,2024-01-01\n").index
        #expect(index.startsTransactionRows == [true, true, true])
    }

    @Test func theLinesOfOneOrderAreOneTransaction() throws {
        let index = try HistoryFixture.history(
            """
            customer,time,order,amount
            A,2024-01-01,o1,1
            A,2024-01-01,o1,2
            A,2024-01-01,o2,3
            A,2024-01-02,o1,4
            A,2024-01-03,,5
            A,2024-01-03,,6
            A,2024-01-03, ,7
            B,2024-01-01,o1,8

            """,
            ["duplicates": "keep", "amount": "amount", "group": "order"]
        ).index
        #expect(index.amounts == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(index.startsTransactionRows == [true, false, true, false, true, true, true, true])
    }

    @Test func theFirstLineInTimeStartsTheOrderWhereverItStandsInTheFile() throws {
        let index = try HistoryFixture.history(
            "customer,time,order,amount\nA,2024-01-03,o,1\nA,2024-01-01,o,2\nA,2024-01-02,o,3\n",
            ["duplicates": "keep", "amount": "amount", "group": "order"]
        ).index
        #expect(index.amounts == [2, 3, 1])
        #expect(index.startsTransactionRows == [true, false, false])
    }

    @Test func aTransactionIsWorthSomethingFromItsFirstLineWithAnAmount() throws {
        let index = try HistoryFixture.history(
            "customer,time,order,amount\nA,2024-01-01,o,\nA,2024-01-02,o,2\nA,2024-01-03,o,3\nA,2024-01-04,p,\n",
            ["duplicates": "keep", "amount": "amount", "group": "order", "format": "{null: [\"\"]}"]
        ).index
        #expect(index.startsTransactionRows == [true, false, false, true])
        #expect(index.startsValuedTransactionRows == [false, true, false, false])
    }

    @Test func withoutAGroupEveryRowWithAnAmountIsWorthSomething() throws {
        let index = try HistoryFixture.history(
            "customer,time,amount\nA,2024-01-01,1\nA,2024-01-01,\nA,2024-01-01,1\n",
            ["duplicates": "keep", "amount": "amount", "format": "{null: [\"\"]}"]
        ).index
        #expect(index.startsValuedTransactionRows == [true, false, true])
    }

    @Test func anOrderAndItsReturnAreTwoTransactions() throws {
        let index = try HistoryFixture.history(
            "customer,time,kind,order\nA,2024-01-01,buy,o\nA,2024-01-01,ret,o\nA,2024-01-02,buy,o\nA,2024-01-02,ret,o\n",
            ["duplicates": "keep", "type": "kind", "group": "order"]
        ).index
        #expect(index.startsTransactionRows == [true, true, false, false])
    }

    @Test func ordersOfTwoSourcesAreApartEvenWithEqualNumbers() throws {
        var fixture = try HistoryFixture()
        try fixture.folder.write("shop.csv", "customer,time,order\nA,2024-01-01,1\nA,2024-01-01,1\n")
        try fixture.folder.write("web.csv", "customer,time,order\nA,2024-01-02,1\nA,2024-01-02,1\n")
        for file in ["shop.csv", "web.csv"] {
            try fixture.addSource(["file": file, "duplicates": "keep", "group": "order"])
        }
        #expect(try fixture.read().index.startsTransactionRows == [true, false, true, false])
    }

    @Test func purchasesOfOneLocalDayMergeWhereTheStudySaysSo() throws {
        let index = try HistoryFixture.history(
            """
            customer,time,kind
            A,2024-01-01T22:59:00Z,buy
            A,2024-01-01T23:00:00Z,buy
            A,2024-01-02T22:59:59Z,buy
            A,2024-01-02T22:59:59Z,ret
            B,2024-01-02T00:00:00Z,buy

            """,
            ["duplicates": "keep", "type": "kind", "mergeSameDay": "true"],
            zone: "Europe/Berlin"
        ).index
        #expect(index.startsTransactionRows == [true, true, false, true, true])
    }

    @Test func sourcesWithAndWithoutMergingDoNotMix() throws {
        var fixture = try HistoryFixture()
        try fixture.folder.write("a.csv", "customer,time\nA,2024-01-01\nA,2024-01-01\n")
        try fixture.folder.write("b.csv", "customer,time,order\nA,2024-01-01,x\nA,2024-01-01,x\n")
        try fixture.folder.write("c.csv", "customer,time\nA,2024-01-01\nA,2024-01-01\n")
        try fixture.addSource(["file": "a.csv", "duplicates": "keep", "mergeSameDay": "true"])
        try fixture.addSource(["file": "b.csv", "duplicates": "keep", "group": "order"])
        try fixture.addSource(["file": "c.csv", "duplicates": "keep"])
        #expect(try fixture.read().index.startsTransactionRows == [true, false, true, false, true, true])
    }

    @Test func transactionsOfRandomRowsAreThoseOfASlowCount() throws {
        var random = SeededGenerator(seed: 15)
        var content = "customer,time,kind,order\n"
        for _ in 0..<3000 {
            let order = random.below(10) == 0 ? "" : "o\(random.below(60))"
            content += "c\(random.below(10)),2024-01-1\(random.below(9)),k\(random.below(3)),\(order)\n"
        }
        let index = try HistoryFixture.history(
            content,
            ["duplicates": "keep", "type": "kind", "group": "order", "attributes": "{order: order}"]
        ).index
        let orders = try #require(index.attributes.first)
        for customer in index.customers.indices {
            var seen = Set<[Int32]>()
            for row in index.rows(ofCustomer: customer) {
                let isFirst =
                    orders.codes[row] < 0 || seen.insert([Int32(index.types[row]), orders.codes[row]]).inserted
                #expect(index.startsTransactionRows[row] == isFirst)
            }
        }
    }
}

import ChurnNumerics
import ChurnTestSupport
import Testing

@testable import ChurnHistory

/// An index cut off at an instant against the index of files that never had what comes later.
@Suite struct TruncationTests {
    private struct Books {
        var events: [(customer: Int, day: Int, second: Int, type: String, order: Int)] = []
        var attributes: [(customer: Int, day: Int, value: String)] = []
        var contracts: [(customer: Int, start: Int, end: Int?, known: Int?)] = []

        init(seed: UInt64) {
            var random = RandomStream(seed: seed, purpose: "truncation", index: 0)
            for customer in 0..<30 {
                for _ in 0..<random.below(12) {
                    let day = random.below(40)
                    // Lines of one order can lie on both sides of midnight.
                    let order = random.below(5)
                    let second = random.bernoulli(0.2) ? 0 : random.below(86_400)
                    events.append((customer, day, second, random.bernoulli(0.3) ? "return" : "purchase", order))
                }
                // One row a day: two would contradict each other.
                for day in random.permutation(40).prefix(random.below(4)) {
                    attributes.append((customer, day, "v\(random.below(3))"))
                }
                for start in random.permutation(40).prefix(random.below(3)) {
                    let end = random.bernoulli(0.6) ? start + 1 + random.below(20) : nil
                    contracts.append((customer, start, end, end.map { min($0, start + random.below(15)) }))
                }
            }
        }

        /// What is known before a day begins.
        func known(before day: Int) -> Books {
            var books = self
            books.events = events.filter { $0.day < day }
            books.attributes = attributes.filter { $0.day < day }
            books.contracts = contracts.filter { $0.start < day }.map { contract in
                // A notice counts from the day behind it.
                contract.known.map { $0 < day } == true ? contract : (contract.customer, contract.start, nil, nil)
            }
            return books
        }

        static func date(_ day: Int) -> String { CalendarDay(number: 19_700 + day).description }

        func history() throws -> EventHistory {
            let folder = try TemporaryFolder()
            func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
            var text = "customer,time,type,amount,order,product\n"
            for event in events {
                let clock = "\(two(event.second / 3600)):\(two(event.second / 60 % 60)):\(two(event.second % 60))"
                text += "C\(event.customer),\(Self.date(event.day)) \(clock),\(event.type),\(event.day).5,"
                text += "o\(event.order),p\(event.second % 7)\n"
            }
            try folder.write("events.csv", text)
            let rows = attributes.map { "C\($0.customer),\(Self.date($0.day)),\($0.value)\n" }
            try folder.write("customers.csv", "id,since,segment\nnobody,2000-01-01,\n" + rows.joined())
            let terms = contracts.map { contract in
                "C\(contract.customer),\(Self.date(contract.start)),\(contract.end.map(Self.date) ?? ""),"
                    + "\(contract.known.map(Self.date) ?? "")\n"
            }
            try folder.write("contracts.csv", "id,from,to,notice\nnobody,2000-01-01,,\n" + terms.joined())
            let calendar = try ChurnHistoryTests.calendar("Europe/Berlin")
            let event = """
                {file: events.csv, customer: customer, time: time, type: type, amount: amount, group: order,
                 duplicates: keep, attributes: [product]}
                """
            let sources = StudySources(
                events: [
                    try EventSource(
                        StudyNode(yaml: event, file: "study.yaml"),
                        folder: folder.path,
                        calendar: calendar
                    )
                ],
                customers: [
                    try AttributeSource(
                        StudyNode(
                            yaml: "{file: customers.csv, customer: id, validFrom: since, attributes: [segment]}",
                            file: "study.yaml"
                        ),
                        folder: folder.path,
                        calendar: calendar
                    )
                ],
                contracts: [
                    try ContractSource(
                        StudyNode(
                            yaml: "{file: contracts.csv, customer: id, start: from, end: to, endKnown: notice}",
                            file: "study.yaml"
                        ),
                        folder: folder.path,
                        calendar: calendar
                    )
                ]
            )
            return try EventHistory(sources: sources, calendar: calendar, observedUntil: nil)
        }
    }

    /// All that an index says of each customer, in words.
    private static func account(_ index: EventIndex) -> [String: [String]] {
        var account: [String: [String]] = [:]
        let days = index.days()
        for (customer, name) in index.customers.enumerated() {
            var lines = index.rows(ofCustomer: customer).map { row in
                let product = index.attributes[0]
                let code = Int(product.codes[row])
                return
                    "\(index.times[row]) \(days[row]) \(index.typeNames[Int(index.types[row])]) \(index.amounts[row])"
                    + " \(index.startsTransaction(row)) \(index.startsValuedTransaction(row))"
                    + " \(code < 0 ? "" : product.values[code])"
            }
            let history = index.attributeHistories[0]
            for row in history.customerStarts[customer]..<history.customerStarts[customer + 1] {
                let code = Int(history.attributes[0].codes[row])
                lines.append("\(history.validFrom[row]) \(code < 0 ? "" : history.attributes[0].values[code])")
            }
            if let contracts = index.contracts {
                for row in contracts.customerStarts[customer]..<contracts.customerStarts[customer + 1] {
                    lines.append("\(contracts.starts[row]) \(contracts.ends[row]) \(contracts.endsKnown[row])")
                }
            }
            if !lines.isEmpty { account[name] = lines }
        }
        return account
    }

    @Test(arguments: 0..<20) func whatWasKnownIsWhatShorterFilesSay(seed: Int) throws {
        let books = Books(seed: UInt64(seed))
        let index = try books.history().index
        for day in [3, 11, 25, 39, 60] {
            let shorter = books.known(before: day)
            guard !shorter.events.isEmpty else { continue }
            let instant = index.calendar.start(of: CalendarDay(number: 19_700 + day))
            let known = index.known(before: instant)
            let read = try shorter.history().index
            #expect(Self.account(known) == Self.account(read), "seed \(seed), day \(day)")
            for (type, firsts) in zip(known.typeNames, known.typeFirsts) {
                let other = read.typeNames.firstIndex(of: type).map { read.typeFirsts[$0] } ?? TypeFirsts()
                #expect(firsts == other)
            }
        }
    }

    @Test func everythingIsKnownAtTheEndAndNothingBeforeTheBeginning() throws {
        let index = try Books(seed: 99).history().index
        #expect(Self.account(index.known(before: .max - 1)) == Self.account(index))
        let nothing = index.known(before: .min + 1)
        #expect(nothing.eventCount == 0 && nothing.customers == index.customers)
    }
}

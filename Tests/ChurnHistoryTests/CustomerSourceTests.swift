import ChurnTestSupport
import Testing

@testable import ChurnHistory

/// The `customers` and `contracts` of a study.
@Suite struct CustomerSourceTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("events.csv", "customer,time\nB,2024-01-02\nA,2024-01-03\nA,2024-01-04\n")
    }

    private func read(
        customers: [(content: String, keys: String)] = [],
        contracts: [(content: String, keys: String)] = [],
        options: EventHistory.Options = .init()
    ) throws -> EventHistory {
        let utc = try calendar("UTC")
        func node(_ yaml: String) throws -> StudyNode { try StudyNode(yaml: yaml, file: "study.yaml") }
        let plain = "file: events.csv\ncustomer: customer\ntime: time\ntype: {always: purchase}\nduplicates: keep\n"
        var attributeSources: [AttributeSource] = []
        for (number, source) in customers.enumerated() {
            try folder.write("customers\(number).csv", source.content)
            let yaml = "file: customers\(number).csv\ncustomer: id\n\(source.keys)\n"
            attributeSources.append(try AttributeSource(node(yaml), folder: folder.path, calendar: utc))
        }
        var contractSources: [ContractSource] = []
        for (number, source) in contracts.enumerated() {
            try folder.write("contracts\(number).csv", source.content)
            let yaml = "file: contracts\(number).csv\ncustomer: id\n\(source.keys)\n"
            contractSources.append(try ContractSource(node(yaml), folder: folder.path, calendar: utc))
        }
        return try EventHistory(
            sources: StudySources(
                events: [EventSource(node(plain), folder: folder.path, calendar: utc)],
                customers: attributeSources,
                contracts: contractSources
            ),
            calendar: utc,
            observedUntil: nil,
            options: options
        )
    }

    private func attributeError(_ content: String, _ keys: String) -> DataError? {
        #expect(throws: DataError.self) { try read(customers: [(content, keys)]) }
    }

    private func contractError(_ content: String, _ keys: String) -> DataError? {
        #expect(throws: DataError.self) { try read(contracts: [(content, keys)]) }
    }

    // MARK: Attributes

    private static let dated = "validFrom: since\nattributes: [industry, size]"

    private func value(_ index: EventIndex, _ name: String, of customer: String, asOf time: String) throws -> String? {
        let history = index.attributeHistories[0]
        let number = try #require(index.customers.firstIndex(of: customer))
        guard let row = try history.row(ofCustomer: number, asOf: instant(time)) else { return nil }
        let column = try #require(history.attributes.first { $0.name == name })
        return column.codes[row] < 0 ? nil : column.values[Int(column.codes[row])]
    }

    @Test func anAttributeIsWhatWasKnownBeforeTheCutoff() throws {
        let content = "id,since,industry,size\nA,2024-02-01,retail,20\nA,2023-01-01,retail,10\nB,2023-05-01,,7\n"
        let history = try read(customers: [(content, Self.dated)])
        let index = history.index
        let figures = [
            try value(index, "size", of: "A", asOf: "2022-12-31T00:00:00Z"),
            try value(index, "size", of: "A", asOf: "2023-01-01T00:00:00Z"),
            try value(index, "size", of: "A", asOf: "2023-01-01T00:00:01Z"),
            try value(index, "size", of: "A", asOf: "2024-02-01T00:00:00Z"),
            try value(index, "size", of: "A", asOf: "2024-02-02T00:00:00Z"),
            try value(index, "industry", of: "B", asOf: "2024-02-02T00:00:00Z"),
            try value(index, "size", of: "B", asOf: "2024-02-02T00:00:00Z"),
        ]
        #expect(figures == [nil, nil, "10", "10", "20", nil, "7"])
        #expect(index.attributeHistories[0].hasValidFrom)
        #expect(history.report.sum(.customers, \.kept) == 3 && history.report.rows == 3)
        #expect(
            history.report.description.hasSuffix(
                "; customers: read 3 = kept 3 + rejected 0"
                    + " + dropped 0 without customer + dropped 0 duplicates"
            )
        )
    }

    @Test func withoutADateARowWasAlwaysKnownAndTheHistorySaysSo() throws {
        let index = try read(customers: [("id,industry\nA,retail\n", "attributes: {branch: industry}")]).index
        #expect(!index.attributeHistories[0].hasValidFrom)
        #expect(try value(index, "branch", of: "A", asOf: "1980-01-01T00:00:00Z") == "retail")
    }

    @Test func customersWithoutEventsAreKeptAndBothSidesAreCounted() throws {
        let history = try read(customers: [("id,industry\nC,retail\nA,trade\n", "attributes: [industry]")])
        let index = history.index
        #expect(index.customers == ["A", "B", "C"] && index.customerStarts == [0, 2, 3, 3])
        #expect(history.report.customersWithoutEvents == 1 && history.report.eventCustomersWithoutAttributes == 1)
        #expect(index.attributeHistories[0].customerStarts == [0, 1, 1, 2])
    }

    @Test func twoFilesOfAttributesAreTwoHistories() throws {
        let index = try read(customers: [
            ("id,industry\nA,retail\n", "attributes: [industry]"),
            ("id,since,size\nA,2024-01-01,5\n", "validFrom: since\nattributes: [size]"),
        ]).index
        #expect(index.attributeHistories.map(\.hasValidFrom) == [false, true])
        #expect(index.attributeHistories.flatMap { $0.attributes.map(\.name) } == ["industry", "size"])
    }

    @Test func twoRowsOfOneCustomerAndDateThatDifferAreRejected() {
        let error = attributeError("id,since,industry,size\nA,2024-01-01,a,1\nA,2024-01-01,a,2\n", Self.dated)
        #expect(
            error?.code == .conflictingAttributes && error?.line == 3
                && error?.fix?.contains("customers0.csv:2") == true
        )
        let undated = attributeError("id,industry\nA,x\nA,y\n", "attributes: [industry]")
        #expect(undated?.code == .conflictingAttributes && undated?.fix?.contains("validFrom") == true)
    }

    @Test func equalRowsOfACustomerAreOne() throws {
        let report = try read(customers: [("id,industry\nA,x\nA,x\n", "attributes: [industry]")]).report
        #expect(report.sum(.customers, \.droppedDuplicates) == 1 && report.rejected == 0)
    }

    @Test func rejectedRowsOfAllFilesCountTogether() throws {
        let content = "id,industry\nA,x\n,y\n"
        #expect(attributeError(content, "attributes: [industry]")?.code == .emptyCustomer)
        let report = try read(customers: [(content, "attributes: [industry]")], options: .rejecting(1)).report
        #expect(report.rejected == 1)
    }

    // MARK: Contracts

    private static let keys =
        "start: from\nplannedEnd: {column: term, format: dd.MM.yyyy}\nend: end\nendKnown: notice\nvalue: mrr"

    @Test func contractsReachTheIndexByCustomerAndStart() throws {
        let content = """
            id,from,term,end,notice,mrr
            B,2023-01-01,31.12.2025,,,
            A,2023-06-01,01.06.2024,2024-06-01,2024-03-15,250.5
            A,2021-06-01,01.06.2023,2023-06-01,,100

            """
        let index = try read(contracts: [(content, Self.keys)]).index
        let contracts = try #require(index.contracts)
        #expect(contracts.customerStarts == [0, 2, 3])
        #expect(
            try contracts.starts == ["2021-06-01", "2023-06-01", "2023-01-01"].map { try instant($0 + "T00:00:00Z") }
        )
        #expect(try contracts.plannedEnds[1] == instant("2024-06-01T00:00:00Z"))
        #expect(try contracts.endsKnown[1] == instant("2024-03-15T00:00:00Z"))
        // Nobody says when the first end was known: it could be seen when it came.
        #expect(contracts.endsKnown[0] == contracts.ends[0])
        #expect(contracts.ends[2] == ContractTable.never && contracts.endsKnown[2] == ContractTable.never)
        #expect(contracts.values[1] == 250.5 && contracts.values[2].isNaN)
    }

    @Test func aStudyWithoutContractsHasNoTable() throws {
        #expect(try read().index.contracts == nil)
    }

    @Test(arguments: [
        ("A,2024-01-01,01.01.2023,,,1", DataErrorCode.impossibleContract, 3, "before it starts"),
        ("A,2024-01-01,,2023-12-31,,1", .impossibleContract, 4, "before it starts"),
        ("A,2024-01-01,01.01.2025,,2024-05-01,1", .impossibleContract, 5, "not when it is"),
        ("A,,01.01.2025,,,1", .notATime, 2, "not a time"), ("A,2024-01-01,31.12.9999,,,1", .timeOutOfRange, 3, "2100"),
        ("A,2024-01-01,01.01.2025,,,x", .notANumber, 6, "not a number"),
        (",2024-01-01,01.01.2025,,,1", .emptyCustomer, 1, "no customer"),
    ])
    func contractsThatCannotBeAreRejected(row: String, code: DataErrorCode, field: Int, problem: String) {
        let error = contractError("id,from,term,end,notice,mrr\n\(row)\n", Self.keys)
        #expect(error?.code == code && error?.field == field && error?.line == 2)
        #expect(error?.problem.contains(problem) == true)
    }

    @Test func aDateThatMeansNoEndCanBeNamed() throws {
        let keys = Self.keys + "\nformat: {null: [31.12.9999]}"
        let contracts = try #require(
            try read(contracts: [("id,from,term,end,notice,mrr\nA,2024-01-01,31.12.9999,,,1\n", keys)]).index.contracts
        )
        #expect(contracts.plannedEnds == [ContractTable.never])
    }
}

import ChurnFeatures
import ChurnHistory
import ChurnTestSupport

/// A study of contracts and customers' attributes that a test writes down.
struct BooksFixture {
    let folder: TemporaryFolder
    let study: Study
    let history: EventHistory

    /// - Parameters:
    ///   - events: lines of `customer,time`, all purchases.
    ///   - contracts: lines of `customer,start,plannedEnd,end,endKnown,value`.
    ///   - customers: lines of `customer,since,size,employees,founded`.
    ///   - regions: lines of `customer,region,status`, which have no date.
    init(
        events: [String],
        contracts: [String]? = nil,
        customers: [String]? = nil,
        regions: [String]? = nil,
        churn: String = "{definition: inactivity, of: [purchase], horizon: 30d}",
        families: String = "[contracts, attributes]",
        observations: String = "{first: 2024-03-01}",
        observedUntil: String = "2025-01-01"
    ) throws {
        let folder = try TemporaryFolder()
        self.folder = folder
        func write(_ name: String, _ header: String, _ lines: [String]) throws {
            try folder.write(name, ([header] + lines).joined(separator: "\n") + "\n")
        }
        try write("events.csv", "customer,time", events)
        var books: [String] = []
        if customers != nil || regions != nil { books.append("customers:") }
        if let customers {
            try write("customers.csv", "customer,since,size,employees,founded", customers)
            books.append(
                "  - {file: customers.csv, customer: customer, validFrom: since, attributes: [size, employees, founded], "
                    + "foundingYear: founded}"
            )
        }
        if let regions {
            try write("regions.csv", "customer,region,status", regions)
            books.append(
                "  - {file: regions.csv, customer: customer, attributes: [region, status], constant: [region]}"
            )
        }
        if let contracts {
            try write("contracts.csv", "customer,start,plannedEnd,end,endKnown,value", contracts)
            books.append(
                "contracts: [{file: contracts.csv, customer: customer, start: start, plannedEnd: plannedEnd, end: end, "
                    + "endKnown: endKnown, value: value}]"
            )
        }
        study = try Study(
            yaml: """
                study: fixture
                timezone: Europe/Berlin
                observedUntil: \(observedUntil)
                events:
                  - file: events.csv
                    customer: customer
                    duplicates: keep
                    time: {column: time, format: iso8601}
                    type: {always: purchase}
                \(books.joined(separator: "\n"))
                churn: \(churn)
                observations: \(observations)
                features: {windows: [30d], families: \(families)}
                """,
            path: "\(folder.path)/study.yaml"
        )
        history = try EventHistory(
            sources: study.sources,
            calendar: study.calendar,
            observedUntil: study.observedUntilInstant
        )
    }

    func plan() throws -> FeaturePlan { try FeaturePlan(study: study, index: history.index) }

    func table(plan: FeaturePlan? = nil, threads: Int = 2) throws -> FeatureTable {
        try FeatureSweep(
            study: study,
            index: history.index,
            plan: plan ?? self.plan(),
            cutoffs: study.cutoffs(observedUntil: history.observedUntil),
            threads: threads
        ).table(dataFingerprint: history.dataFingerprint)
    }
}

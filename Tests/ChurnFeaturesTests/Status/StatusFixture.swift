import ChurnHistory
import ChurnTestSupport

@testable import ChurnFeatures

/// A study over events, customers and contracts that a test writes down, and what its customers are at its cutoffs.
struct StatusFixture {
    let folder: TemporaryFolder
    let study: Study
    let history: EventHistory

    /// - Parameters:
    ///   - events: lines of `customer,time,type,group`.
    ///   - customers: lines of `customer,since,size`.
    ///   - contracts: lines of `customer,start,plannedEnd,end`.
    init(
        churn: String,
        events: [String] = [],
        customers: [String]? = nil,
        contracts: [String]? = nil,
        observations: String = "{first: 2024-03-01}",
        observedUntil: String = "2025-01-01"
    ) throws {
        folder = try TemporaryFolder()
        // A reading needs an event; nobody looks at this customer's.
        try Self.write("events.csv", "customer,time,type,group", ["~,2019-01-01,purchase,"] + events, folder)
        var books: [String] = []
        if let customers {
            try Self.write("customers.csv", "customer,since,size", customers, folder)
            books.append("customers: [{file: customers.csv, customer: customer, validFrom: since, attributes: [size]}]")
        }
        if let contracts {
            try Self.write("contracts.csv", "customer,start,plannedEnd,end", contracts, folder)
            books.append(
                "contracts: [{file: contracts.csv, customer: customer, start: start, plannedEnd: plannedEnd, end: end}]"
            )
        }
        let yaml = """
            study: fixture
            timezone: Europe/Berlin
            observedUntil: \(observedUntil)
            events:
              - file: events.csv
                format: {null: [""]}
                customer: customer
                duplicates: keep
                time: {column: time, format: iso8601}
                type: type
                attributes: [group]
            \(books.joined(separator: "\n"))
            churn: \(churn)
            observations: \(observations)
            """
        study = try Study(yaml: yaml, path: "\(folder.path)/study.yaml")
        history = try EventHistory(
            sources: study.sources,
            calendar: study.calendar,
            observedUntil: study.observedUntilInstant
        )
    }

    private static func write(_ name: String, _ header: String, _ lines: [String], _ folder: TemporaryFolder) throws {
        try folder.write(name, ([header] + lines).joined(separator: "\n") + "\n")
    }

    var cutoffs: [Cutoff] { study.cutoffs(observedUntil: history.observedUntil) }

    /// By customer, what he is at each cutoff.
    func statuses(threads: Int = 2) -> [String: [CustomerStatus]] {
        let cutoffs = cutoffs
        let raw = StatusSweep(study: study, index: history.index, cutoffs: cutoffs).statuses(threads: threads)
        var statuses: [String: [CustomerStatus]] = [:]
        for (customer, name) in history.index.customers.enumerated() where name != "~" {
            let places = customer * cutoffs.count..<(customer + 1) * cutoffs.count
            statuses[name] = raw[places].compactMap { CustomerStatus(rawValue: $0) }
        }
        return statuses
    }

    /// What the customers are at the first cutoff.
    func first() -> [String: CustomerStatus] { statuses().compactMapValues(\.first) }
}

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

    /// By customer, what he is at each of some cutoffs; at those of the study where `nil`.
    func statuses(at chosen: [Cutoff]? = nil) -> [String: [ExampleStatus]] {
        let cutoffs = chosen ?? cutoffs
        let sweep = StatusSweep(study: study, index: history.index, cutoffs: cutoffs)
        let result = ScratchBuffer(ExampleStatus.open, capacity: cutoffs.count)
        var statuses: [String: [ExampleStatus]] = [:]
        history.index.withEventMemory { memory in
            for (customer, name) in history.index.customers.enumerated() where name != "~" {
                sweep.status(ofCustomer: customer, of: memory, into: result.base)
                statuses[name] = cutoffs.indices.map { result.base[$0] }
            }
        }
        return statuses
    }

    /// What the customers are at the first cutoff.
    func first() -> [String: ExampleStatus] { statuses().compactMapValues(\.first) }
}

import ChurnTestSupport
import Testing

@testable import ChurnHistory

/// Files of events for one test, and the history that is read from them.
struct HistoryFixture {
    /// What a source says unless a test says otherwise.
    static let plain = ["file": "events.csv", "customer": "customer", "time": "time", "type": "{always: purchase}"]

    let folder: TemporaryFolder
    private let calendar: StudyCalendar
    private var sources: [EventSource] = []

    init(zone: String = "UTC") throws {
        folder = try TemporaryFolder()
        calendar = try ChurnHistoryTests.calendar(zone)
    }

    /// Adds a source that says what `plain` says, with other or further keys.
    mutating func addSource(_ changes: [String: String] = [:]) throws {
        let keys = Self.plain.merging(changes) { $1 }.sorted { $0.key < $1.key }
        let yaml = keys.map { "\($0.key): \($0.value)\n" }.joined()
        sources.append(
            try EventSource(StudyNode(yaml: yaml, file: "study.yaml"), folder: folder.path, calendar: calendar)
        )
    }

    func read(
        observedUntil: Int64? = nil,
        options: EventHistory.Options = .init(),
        rejects: RejectedRows? = nil
    ) throws -> EventHistory {
        try EventHistory(
            sources: StudySources(events: sources),
            calendar: calendar,
            observedUntil: observedUntil,
            options: options,
            rejects: rejects
        )
    }

    /// The history of one file, `events.csv`.
    static func history(
        _ content: String,
        _ changes: [String: String] = ["duplicates": "keep"],
        zone: String = "UTC",
        observedUntil: Int64? = nil,
        options: EventHistory.Options = .init()
    ) throws -> EventHistory {
        var fixture = try HistoryFixture(zone: zone)
        try fixture.folder.write("events.csv", content)
        try fixture.addSource(changes)
        return try fixture.read(observedUntil: observedUntil, options: options)
    }

    /// The error that reading one file, `events.csv`, throws.
    static func error(
        _ content: String,
        _ changes: [String: String] = ["duplicates": "keep"],
        zone: String = "UTC",
        observedUntil: Int64? = nil,
        options: EventHistory.Options = .init()
    ) -> DataError? {
        #expect(throws: DataError.self) {
            try history(content, changes, zone: zone, observedUntil: observedUntil, options: options)
        }
    }
}

extension EventIndex {
    /// By row: whether it is the first of its transaction.
    var startsTransactionRows: [Bool] { (0..<eventCount).map(startsTransaction) }

    /// By row: whether it is the first of its transaction that has an amount.
    var startsValuedTransactionRows: [Bool] { (0..<eventCount).map(startsValuedTransaction) }

    /// Each row as `customer type amount`.
    var summaries: [String] {
        (0..<customers.count).flatMap { customer in
            rows(ofCustomer: customer).map { "\(customers[customer]) \(typeNames[Int(types[$0])]) \(amounts[$0])" }
        }
    }
}

extension EventHistory.Options {
    static func rejecting(_ count: Int) -> Self { .init(maximumRejected: count) }
}

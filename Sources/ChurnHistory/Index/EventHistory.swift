import ChurnNumerics
import Crypto
import Foundation

/// Where the data of a study are.
public struct StudySources: Sendable {
    public let events: [EventSource]
    public let customers: [AttributeSource]
    public let contracts: [ContractSource]

    public init(
        events: [EventSource],
        customers: [AttributeSource] = [],
        contracts: [ContractSource] = []
    ) {
        self.events = events
        self.customers = customers
        self.contracts = contracts
    }
}

/// The history of a study: its sources read into an `EventIndex`, with the account of what became of every row.
public struct EventHistory: Sendable {
    public let index: EventIndex
    public let report: ReadingReport
    /// The exclusive end of what the data can know: the study's, or local midnight after the last event.
    public let observedUntil: Int64
    /// SHA-256 over the digests of all files in their order: which data this is.
    public let dataFingerprint: String

    /// How a reading treats what is not plain.
    public struct Options: Sendable {
        /// Rows that may be rejected before the reading stops with the first reason.
        public var maximumRejected = 0
        /// Only look: count whatever is wrong, repeated rows too, and stop for none of it.
        public var isInspection = false
        /// Threads to read with; the result does not depend on it.
        public var threads = Parallel.availableThreads

        public init(maximumRejected: Int = 0) { self.maximumRejected = maximumRejected }

        public static let inspection: Options = {
            var options = Options(maximumRejected: .max)
            options.isInspection = true
            return options
        }()
    }

    init(index: EventIndex, report: ReadingReport, observedUntil: Int64, dataFingerprint: String) {
        self.index = index
        self.report = report
        self.observedUntil = observedUntil
        self.dataFingerprint = dataFingerprint
    }

    /// Reads all sources.
    /// - Parameters:
    ///   - observedUntil: what the study names; rows at or after it are rejected.
    ///   - rejects: takes the rows that are put aside; finished here, also when the reading stops.
    public init(
        sources: StudySources,
        calendar: StudyCalendar,
        observedUntil: Int64?,
        options: Options = Options(),
        rejects: RejectedRows? = nil
    ) throws(DataError) {
        var reading = SourceReading(options: options, rejects: rejects)
        let index: EventIndex
        do {
            index = try Self.index(sources, calendar, observedUntil, &reading)
        } catch {
            // What stopped the reading is what the user must hear of.
            try? rejects?.finish()
            throw error
        }
        try rejects?.finish()
        let report = reading.report
        if index.eventCount == 0, !options.isInspection {
            throw DataError(
                .headerOnly,
                "no event was kept (\(report))",
                file: sources.events.first?.files.first,
                fix: "`churn inspect` tells what became of the rows"
            )
        }
        self.index = index
        self.report = report
        if let observedUntil {
            self.observedUntil = observedUntil
        } else {
            let last = calendar.day(of: index.timeRange?.upperBound ?? 0)
            self.observedUntil = calendar.start(of: CalendarDay(number: last.number + 1))
        }
        var hasher = SHA256()
        for file in report.files { hasher.update(data: Data(file.digest.utf8)) }
        dataFingerprint = hasher.finalize().hexadecimal
    }
}

extension EventHistory {
    /// Reads events, then attributes and contracts of customers, and sorts them together.
    private static func index(
        _ sources: StudySources,
        _ calendar: StudyCalendar,
        _ observedUntil: Int64?,
        _ reading: inout SourceReading
    ) throws(DataError) -> EventIndex {
        var collection = EventCollection(sources.events)
        for (number, source) in sources.events.enumerated() {
            try reading.read(
                source,
                number: number,
                calendar: calendar,
                observedUntil: observedUntil,
                into: &collection
            )
        }
        // Customers whom other files name, whether they have events or not.
        var named = ByteDictionary()
        var attributeReaders: [AttributeSourceReader] = []
        for source in sources.customers {
            var reader = AttributeSourceReader(source: source, calendar: calendar, customers: named)
            try reading.read(source.files, source.dialect, .customers, with: &reader)
            named = reader.customers
            attributeReaders.append(reader)
        }
        var contracts = sources.contracts.isEmpty ? nil : ContractRows()
        for source in sources.contracts {
            var reader = ContractSourceReader(
                source: source,
                calendar: calendar,
                customers: named,
                contracts: contracts ?? ContractRows()
            )
            try reading.read(source.files, source.dialect, .contracts, with: &reader)
            try reader.finish(&reading)
            named = reader.customers
            contracts = reader.contracts
        }
        let builder = EventIndexBuilder(
            collection,
            named: named,
            calendar: calendar,
            threads: reading.options.threads
        )
        if !sources.customers.isEmpty {
            let described = Set(attributeReaders.flatMap(\.rows.customerCodes))
            let withEvents = described.count { builder.hasEvents(named: Int($0)) }
            reading.report.customersWithoutEvents = described.count - withEvents
            reading.report.eventCustomersWithoutAttributes = builder.customersWithEvents - withEvents
        }
        return builder.index(attributeReaders, contracts)
    }
}

extension SHA256.Digest {
    /// Lower-case hexadecimal.
    public var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: self.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

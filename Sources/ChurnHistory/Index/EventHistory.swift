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
    /// SHA-256 over the digests of all files in their order: which data this is; empty where nobody asked for it.
    public let dataFingerprint: String

    /// How a reading treats what is not plain.
    public struct Options: Sendable {
        /// Rows that may be rejected before the reading stops with the first reason.
        public var maximumRejected = 0
        /// Only look: count whatever is wrong, repeated rows too, and stop for none of it.
        public var isInspection = false
        /// Count the rows that repeat an earlier one of their source, those too that the study keeps.
        public var countsRepetitions = false
        /// Whether the files' digests are computed, which say which data a result comes from. Without, a kept index cannot be
        /// made of the history.
        public var identifiesData = true
        /// Threads to read with; the result does not depend on it.
        public var threads = Parallel.availableThreads
        /// Bytes of memory that the events may take up; what goes beyond is kept in temporary files. `nil` for no bound.
        public var memory: Int?
        /// Where temporary files go.
        public var spillFolder = SpillFolder.standard

        /// A third for the blocks that were read: numbering and sorting them takes another one.
        var bytesOfBlocks: Int { memory.map { $0 / 3 } ?? .max }

        public init(maximumRejected: Int = 0) { self.maximumRejected = maximumRejected }

        public static let inspection: Options = {
            var options = Options(maximumRejected: .max)
            options.isInspection = true
            options.countsRepetitions = true
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
        guard options.identifiesData else {
            dataFingerprint = ""
            return
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
        let described = Set(attributeReaders.flatMap(\.rows.customerCodes))
        func note(customersWithEvents: Int, hasEvents: (Int) -> Bool) {
            guard !sources.customers.isEmpty else { return }
            let withEvents = described.count { hasEvents(Int($0)) }
            reading.report.customersWithoutEvents = described.count - withEvents
            reading.report.eventCustomersWithoutAttributes = customersWithEvents - withEvents
        }
        let options = reading.options
        guard collection.runs.isEmpty else {
            return try merged(&collection, named, attributeReaders, contracts, calendar, options, note)
        }
        let builder = EventIndexBuilder(collection, named: named, calendar: calendar, threads: options.threads)
        note(customersWithEvents: builder.customersWithEvents, hasEvents: builder.hasEvents)
        return try builder.index(attributeReaders, contracts)
    }

    /// The index of events of which a part is in temporary files; the index itself is in such files, too.
    private static func merged(
        _ collection: inout EventCollection,
        _ named: ByteDictionary,
        _ attributeReaders: [AttributeSourceReader],
        _ contracts: ContractRows?,
        _ calendar: StudyCalendar,
        _ options: Options,
        _ note: (_ customersWithEvents: Int, _ hasEvents: (Int) -> Bool) -> Void
    ) throws(DataError) -> EventIndex {
        try collection.spill(calendar: calendar, folder: options.spillFolder, threads: options.threads)
        let order = named.codesInByteOrder()
        let runs = collection.runs + [try EventRun(customers: order.map(named.string), form: collection.form)]
        let merge = EventRunMerge(runs, collection.form, threads: options.threads)
        let layout = merge.layout()
        let count = layout.starts[layout.starts.count - 1]
        let events = try SortedEvents(count: count, collection.form, in: options.spillFolder)
        let ranksInOrder = merge.fill(events, layout, typeRanks: collection.typesOfRuns.ranks(collection.types))
        let firsts = events.settle(layout.starts, calendar: calendar, threads: options.threads)
        events.release()
        var ranks = [Int32](repeating: 0, count: named.count)
        for (position, code) in order.enumerated() { ranks[code] = ranksInOrder[position] }
        func hasEvents(_ customer: Int) -> Bool { layout.starts[customer] < layout.starts[customer + 1] }
        let customerCount = layout.customers.count
        note((0..<customerCount).count(where: hasEvents)) { hasEvents(Int(ranks[$0])) }
        return EventIndex(
            customers: layout.customers,
            customerStarts: Column(layout.starts),
            typeNames: collection.typesOfRuns.names(collection.types),
            events: events,
            typeFirsts: firsts,
            attributes: collection.attributes,
            attributeHistories: attributeReaders.map { $0.history(rank: ranks, customerCount: customerCount) },
            contracts: contracts?.table(rank: ranks, customerCount: customerCount),
            calendar: calendar
        )
    }
}

extension SHA256.Digest {
    /// Lower-case hexadecimal.
    public var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: self.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

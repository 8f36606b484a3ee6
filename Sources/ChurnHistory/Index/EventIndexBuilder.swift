import ChurnNumerics

/// Sorts a collection of events by customer and time.
///
/// Customers are numbered partition by partition, each in a table that fits a processor's cache; then all customers are
/// put into the byte order of their ids, which gives every customer his place in the columns; then the events go there,
/// again partition by partition. No step is done by more threads than one partition at a time, so the result is the same
/// for any number of threads.
struct EventIndexBuilder {
    private let collection: EventCollection
    private let calendar: StudyCalendar
    private let threads: Int
    private let partitions: [Partition]
    /// Customers whom other files name, by their codes there: where each stands.
    private let named: [CustomerOrder.Place]
    /// Customers in byte order.
    private let order: [CustomerOrder.Place]
    /// How many of `named`'s customers have events.
    private let hasEvents: [Bool]

    /// What is known of a partition once its customers are numbered.
    private final class Partition: Sendable {
        /// By event in the order of the blocks: the customer's number, -1 for a dropped event.
        let codes: OwnedBuffer<Int32>
        let eventCounts: [UInt32]
        let ends: [Int]
        let bytes: [UInt8]
        /// The first eight bytes of each id, the first one lowest.
        let words: [UInt64]
        let namedCodes: [Int32]

        init(
            _ codes: OwnedBuffer<Int32>,
            _ table: borrowing CustomerTable,
            namedCodes: [Int32]
        ) {
            self.codes = codes
            eventCounts = table.all.map(\.eventCount)
            ends = table.all.map(\.end)
            bytes = table.bytes
            words = table.all.map(\.word)
            self.namedCodes = namedCodes
        }

        func range(_ code: Int) -> Range<Int> { (code == 0 ? 0 : ends[code - 1])..<ends[code] }
    }

    /// - Parameter collection: without its ids afterwards.
    init(_ collection: EventCollection, named: ByteDictionary, calendar: StudyCalendar, threads: Int) {
        self.collection = collection
        self.calendar = calendar
        self.threads = threads
        let hashes = (0..<named.count).map { code in
            named.withPaddedBytes(code) { id in
                id.baseAddress.map { CustomerHash.hash($0, count: id.count) } ?? 0
            }
        }
        var namedByPartition = [[Int]](repeating: [], count: EventPartitions.count)
        for (code, hash) in hashes.enumerated() { namedByPartition[EventPartitions.partition(of: hash)].append(code) }
        let groups = namedByPartition
        let partitions = Parallel.map(EventPartitions.count, threads: threads) { partition in
            Self.number(collection, partition, named: named, codes: groups[partition], hashes: hashes)
        }
        self.partitions = partitions
        // Their memory is needed for the columns.
        for block in collection.blocks { block.events.forgetIds() }
        let nowhere = CustomerOrder.Place(prefix: 0, partition: 0, code: 0)
        var places = [CustomerOrder.Place](repeating: nowhere, count: named.count)
        for (partition, codes) in groups.enumerated() {
            for (code, number) in zip(codes, partitions[partition].namedCodes) {
                places[code] = CustomerOrder.Place(
                    prefix: 0,
                    partition: Int32(truncatingIfNeeded: partition),
                    code: number
                )
            }
        }
        self.named = places
        hasEvents = places.map { partitions[Int($0.partition)].eventCounts[Int($0.code)] > 0 }
        order = Self.order(partitions)
    }

    /// Numbers the customers of a partition.
    private static func number(
        _ collection: EventCollection,
        _ partition: Int,
        named: ByteDictionary,
        codes: [Int],
        hashes: [UInt64]
    ) -> Partition {
        let total = collection.blocks.reduce(0) { $0 + $1.events.count(ofPartition: partition) }
        let eventCodes = OwnedBuffer<Int32>(count: total)
        var table = CustomerTable(capacity: min(total, 1 << 12))
        var next = 0
        for block in collection.blocks {
            let events = block.events
            guard let ids = events.ids else { preconditionFailure("ids are forgotten once customers are numbered") }
            var id = UnsafePointer(ids.bytes.base + Int(ids.starts[partition]))
            for event in Int(events.starts[partition])..<Int(events.starts[partition + 1]) {
                let length = ids.length(event)
                if !block.isDropped.isEmpty, block.isDropped[event] {
                    eventCodes.base[next] = -1
                } else {
                    let code = table.code(id, count: length, hash: CustomerHash.hash(id, count: length))
                    table.countEvent(code)
                    eventCodes.base[next] = Int32(truncatingIfNeeded: code)
                }
                next += 1
                id += length
            }
        }
        let namedCodes = codes.map { code in
            named.withPaddedBytes(code) { id in
                id.baseAddress.map { Int32(truncatingIfNeeded: table.code($0, count: id.count, hash: hashes[code])) }
                    ?? 0
            }
        }
        return Partition(eventCodes, table, namedCodes: namedCodes)
    }

    /// All customers in the byte order of their ids.
    private static func order(_ partitions: [Partition]) -> [CustomerOrder.Place] {
        var places: [CustomerOrder.Place] = []
        places.reserveCapacity(partitions.reduce(0) { $0 + $1.ends.count })
        for (number, partition) in partitions.enumerated() {
            for (code, word) in partition.words.enumerated() {
                places.append(
                    CustomerOrder.Place(
                        prefix: word.byteSwapped,
                        partition: Int32(truncatingIfNeeded: number),
                        code: Int32(truncatingIfNeeded: code)
                    )
                )
            }
        }
        return CustomerOrder.sorted(places) { left, right in
            let (a, b) = (partitions[Int(left.partition)], partitions[Int(right.partition)])
            return a.bytes[a.range(Int(left.code))].lexicographicallyPrecedes(b.bytes[b.range(Int(right.code))])
        }
    }

    var customersWithEvents: Int { partitions.reduce(0) { $0 + $1.eventCounts.count { $0 > 0 } } }

    /// Whether a customer whom other files name has events.
    func hasEvents(named code: Int) -> Bool { hasEvents[code] }

    var customerCount: Int { order.count }

    // MARK: The index

    /// Where every customer's events go.
    struct Layout: Sendable {
        let customers: TextColumn
        /// Customer i owns the rows `starts[i]..<starts[i + 1]`.
        let starts: [Int]
        /// By partition and customer's number there: his number in the index.
        let ranks: [[Int32]]

        var eventCount: Int { starts[starts.count - 1] }
    }

    func layout() -> Layout {
        var ranks = partitions.map { [Int32](repeating: 0, count: $0.ends.count) }
        var starts = [Int](repeating: 0, count: order.count + 1)
        var idStarts = starts
        for (rank, place) in order.enumerated() {
            let (partition, code) = (Int(place.partition), Int(place.code))
            ranks[partition][code] = Int32(truncatingIfNeeded: rank)
            starts[rank + 1] = starts[rank] + Int(partitions[partition].eventCounts[code])
            idStarts[rank + 1] = idStarts[rank] + partitions[partition].range(code).count
        }
        let ids = OwnedBuffer<UInt8>(count: idStarts[order.count])
        for (rank, place) in order.enumerated() {
            let partition = partitions[Int(place.partition)]
            let range = partition.range(Int(place.code))
            partition.bytes.withUnsafeBufferPointer { bytes in
                guard let base = bytes.baseAddress else { return }
                (ids.base + idStarts[rank]).update(from: base + range.lowerBound, count: range.count)
            }
        }
        return Layout(
            customers: TextColumn(starts: Column(idStarts), bytes: Column(ids)),
            starts: starts,
            ranks: ranks
        )
    }

    /// Writes the events to their customers' places, in the order of the sources.
    func fill(_ events: SortedEvents, _ layout: Layout, typeRanks: [UInt8]) {
        Parallel.forEach(EventPartitions.count, threads: threads) { partition in
            var next = layout.ranks[partition].map { layout.starts[Int($0)] }
            next.withUnsafeMutableBufferPointer { next in
                scatter(partition, to: events, next: next, typeRanks: typeRanks)
            }
        }
    }

    /// The index, in the process's own memory.
    func index(_ attributes: [AttributeSourceReader], _ contractRows: ContractRows?) throws(DataError) -> EventIndex {
        let layout = layout()
        var types = TypeOrder()
        types.note(collection)
        let events = try SortedEvents(count: layout.eventCount, collection.form, in: nil)
        fill(events, layout, typeRanks: types.ranks(collection.types))
        let firsts = events.settle(layout.starts, calendar: calendar, threads: threads)
        let namedRanks = named.map { layout.ranks[Int($0.partition)][Int($0.code)] }
        return EventIndex(
            customers: layout.customers,
            customerStarts: Column(layout.starts),
            typeNames: types.names(collection.types),
            events: events,
            typeFirsts: firsts,
            attributes: collection.attributes,
            attributeHistories: attributes.map { $0.history(rank: namedRanks, customerCount: order.count) },
            contracts: contractRows?.table(rank: namedRanks, customerCount: order.count),
            calendar: calendar
        )
    }

    /// Writes the events of a partition to their customers' places, in the order of the sources.
    private func scatter(
        _ partition: Int,
        to sorted: SortedEvents,
        next: UnsafeMutableBufferPointer<Int>,
        typeRanks: [UInt8]
    ) {
        let codes = partitions[partition].codes.base
        let (times, types) = (sorted.times.base, sorted.types.base)
        var first = 0
        typeRanks.withUnsafeBufferPointer { typeRanks in
            for block in collection.blocks {
                let events = block.events
                let range = Int(events.starts[partition])..<Int(events.starts[partition + 1])
                // Each event's place, for the columns that only some sources have.
                let (sourceTimes, sourceTypes) = (events.times.base, events.types.base)
                let amounts = events.amounts.flatMap { from in sorted.amounts.map { (from.base, $0.base) } }
                let hasMore = sorted.quantities != nil || sorted.transactions != nil || !sorted.attributes.isEmpty
                for source in range {
                    let code = Int(codes[first &+ source &- range.lowerBound])
                    if code < 0 { continue }
                    let target = next[code]
                    next[code] = target &+ 1
                    times[target] = sourceTimes[source]
                    types[target] = typeRanks[Int(sourceTypes[source])]
                    if let (from, to) = amounts { to[target] = from[source] }
                    if hasMore { copyMore(block, source, to: sorted, target) }
                }
                first += range.count
            }
        }
    }

    /// Copies what only some sources have of an event.
    private func copyMore(_ block: EventCollection.Block, _ source: Int, to sorted: SortedEvents, _ target: Int) {
        let events = block.events
        if let from = events.quantities, let to = sorted.quantities { to.base[target] = from.base[source] }
        if let from = events.transactions, let to = sorted.transactions { to.base[target] = from.base[source] }
        for attribute in sorted.attributes.indices {
            let local = events.attributes[attribute].base[source]
            sorted.attributes[attribute].base[target] =
                local < 0 ? -1 : block.attributeCodes[attribute][Int(local)]
        }
    }
}

/// The event types of an index: those of its events, in byte order. Types that only rejected or dropped rows had are none.
struct TypeOrder: Sendable {
    private var isUsed = [Bool](repeating: false, count: 256)

    /// Takes note of the types of a collection's events.
    mutating func note(_ collection: EventCollection) {
        for block in collection.blocks {
            for event in 0..<block.events.eventCount where block.isDropped.isEmpty || !block.isDropped[event] {
                isUsed[Int(block.events.types.base[event])] = true
            }
        }
    }

    private func order(_ types: ByteDictionary) -> [Int] { types.codesInByteOrder().filter { isUsed[$0] } }

    func names(_ types: ByteDictionary) -> [String] { order(types).map(types.string) }

    /// By number of a type: its position in `names`.
    func ranks(_ types: ByteDictionary) -> [UInt8] {
        var ranks = [UInt8](repeating: 0, count: 256)
        for (position, code) in order(types).enumerated() { ranks[code] = UInt8(truncatingIfNeeded: position) }
        return ranks
    }
}

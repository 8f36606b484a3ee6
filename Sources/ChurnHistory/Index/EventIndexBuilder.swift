import ChurnNumerics

/// Sorts a collection of events by customer and time.
///
/// Customers are numbered partition by partition, each in a table that fits a processor's cache; then all customers are
/// put into the byte order of their ids, which gives every customer his place in the columns; then the events go there,
/// again partition by partition. What threads do side by side are partitions, or chunks of customers of a fixed size, each of
/// which writes its own places, so the result is the same for any number of threads.
struct EventIndexBuilder {
    private let collection: EventCollection
    private let calendar: StudyCalendar
    private let threads: Int
    private let groups: EventGroups
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
        let customers: OwnedBuffer<CustomerTable.Entry>
        /// The ids, one behind the other.
        let bytes: OwnedBuffer<UInt8>
        let namedCodes: [Int32]

        init(
            _ codes: OwnedBuffer<Int32>,
            _ table: borrowing CustomerTable,
            namedCodes: [Int32]
        ) {
            self.codes = codes
            customers = OwnedBuffer(copying: table.all)
            bytes = table.bytes.withUnsafeBufferPointer { OwnedBuffer(copying: $0) }
            self.namedCodes = namedCodes
        }

        func id(_ code: Int32) -> UnsafeBufferPointer<UInt8> {
            let entry = customers.base[Int(code)]
            let length = Int(entry.length)
            return UnsafeBufferPointer(start: bytes.base + entry.end - length, count: length)
        }
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
        let namedCodes = namedByPartition
        let groups = EventGroups(collection, threads: threads)
        self.groups = groups
        let partitions = Parallel.map(EventPartitions.count, threads: threads) { partition in
            Self.number(groups, partition, named: named, codes: namedCodes[partition], hashes: hashes)
        }
        self.partitions = partitions
        // Their memory is needed for the columns.
        for block in collection.blocks { block.events.forgetIds() }
        let nowhere = CustomerOrder.Place(prefix: 0, partition: 0, code: 0)
        var places = [CustomerOrder.Place](repeating: nowhere, count: named.count)
        for (partition, codes) in namedCodes.enumerated() {
            for (code, number) in zip(codes, partitions[partition].namedCodes) {
                places[code] = CustomerOrder.Place(
                    prefix: 0,
                    partition: Int32(truncatingIfNeeded: partition),
                    code: number
                )
            }
        }
        self.named = places
        hasEvents = places.map { place in
            let customers = partitions[Int(place.partition)].customers
            precondition(Int(place.code) < customers.count, "a named customer has a number in his partition")
            return customers.base[Int(place.code)].eventCount > 0
        }
        order = Self.order(partitions, threads: threads)
    }

    /// Numbers the customers of a partition.
    private static func number(
        _ groups: EventGroups,
        _ partition: Int,
        named: ByteDictionary,
        codes: [Int],
        hashes: [UInt64]
    ) -> Partition {
        let total = groups.eventCount(ofPartition: partition)
        let eventCodes = OwnedBuffer<Int32>(count: total)
        var table = CustomerTable(capacity: min(total / 16, 1 << 12))
        var next = eventCodes.base
        groups.forEach(ofPartition: partition) { group, block in
            var id = block.ids + Int(group.firstId)
            for event in Int(group.first)..<Int(group.first &+ group.count) {
                let length = block.idLength(event)
                if block.hasDrops, block.isDropped(event) {
                    next.pointee = -1
                } else {
                    let code = table.code(id, count: length, hash: CustomerHash.hash(id, count: length))
                    table.countEvent(code)
                    next.pointee = Int32(truncatingIfNeeded: code)
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
    private static func order(_ partitions: [Partition], threads: Int) -> [CustomerOrder.Place] {
        let starts = firsts(partitions)
        let places = [CustomerOrder.Place](unsafeUninitializedCapacity: starts[partitions.count]) { places, count in
            nonisolated(unsafe) let base = places.baseAddress
            Parallel.forEach(partitions.count, threads: threads) { number in
                for (code, entry) in partitions[number].customers.values.enumerated() {
                    base.unsafelyUnwrapped[starts[number] + code] = CustomerOrder.Place(
                        prefix: entry.word.byteSwapped,
                        partition: Int32(truncatingIfNeeded: number),
                        code: Int32(truncatingIfNeeded: code)
                    )
                }
            }
            count = starts[partitions.count]
        }
        return CustomerOrder.sorted(places) { left, right in
            let (a, b) = (partitions[Int(left.partition)], partitions[Int(right.partition)])
            return a.id(left.code).lexicographicallyPrecedes(b.id(right.code))
        }
    }

    /// By partition, and behind the last one: how many customers stand in those before.
    private static func firsts(_ partitions: [Partition]) -> [Int] {
        partitions.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.customers.count) }
    }

    var customersWithEvents: Int { partitions.reduce(0) { $0 + $1.customers.values.count { $0.eventCount > 0 } } }

    /// Whether a customer whom other files name has events.
    func hasEvents(named code: Int) -> Bool { hasEvents[code] }

    var customerCount: Int { order.count }

    // MARK: The index

    /// Where every customer's events go.
    struct Layout: Sendable {
        let customers: TextColumn
        /// Customer i owns the rows `starts[i]..<starts[i + 1]`.
        let starts: [Int]
        /// By partition, customers' numbers in the index by their numbers there; those of partition p begin at `firsts[p]`.
        fileprivate let ranks: OwnedBuffer<Int32>
        fileprivate let firsts: [Int]

        var eventCount: Int { starts[starts.count - 1] }

        fileprivate func ranks(ofPartition partition: Int) -> UnsafeBufferPointer<Int32> {
            UnsafeBufferPointer(rebasing: ranks.values[firsts[partition]..<firsts[partition + 1]])
        }

        fileprivate func rank(_ place: CustomerOrder.Place) -> Int32 {
            ranks.base[firsts[Int(place.partition)] + Int(place.code)]
        }
    }

    private static let customersPerChunk = 1 << 14

    func layout() -> Layout {
        let firsts = Self.firsts(partitions)
        let count = order.count
        let ranks = OwnedBuffer<Int32>(count: count)
        let idStarts = OwnedBuffer<Int>(count: count + 1)
        var starts = [Int](repeating: 0, count: count + 1)
        let chunks = (count + Self.customersPerChunk - 1) / Self.customersPerChunk
        @Sendable func customers(of chunk: Int) -> Range<Int> {
            chunk * Self.customersPerChunk..<min(count, (chunk + 1) * Self.customersPerChunk)
        }
        let ids = starts.withUnsafeMutableBufferPointer { starts in
            nonisolated(unsafe) let starts = starts
            nonisolated(unsafe) let entries = partitions.map(\.customers.base)
            // Sums within each chunk first; what lies before a chunk is added to them then.
            let sums = Parallel.map(chunks, threads: threads) { chunk in
                var (events, bytes) = (0, 0)
                for rank in customers(of: chunk) {
                    let (partition, code) = (Int(order[rank].partition), Int(order[rank].code))
                    ranks.base[firsts[partition] + code] = Int32(truncatingIfNeeded: rank)
                    events += Int(entries[partition][code].eventCount)
                    bytes += Int(entries[partition][code].length)
                    starts[rank + 1] = events
                    idStarts.base[rank + 1] = bytes
                }
                return (events: events, bytes: bytes)
            }
            var before = [(events: 0, bytes: 0)]
            for (chunk, sum) in sums.enumerated() {
                before.append((before[chunk].events + sum.events, before[chunk].bytes + sum.bytes))
            }
            let offsets = before
            idStarts.base[0] = 0
            let ids = OwnedBuffer<UInt8>(count: offsets[chunks].bytes)
            Parallel.forEach(chunks, threads: threads) { chunk in
                for rank in customers(of: chunk) {
                    let id = partitions[Int(order[rank].partition)].id(order[rank].code)
                    starts[rank + 1] += offsets[chunk].events
                    idStarts.base[rank + 1] += offsets[chunk].bytes
                    if let bytes = id.baseAddress {
                        (ids.base + idStarts.base[rank + 1] - id.count).update(from: bytes, count: id.count)
                    }
                }
            }
            return ids
        }
        return Layout(
            customers: TextColumn(starts: Column(idStarts), bytes: Column(ids)),
            starts: starts,
            ranks: ranks,
            firsts: firsts
        )
    }

    /// Writes the events to their customers' places, in the order of the sources.
    func fill(_ events: SortedEvents, _ layout: Layout, typeRanks: [UInt8]) {
        Parallel.forEach(EventPartitions.count, threads: threads) { partition in
            var next = layout.ranks(ofPartition: partition).map { layout.starts[Int($0)] }
            next.withUnsafeMutableBufferPointer { next in
                scatter(partition, to: events, next: next, typeRanks: typeRanks)
            }
        }
    }

    /// The index, in the process's own memory.
    func index(_ attributes: [AttributeSourceReader], _ contractRows: ContractRows?) throws(DataError) -> EventIndex {
        let layout = layout()
        var types = TypeOrder()
        types.note(collection, threads: threads)
        let events = try SortedEvents(count: layout.eventCount, collection.form, in: nil)
        fill(events, layout, typeRanks: types.ranks(collection.types))
        let firsts = events.settle(layout.starts, calendar: calendar, threads: threads)
        let namedRanks = named.map(layout.rank)
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
        var codes = UnsafePointer(partitions[partition].codes.base)
        let hasMore = sorted.quantities != nil || sorted.transactions != nil || !sorted.attributes.isEmpty
        typeRanks.withUnsafeBufferPointer { typeRanks in
            groups.forEach(ofPartition: partition) { group, block in
                let (times, types, amounts) = (sorted.times.base, sorted.types.base, sorted.amounts?.base)
                let (sourceTypes, sourceAmounts) = (block.types, block.amounts)
                let source = collection.blocks[block.number]
                for event in Int(group.first)..<Int(group.first &+ group.count) {
                    let code = Int(codes.pointee)
                    codes += 1
                    if code < 0 { continue }
                    let target = next[code]
                    next[code] = target &+ 1
                    times[target] = block.time(event)
                    types[target] = typeRanks[Int(sourceTypes[event])]
                    if let amounts, let sourceAmounts { amounts[target] = sourceAmounts[event] }
                    if hasMore { copyMore(source, event, to: sorted, target) }
                }
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
    mutating func note(_ collection: EventCollection, threads: Int) {
        let used = Parallel.map(collection.blocks.count, threads: threads) { number in
            let block = collection.blocks[number]
            var isUsed = [Bool](repeating: false, count: 256)
            isUsed.withUnsafeMutableBufferPointer { isUsed in
                for event in 0..<block.events.eventCount where block.isDropped.isEmpty || !block.isDropped[event] {
                    isUsed[Int(block.events.types.base[event])] = true
                }
            }
            return isUsed
        }
        for block in used {
            for type in 0..<256 where block[type] { isUsed[type] = true }
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

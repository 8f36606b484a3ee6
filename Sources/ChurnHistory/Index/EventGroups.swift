import ChurnNumerics

/// The events of a collection as they are gone through partition by partition: where the group of each block begins, and the
/// memory that it lies in, next to each other. Looked up in the blocks themselves, each group would cost a dozen waits for
/// memory.
struct EventGroups: Sendable {
    /// The events of one block and partition.
    struct Group: BitwiseCopyable, Sendable {
        /// The first event's number in the block.
        let first: UInt32
        let count: UInt32
        /// Where the first id begins in the block's ids.
        let firstId: UInt32
    }

    /// The memory of a block's events. Holds as long as the collection, the ids until they are forgotten.
    struct Block: @unchecked Sendable {
        /// The block's number in the collection.
        let number: Int
        let ids: UnsafePointer<UInt8>
        private let idLengths: UnsafePointer<UInt8>
        private unowned(unsafe) let events: EventPartitions
        let types: UnsafePointer<UInt8>
        let amounts: UnsafePointer<Double>?
        /// One of both.
        private let microseconds: UnsafePointer<Int64>?
        private let seconds: UnsafePointer<UInt32>?
        /// The instant that `seconds` are counted from.
        private let start: Int64
        private let drops: [Bool]
        let hasDrops: Bool

        fileprivate init(_ block: EventCollection.Block, number: Int) {
            guard let ids = block.events.ids else {
                preconditionFailure("ids are forgotten once customers are numbered")
            }
            self.number = number
            self.ids = UnsafePointer(ids.bytes.base)
            idLengths = UnsafePointer(ids.lengths.base)
            events = block.events
            types = UnsafePointer(block.events.types.base)
            amounts = block.events.amounts.map { UnsafePointer($0.base) }
            switch block.events.times {
            case .microseconds(let times): (microseconds, seconds, start) = (UnsafePointer(times.base), nil, 0)
            case .seconds(let behind, let times):
                (microseconds, seconds, start) = (nil, UnsafePointer(times.base), behind)
            }
            drops = block.isDropped
            hasDrops = !block.isDropped.isEmpty
        }

        /// The length of an event's id in bytes.
        @inline(__always)
        func idLength(_ event: Int) -> Int {
            let length = Int(idLengths[event])
            return length < 255 ? length : events.ids?.length(event) ?? 0
        }

        @inline(__always)
        func time(_ event: Int) -> Int64 {
            guard let seconds else { return microseconds.unsafelyUnwrapped[event] }
            return start &+ Int64(seconds[event]) &* StudyCalendar.microsecondsPerSecond
        }

        func isDropped(_ event: Int) -> Bool { drops[event] }
    }

    /// Keeps the memory alive.
    private let collection: EventCollection
    private let blocks: [Block]
    /// Those of partition p begin at `p * blocks.count`.
    private let groups: OwnedBuffer<Group>

    /// - Parameter collection: with the ids.
    init(_ collection: EventCollection, threads: Int) {
        self.collection = collection
        let blocks = collection.blocks.enumerated().map { Block($1, number: $0) }
        let groups = OwnedBuffer<Group>(count: EventPartitions.count * blocks.count)
        Parallel.forEach(blocks.count, threads: threads) { block in
            let events = collection.blocks[block].events
            guard let ids = events.ids else { preconditionFailure("ids are forgotten once customers are numbered") }
            for partition in 0..<EventPartitions.count {
                groups.base[partition * blocks.count + block] = Group(
                    first: events.starts[partition],
                    count: events.starts[partition + 1] - events.starts[partition],
                    firstId: ids.starts[partition]
                )
            }
        }
        self.blocks = blocks
        self.groups = groups
    }

    func eventCount(ofPartition partition: Int) -> Int {
        UnsafeBufferPointer(start: groups.base + partition * blocks.count, count: blocks.count)
            .reduce(0) { $0 + Int($1.count) }
    }

    /// Calls `body` with the groups of a partition, in the order of the sources.
    @inline(__always)
    func forEach(ofPartition partition: Int, _ body: (Group, borrowing Block) -> Void) {
        let first = groups.base + partition * blocks.count
        blocks.withUnsafeBufferPointer { blocks in
            for block in 0..<blocks.count where first[block].count > 0 { body(first[block], blocks[block]) }
        }
    }
}

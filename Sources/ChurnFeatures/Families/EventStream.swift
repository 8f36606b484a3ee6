/// The events of some types that have a value of their own, one after the other, with the places up to which each
/// boundary of each cutoff reaches.
final class EventStream {
    /// What the events of a stream are and must have.
    enum Value: Hashable {
        case amount, quantity
        /// Transactions, each with the value 1.
        case one
    }

    private let members: TypeTable
    private let value: Value
    /// Numbers of the boundaries whose places are needed.
    private let boundaries: [Int]
    private let counters: WindowCounters
    private let valueMemory = ScratchBuffer(0.0, capacity: 64)
    private let dayMemory = ScratchBuffer<Int32>(0, capacity: 64)
    private let startMemory = ScratchBuffer<Bool>(false, capacity: 64)
    private let rankMemory: ScratchBuffer<UnsafePointer<UInt16>>

    /// How many events the customer has.
    @exclusivity(unchecked) private(set) var count = 0
    /// Their values and days.
    @exclusivity(unchecked) private(set) var values: UnsafeMutablePointer<Double>
    @exclusivity(unchecked) private(set) var days: UnsafeMutablePointer<Int32>
    /// Whether each is the first of its transaction that has an amount.
    @exclusivity(unchecked) private(set) var startsValued: UnsafeMutablePointer<Bool>

    init(_ types: TypeSet, _ value: Value, boundaries: [Int], cutoffCount: Int) {
        members = TypeTable(types)
        self.value = value
        self.boundaries = boundaries
        values = valueMemory.base
        days = dayMemory.base
        startsValued = startMemory.base
        rankMemory = ScratchBuffer(UnsafePointer(placeholderRanks), capacity: 64)
        counters = WindowCounters(counterCount: boundaries.count, cutoffCount: cutoffCount)
    }

    /// Collects a customer's events.
    ///
    /// Each event is written where the next one of the stream goes, and the place moves on only if it is one: which types
    /// follow each other no processor can guess.
    func collect(_ customer: CustomerEvents) {
        // One place more than events: what does not belong is written there.
        let values = valueMemory.reserve(customer.count + 1)
        let days = dayMemory.reserve(customer.count + 1)
        let ranks = rankMemory.reserve(customer.count + 1)
        let startsValued = startMemory.reserve(customer.count + 1)
        var count = 0
        switch value {
        case .amount, .quantity:
            guard let source = value == .amount ? customer.amounts : customer.quantities else { break }
            for event in 0..<customer.count {
                let number = source[event]
                values[count] = number
                startsValued[count] = customer.transactionFlags[event].contains(.firstValued)
                days[count] = customer.days[event]
                ranks[count] = customer.ranks[event]
                count &+= members[customer.types[event]] & (number.isNaN ? 0 : 1)
            }
        case .one:
            for event in 0..<customer.count {
                values[count] = 1
                days[count] = customer.days[event]
                ranks[count] = customer.ranks[event]
                count &+= members[customer.types[event]] & (customer.startsTransaction(event) ? 1 : 0)
            }
        }
        self.count = count
        self.values = values
        self.days = days
        self.startsValued = startsValued
        counters.clear()
        boundaries.withUnsafeBufferPointer { boundaries in
            for event in 0..<count {
                for row in 0..<boundaries.count {
                    counters.add(counter: row, from: Int(ranks[event][boundaries[row]]))
                }
            }
        }
        counters.total()
    }

    /// How many of the events lie before each boundary of a cutoff, in the order in which the stream was made with them.
    @inline(__always)
    func places(at cutoff: Int) -> UnsafePointer<Int32> { counters.counts(at: cutoff) }
}

/// What a rank points at before any event was seen; never read.
private nonisolated(unsafe) let placeholderRanks = UnsafeMutablePointer<UInt16>.allocate(capacity: 1)

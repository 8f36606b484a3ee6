/// Counts the transactions of several sets of types that lie before several boundaries. What lies in a window is the
/// difference of two such counts, and windows that end together share one of them.
struct TransactionCounter {
    /// What is counted.
    enum Subject: Hashable {
        /// Transactions that begin before the boundary.
        case transactions
        /// Calendar days on which a transaction begins.
        case days
        /// Transactions that begin in a part of the calendar.
        case part(CalendarParts.Kind, Int)
    }

    /// One counter: what, of which types, before which boundary.
    struct Key: Hashable {
        let subject: Subject
        let types: TypeSet
        let boundary: UInt16
    }

    let counters: WindowCounters
    private let transactions: SlotTable
    private let days: [(members: [Bool], slots: SlotTable)]
    private let parts: [(kind: CalendarParts.Kind, slots: [SlotTable])]
    private let calendar: CalendarParts

    init(_ keys: [Key], _ layout: FamilyLayout) {
        counters = WindowCounters(counterCount: keys.count, cutoffCount: layout.cutoffCount)
        transactions = SlotTable(keys) { $0.subject == .transactions }
        days = keys.filter { $0.subject == .days }.map(\.types).unique().map { types in
            (types.members, SlotTable(keys) { $0.subject == .days && $0.types == types })
        }
        parts = CalendarParts.Kind.allCases.compactMap { kind in
            let tables = (0..<kind.count).map { part in SlotTable(keys) { $0.subject == .part(kind, part) } }
            return tables.contains { !$0.isEmpty } ? (kind, tables) : nil
        }
        calendar = CalendarParts(calendar: layout.calendar)
    }

    /// Counts a customer's events at all cutoffs; read them from `counters`.
    @inline(__always)
    func count(_ customer: CustomerEvents) {
        counters.clear()
        if !transactions.isEmpty { transactions.add(customer, to: counters) }
        for (members, slots) in days { countDays(customer, members, slots) }
        for (kind, slots) in parts { countParts(customer, kind, slots) }
        counters.total()
    }

    /// Events are in order of time, so a day's transactions follow each other.
    private func countDays(_ customer: CustomerEvents, _ members: [Bool], _ slots: SlotTable) {
        var last = Int32.min
        for event in 0..<customer.count
        where customer.startsTransaction(event) && members[Int(customer.types[event])] && customer.days[event] != last {
            last = customer.days[event]
            slots.add(customer.types[event], customer.ranks[event], to: counters)
        }
    }

    private func countParts(_ customer: CustomerEvents, _ kind: CalendarParts.Kind, _ slots: [SlotTable]) {
        for event in 0..<customer.count where customer.startsTransaction(event) {
            let part = calendar.part(kind, day: Int(customer.days[event]), time: customer.times[event])
            slots[part].add(customer.types[event], customer.ranks[event], to: counters)
        }
    }
}

/// The counters that an event of each type adds to: those of type t are at `starts[t]..<starts[t + 1]`.
private final class SlotTable: @unchecked Sendable {
    let isEmpty: Bool
    private let starts: UnsafeMutablePointer<Int32>
    private let slots: UnsafeMutablePointer<WindowCounters.Slot>

    init(_ keys: [TransactionCounter.Key], where isMeant: (TransactionCounter.Key) -> Bool) {
        var slots: [WindowCounters.Slot] = []
        starts = .allocate(capacity: 257)
        starts[0] = 0
        for type in 0..<256 {
            for (number, key) in keys.enumerated() where isMeant(key) && key.types.codes.contains(UInt8(type)) {
                slots.append(.init(counter: Int32(number), boundary: key.boundary))
            }
            starts[type + 1] = Int32(slots.count)
        }
        self.slots = .allocate(capacity: max(slots.count, 1))
        self.slots.initialize(from: slots, count: slots.count)
        isEmpty = slots.isEmpty
    }

    deinit {
        starts.deallocate()
        slots.deallocate()
    }

    @inline(__always)
    func add(_ type: UInt8, _ ranks: UnsafePointer<UInt16>, to counters: WindowCounters) {
        let end = Int(starts[Int(type) &+ 1])
        var slot = Int(starts[Int(type)])
        while slot < end {
            counters.add(slots[slot], ranks)
            slot &+= 1
        }
    }

    /// Adds all transactions.
    @inline(__always)
    func add(_ customer: CustomerEvents, to counters: WindowCounters) {
        for event in 0..<customer.count where customer.startsTransaction(event) {
            add(customer.types[event], customer.ranks[event], to: counters)
        }
    }
}

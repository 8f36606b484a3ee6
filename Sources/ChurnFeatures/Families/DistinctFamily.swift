/// Numbers of different values of attributes in windows.
///
/// A row counts where no row before it in the window has the same value: at the cutoffs whose window has left the previous
/// row with the value behind, as long as it holds the row itself. That is a run of cutoffs, so counters do the rest.
final class DistinctFamily: FeatureFamily {
    private struct Group {
        let members: [Bool]
        /// `nil` where the data lack the attribute.
        let attribute: Int?
        /// The boundary at which each column's window begins; its counter has the same number, from `firstCounter` on.
        let starts: [Int]
        let offsets: [Int]
        let firstCounter: Int
    }

    private let groups: [Group]
    private let counters: WindowCounters
    /// By attribute and code: the customer's last event with it; -1 for none.
    private let lastEvents: [ScratchBuffer<Int32>]

    private struct Key: Hashable {
        let types: TypeSet
        let attribute: Int?
    }

    init?(_ columns: [ExpandedPlan.Column], _ layout: FamilyLayout) {
        let columns = columns.filter { $0.primitive == .distinct }
        guard !columns.isEmpty else { return nil }
        var groups: [Group] = []
        var count = 0
        for key in columns.map({ Key(types: $0.types, attribute: $0.attribute) }).unique() {
            let own = columns.filter { $0.types == key.types && $0.attribute == key.attribute }
            groups.append(
                Group(
                    members: key.types.members,
                    attribute: key.attribute,
                    starts: own.map { Int(layout.start($0.window)) },
                    offsets: own.map(layout.offset),
                    firstCounter: count
                )
            )
            count += own.count
        }
        self.groups = groups
        counters = WindowCounters(counterCount: count, cutoffCount: layout.cutoffCount)
        lastEvents = layout.attributeSizes.map { ScratchBuffer(-1, capacity: $0) }
    }

    func evaluate(_ customer: CustomerEvents, _ examples: CustomerExamples) {
        counters.clear()
        for group in groups { count(group, customer) }
        counters.total()
        for group in groups {
            for (number, offset) in group.offsets.enumerated() {
                let counter = group.firstCounter &+ number
                for example in 0..<examples.count {
                    let count = counters.counts(at: Int(examples.cutoffs[example]))[counter]
                    examples.write(Double(count), example: example, offset: offset)
                }
            }
        }
    }

    private func count(_ group: Group, _ customer: CustomerEvents) {
        guard let attribute = group.attribute else { return }
        let codes = customer.attributes[attribute] + customer.firstRow
        let last = lastEvents[attribute].base
        for event in 0..<customer.count where codes[event] >= 0 && group.members[Int(customer.types[event])] {
            let previous = Int(last[Int(codes[event])])
            last[Int(codes[event])] = Int32(truncatingIfNeeded: event)
            let ranks = customer.ranks[event]
            for (number, start) in group.starts.enumerated() {
                var from = Int(ranks[0])
                if previous >= 0 { from = max(from, Int(customer.ranks[previous][start])) }
                counters.add(counter: group.firstCounter &+ number, from: from, to: Int(ranks[start]))
            }
        }
        for event in 0..<customer.count where codes[event] >= 0 { last[Int(codes[event])] = -1 }
    }
}

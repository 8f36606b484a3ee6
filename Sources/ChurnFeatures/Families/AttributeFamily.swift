import ChurnHistory

/// What is known of the customers' attributes: numbers, values, what is missing, and changes.
final class AttributeFamily: FeatureFamily {
    private let attributes: ResolvedAttributes
    private let offsets: [Int]
    private let changes: (count: Int, age: Int)?
    private let cutoffDays: [Int]
    private let cutoffs: [Int64]
    private let years: [Double]
    /// The row that is known at each example, -1 for none.
    private let known = ScratchBuffer<Int>(-1, capacity: 32)

    init?(_ columns: [ExpandedPlan.Column], _ layout: FamilyLayout, attributes: ResolvedAttributes?) {
        guard let attributes else { return nil }
        self.attributes = attributes
        cutoffDays = layout.ranks.cutoffDays
        cutoffs = layout.cutoffInstants
        offsets = attributes.lookups.map { $0.column * layout.stride }
        years = layout.ranks.cutoffDays.map { Double(CalendarDay(number: $0).components.year) }
        func offset(_ primitive: Primitive) -> Int {
            columns.first { $0.primitive == primitive }.map(layout.offset) ?? -1
        }
        let changes = (count: offset(.attributeChanges), age: offset(.attributeChangeAge))
        self.changes = changes.count >= 0 || changes.age >= 0 ? changes : nil
    }

    func evaluate(_ customer: CustomerEvents, _ examples: CustomerExamples) {
        let known = known.reserve(examples.count)
        for group in attributes.groups {
            let history = attributes.histories[group.history]
            for example in 0..<examples.count {
                let cutoff = cutoffs[Int(examples.cutoffs[example])]
                known[example] = history.row(ofCustomer: customer.customer, asOf: cutoff) ?? -1
            }
            for number in group.lookups { write(number, UnsafePointer(known), examples) }
        }
        if let changes { write(changes, customer.customer, examples) }
    }

    @inline(__always)
    private func write(_ number: Int, _ known: UnsafePointer<Int>, _ examples: CustomerExamples) {
        let lookup = attributes.lookups[number]
        for example in 0..<examples.count {
            let row = known[example]
            var value = lookup.values[row < 0 ? 0 : Int(lookup.codes[row]) &+ 1]
            if lookup.isFoundingYear { value = value.isNaN ? 0 : years[Int(examples.cutoffs[example])] - value }
            examples.write(value, example: example, offset: offsets[number])
        }
    }

    private func write(_ offsets: (count: Int, age: Int), _ customer: Int, _ examples: CustomerExamples) {
        for example in 0..<examples.count {
            let cutoff = Int(examples.cutoffs[example])
            let changes = AttributeChanges(attributes.histories, customer: customer, instant: cutoffs[cutoff])
            if offsets.count >= 0 {
                examples.write(AttributeChangesPrimitive.value(changes), example: example, offset: offsets.count)
            }
            if offsets.age >= 0 {
                let since = changes.since.map { attributes.calendar.day(of: $0).number }
                let age = AttributeChangeAgePrimitive.value(cutoffDay: cutoffDays[cutoff], since: since)
                examples.write(age, example: example, offset: offsets.age)
            }
        }
    }
}

/// Features of the group of companies that a customer belongs to: those of a group with several members are looked up, and an
/// only member's own figures are the group's.
final class GroupFamily: FeatureFamily {
    private let totals: GroupTotals
    private let features: [(primitive: Primitive, figure: Int, offset: Int)]
    private let tenure: Int
    private let cutoffDays: [Int]
    private let families: [any FeatureFamily]
    /// The customer's own figures, example after example.
    private let figures: ScratchBuffer<Double>
    private let rows: ScratchBuffer<UnsafeMutablePointer<Double>>

    init?(_ layout: FamilyLayout) {
        guard let totals = layout.groups else { return nil }
        self.totals = totals
        features = totals.figures.features.map { ($0.primitive, $0.figure, $0.column * layout.stride) }
        tenure = totals.figures.recency?.tenure ?? 0
        cutoffDays = layout.ranks.cutoffDays
        var ownLayout = layout
        ownLayout.stride = 1
        families = totals.figures.families(ownLayout)
        let columnCount = totals.figures.columns.count
        figures = ScratchBuffer(0, capacity: layout.cutoffCount * columnCount)
        rows = ScratchBuffer(figures.base, capacity: layout.cutoffCount)
        for example in 0..<layout.cutoffCount { rows.base[example] = figures.base + example * columnCount }
    }

    func evaluate(_ customer: CustomerEvents, _ examples: CustomerExamples) {
        let own = CustomerExamples(
            count: examples.count,
            cutoffs: examples.cutoffs,
            rows: UnsafePointer(rows.base),
            stride: 1
        )
        for family in families { family.evaluate(customer, own) }
        for example in 0..<examples.count {
            let cutoff = Int(examples.cutoffs[example])
            let place = totals.membership.place(ofCustomer: customer.customer, at: cutoff)
            let figures = rows.base[example]
            for feature in features {
                let value: Double
                let mine = figures[feature.figure]
                if feature.primitive == .groupRecency {
                    let last = place.map { totals.lastDayOfOthers(atPlace: $0, own: mine) } ?? -.infinity
                    value = GroupRecencyPrimitive.value(
                        cutoffDay: cutoffDays[cutoff],
                        last: last,
                        tenure: figures[tenure]
                    )
                } else {
                    // Added to 0 as the members of a group are, so that -0 becomes 0 here too.
                    let whole = place.map { totals[totals.start(ofPlace: $0) + feature.figure] } ?? (0 + mine)
                    value = feature.primitive == .groupShare ? GroupSharePrimitive.value(mine, of: whole) : whole
                }
                examples.write(value, example: example, offset: feature.offset)
            }
        }
    }
}

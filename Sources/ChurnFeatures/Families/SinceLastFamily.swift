/// Days since the last event of some types, or since the first activity for who has none; also in multiples of the customer's own
/// mean gap between days with one.
final class SinceLastFamily: FeatureFamily {
    private struct Column {
        let members: [Bool]
        let isOverGap: Bool
        let offset: Int
    }

    private let columns: [Column]
    private let activity: [Bool]
    private let cutoffDays: [Int]

    init?(_ columns: [ExpandedPlan.Column], _ layout: FamilyLayout) {
        let columns = columns.filter { $0.primitive.isSinceLast }
        guard !columns.isEmpty else { return nil }
        self.columns = columns.map {
            Column(members: $0.types.members, isOverGap: $0.primitive == .sinceLastOverGap, offset: layout.offset($0))
        }
        activity = layout.activity.members
        cutoffDays = layout.ranks.cutoffDays
    }

    func evaluate(_ customer: CustomerEvents, _ examples: CustomerExamples) {
        for column in columns {
            var (first, last, count) = (0, 0, 0)
            var firstActivity: Int32?
            examples.walk(customer) { event in
                let type = Int(customer.types[event])
                let day = Int(customer.days[event])
                if column.members[type] {
                    if count == 0 { first = day }
                    if count == 0 || day != last { count &+= 1 }
                    last = day
                }
                if firstActivity == nil, activity[type] { firstActivity = customer.days[event] }
            } example: { example, cutoff in
                let start = count > 0 ? last : firstActivity.map(Int.init)
                let days = start.map { cutoffDays[cutoff] &- $0 } ?? 0
                let value =
                    column.isOverGap
                    ? SinceLastOverGapPrimitive.value(days: days, first: first, last: last, count: count)
                    : Double(days)
                examples.write(value, example: example, offset: column.offset)
            }
        }
    }
}

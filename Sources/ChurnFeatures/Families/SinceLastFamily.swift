/// Days since the last event of some types, or since the first activity for who has none.
final class SinceLastFamily: FeatureFamily {
    private let columns: [(members: [Bool], offset: Int)]
    private let activity: [Bool]
    private let cutoffDays: [Int]

    init?(_ columns: [ExpandedPlan.Column], _ layout: FamilyLayout) {
        let columns = columns.filter { $0.primitive == .sinceLast }
        guard !columns.isEmpty else { return nil }
        self.columns = columns.map { ($0.types.members, layout.offset($0)) }
        activity = layout.activity.members
        cutoffDays = layout.ranks.cutoffDays
    }

    func evaluate(_ customer: CustomerEvents, _ examples: CustomerExamples) {
        for (members, offset) in columns {
            var last: Int32?
            var first: Int32?
            var event = 0
            for example in 0..<examples.count {
                let cutoff = Int(examples.cutoffs[example])
                while event < customer.count, Int(customer.ranks[event][0]) <= cutoff {
                    let type = Int(customer.types[event])
                    if members[type] { last = customer.days[event] }
                    if first == nil, activity[type] { first = customer.days[event] }
                    event &+= 1
                }
                let days = (last ?? first).map { cutoffDays[cutoff] &- Int($0) } ?? 0
                examples.write(Double(days), example: example, offset: offset)
            }
        }
    }
}

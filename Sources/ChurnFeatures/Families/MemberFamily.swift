/// What a member brings to his group of companies beside transactions and amounts: himself, whether he was active in a window,
/// and the day of his last activity, which is negative infinity where he had none.
final class MemberFamily: FeatureFamily {
    private static let primitives: [Primitive] = [.groupMembers, .groupActiveMembers, .groupRecency]

    private struct Column {
        let primitive: Primitive
        let offset: Int
        /// The boundary at which the window begins.
        let start: Int
    }

    private let columns: [Column]
    private let activity: TypeTable

    init?(_ columns: [ExpandedPlan.Column], _ layout: FamilyLayout) {
        let columns = columns.filter { Self.primitives.contains($0.primitive) }
        guard !columns.isEmpty else { return nil }
        self.columns = columns.map { column in
            // A figure without a window has no use for a boundary; the cutoff is always there.
            let start = column.window.map { Int(layout.number(.start($0))) } ?? 0
            return Column(primitive: column.primitive, offset: layout.offset(column), start: start)
        }
        activity = TypeTable(layout.activity)
    }

    func evaluate(_ customer: CustomerEvents, _ examples: CustomerExamples) {
        var last: Int?
        examples.walk(customer) { event in
            if activity[customer.types[event]] != 0 { last = event }
        } example: { example, cutoff in
            for column in columns {
                let value: Double
                switch column.primitive {
                case .groupMembers: value = 1
                // If any of the activity lies in the window, the last of it does.
                case .groupActiveMembers:
                    value = last.map { cutoff < Int(customer.ranks[$0][column.start]) } == true ? 1 : 0
                default: value = last.map { Double(customer.days[$0]) } ?? -.infinity
                }
                examples.write(value, example: example, offset: column.offset)
            }
        }
    }
}

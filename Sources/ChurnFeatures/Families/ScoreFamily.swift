/// Scores from 1 to 5 of a customer's recency, frequency and monetary value among all customers of the cutoff.
final class ScoreFamily: FeatureFamily {
    private let columns: [(primitive: Primitive, offset: Int)]
    private let values: ScoreValues
    private let cuts: ScoreCuts

    init?(_ columns: [ExpandedPlan.Column], _ layout: FamilyLayout) {
        let columns = columns.filter { ScoreValues.primitives.contains($0.primitive) }
        guard !columns.isEmpty, let cuts = layout.scoreCuts else { return nil }
        self.columns = columns.map { ($0.primitive, layout.offset($0)) }
        values = ScoreValues(layout)
        self.cuts = cuts
    }

    func evaluate(_ customer: CustomerEvents, _ examples: CustomerExamples) {
        values.forEach(customer, examples) { example, cutoff, recency, frequency, monetary in
            for (primitive, offset) in columns {
                let score =
                    switch primitive {
                    case .recencyScore: 5 - cuts.recency[cutoff].reached(by: recency)
                    case .frequencyScore: 1 + cuts.frequency[cutoff].reached(by: frequency)
                    default: 1 + cuts.monetary[cutoff].reached(by: monetary)
                    }
                examples.write(Double(score), example: example, offset: offset)
            }
        }
    }
}

/// Writes the three quantities themselves, in columns 0 to 2: the first pass, from which the cuts come.
final class ScoreValueFamily: FeatureFamily {
    private let values: ScoreValues
    private let stride: Int

    init(_ layout: FamilyLayout) {
        values = ScoreValues(layout)
        stride = layout.stride
    }

    func evaluate(_ customer: CustomerEvents, _ examples: CustomerExamples) {
        values.forEach(customer, examples) { example, _, recency, frequency, monetary in
            examples.write(recency, example: example, offset: 0)
            examples.write(frequency, example: example, offset: stride)
            examples.write(monetary, example: example, offset: 2 &* stride)
        }
    }
}

/// Recency in days, transactions and sum of amounts of a customer's activity before each cutoff.
final class ScoreValues {
    static let primitives: [Primitive] = [.recencyScore, .frequencyScore, .monetaryScore]

    private let members: [Bool]
    private let cutoffDays: [Int]

    init(_ layout: FamilyLayout) {
        members = layout.activity.members
        cutoffDays = layout.ranks.cutoffDays
    }

    /// Calls `body` with each example, its cutoff and the three quantities; recency is infinite without activity.
    @inline(__always)
    func forEach(
        _ customer: CustomerEvents,
        _ examples: CustomerExamples,
        _ body: (_ example: Int, _ cutoff: Int, _ recency: Double, _ frequency: Double, _ monetary: Double) -> Void
    ) {
        var activity = ActivitySummary()
        var sum = DoubleDoubleSum()
        examples.walk(customer) { event in
            guard members[Int(customer.types[event])] else { return }
            activity.add(day: Int(customer.days[event]), startsTransaction: customer.startsTransaction(event))
            if !customer.amounts[event].isNaN { sum = sum.adding(customer.amounts[event]) }
        } example: { example, cutoff in
            activity.cutoffDay = cutoffDays[cutoff]
            // Who never was active is behind everybody who was.
            let recency = activity.count > 0 ? Double(activity.recency) : .infinity
            body(example, cutoff, recency, Double(activity.count), sum.high + sum.low)
        }
    }
}

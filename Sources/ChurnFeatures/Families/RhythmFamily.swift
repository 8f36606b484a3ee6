/// What is known of a customer's activity as a whole: how long ago, how regular.
///
/// What is known up to each event of the activity is noted once; a cutoff looks it up at its place.
final class RhythmFamily: FeatureFamily {
    private static let primitives: Set<Primitive> = [
        .recency, .tenure, .gapMean, .gapDeviation, .recencyOverGapMean, .gapMedian, .gapVariation, .outOfRhythm,
        .daysOverdue,
    ]

    private struct Column {
        let primitive: Primitive
        let offset: Int
    }

    private let members: TypeTable
    private let columns: [Column]
    /// What is known before each event of the activity, and after the last.
    private let states = ScratchBuffer(ActivitySummary(), capacity: 64)
    /// One counter: the events of the activity before each cutoff.
    private let places: WindowCounters
    private let cutoffDays: [Int]
    private let hasMedian: Bool
    @exclusivity(unchecked) private var gaps = RunningMedian()

    init?(_ columns: [ExpandedPlan.Column], _ layout: FamilyLayout) {
        let columns = columns.filter { Self.primitives.contains($0.primitive) }
        guard !columns.isEmpty else { return nil }
        members = TypeTable(layout.activity)
        self.columns = columns.map { Column(primitive: $0.primitive, offset: layout.offset($0)) }
        places = WindowCounters(counterCount: 1, cutoffCount: layout.cutoffCount)
        cutoffDays = layout.ranks.cutoffDays
        hasMedian = columns.contains { [.gapMedian, .outOfRhythm, .daysOverdue].contains($0.primitive) }
    }

    func evaluate(_ customer: CustomerEvents, _ examples: CustomerExamples) {
        let states = collect(customer)
        var seen = 0
        columns.withUnsafeBufferPointer { columns in
            for example in 0..<examples.count {
                let cutoff = Int(examples.cutoffs[example])
                let place = Int(places.counts(at: cutoff)[0])
                var activity = states[place]
                activity.cutoffDay = cutoffDays[cutoff]
                var median = 0.0
                if hasMedian {
                    while seen < place {
                        seen &+= 1
                        // A gap ends where the number of transactions grows beyond one.
                        if states[seen].count > 1, states[seen].count != states[seen &- 1].count {
                            gaps.add(states[seen].lastStart &- states[seen &- 1].lastStart)
                        }
                    }
                    median = gaps.count > 0 ? gaps.median : Double(activity.recency)
                }
                let row = examples.rows[example]
                for column in 0..<columns.count {
                    row[columns[column].offset] = Self.value(of: columns[column].primitive, activity, median)
                }
            }
        }
        if hasMedian { gaps.clear() }
    }

    private func collect(_ customer: CustomerEvents) -> UnsafeMutablePointer<ActivitySummary> {
        let states = states.reserve(customer.count + 1)
        places.clear()
        var activity = ActivitySummary()
        var count = 0
        for event in 0..<customer.count where members[customer.types[event]] != 0 {
            states[count] = activity
            count &+= 1
            activity.add(day: Int(customer.days[event]), startsTransaction: customer.startsTransaction(event))
            places.add(counter: 0, from: Int(customer.ranks[event][0]))
        }
        states[count] = activity
        places.total()
        return states
    }

    @inline(__always)
    private static func value(of primitive: Primitive, _ activity: ActivitySummary, _ median: Double) -> Double {
        switch primitive {
        case .recency: RecencyPrimitive.value(activity)
        case .tenure: TenurePrimitive.value(activity)
        case .gapMean: GapMeanPrimitive.value(activity)
        case .gapDeviation: GapDeviationPrimitive.value(activity)
        case .recencyOverGapMean: RecencyOverGapMeanPrimitive.value(activity)
        case .gapMedian: median
        case .gapVariation: GapVariationPrimitive.value(activity)
        case .outOfRhythm: OutOfRhythmPrimitive.value(recency: activity.recency, median: median)
        default: DaysOverduePrimitive.value(recency: activity.recency, median: median)
        }
    }
}

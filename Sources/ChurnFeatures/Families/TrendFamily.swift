/// Slopes of weekly series.
///
/// Weeks are counted back from each cutoff, so no series fits all cutoffs. But the number of the week of a day e before a
/// cutoff on day c is ((c - 1 - e) - (c - 1 - e) mod 7) / 7, and the remainder depends on e mod 7 only: prefix sums of the
/// values, of the values times their day, and of the values of each of the seven remainders are enough for any cutoff.
final class TrendFamily: FeatureFamily {
    private struct Column {
        let offset: Int
        let start: Int
        let weeks: Int
    }

    private let groups: [(stream: EventStream, columns: [Column])]
    private let cutoffDays: [Int]
    /// Prefix p of sum s stands at `p * sums + s`: values times day, then the values of each remainder.
    private let prefixes = ScratchBuffer(DoubleDoubleSum(), capacity: 64)
    private static let sums = 8

    init?(_ columns: [ExpandedPlan.Column], _ layout: FamilyLayout) {
        let columns = columns.filter { [.trend, .amountTrend].contains($0.primitive) }
        guard !columns.isEmpty else { return nil }
        cutoffDays = layout.ranks.cutoffDays
        var groups: [(EventStream, [Column])] = []
        for primitive in [Primitive.trend, .amountTrend] {
            let ofValue = columns.filter { $0.primitive == primitive }
            for types in ofValue.map(\.types).unique() {
                let own = ofValue.filter { $0.types == types }
                let boundaries = [0] + own.map { Int(layout.number(.weeks($0.window?.weeks ?? 0))) }
                let stream = EventStream(
                    types,
                    primitive == .trend ? .one : .amount,
                    boundaries: boundaries,
                    cutoffCount: layout.cutoffCount
                )
                let columns = own.enumerated().map { number, column in
                    Column(offset: layout.offset(column), start: number + 1, weeks: column.window?.weeks ?? 0)
                }
                groups.append((stream, columns))
            }
        }
        self.groups = groups
    }

    func evaluate(_ customer: CustomerEvents, _ examples: CustomerExamples) {
        // Counted from the customer's first event, days stay small and their products with amounts precise.
        let origin = customer.count > 0 ? Int(customer.days[0]) : 0
        for group in groups {
            group.stream.collect(customer)
            collect(group.stream, origin)
            for column in group.columns { write(column, group.stream, origin, examples) }
        }
    }

    private func collect(_ stream: EventStream, _ origin: Int) {
        let prefixes = prefixes.reserve((stream.count + 1) * Self.sums)
        prefixes.update(repeating: DoubleDoubleSum(), count: Self.sums)
        for event in 0..<stream.count {
            let old = prefixes + event &* Self.sums
            let new = old + Self.sums
            new.update(from: old, count: Self.sums)
            let day = Int(stream.days[event]) &- origin
            let value = stream.values[event]
            new[0] = old[0].adding(product: value, Double(day))
            let remainder = 1 &+ Self.remainder(day)
            new[remainder] = old[remainder].adding(value)
        }
    }

    private func write(_ column: Column, _ stream: EventStream, _ origin: Int, _ examples: CustomerExamples) {
        let prefixes = prefixes.base
        for example in 0..<examples.count {
            let cutoff = Int(examples.cutoffs[example])
            let places = stream.places(at: cutoff)
            guard places[0] > places[column.start] else {
                examples.write(0, example: example, offset: column.offset)
                continue
            }
            let from = prefixes + Int(places[column.start]) &* Self.sums
            let to = prefixes + Int(places[0]) &* Self.sums
            // The last day before the cutoff.
            let last = cutoffDays[cutoff] &- 1 &- origin
            var sum = 0.0
            var offDays = 0.0
            for remainder in 0..<7 {
                let part = to[1 &+ remainder] - from[1 &+ remainder]
                sum += part
                offDays += Double(Self.remainder(last &- remainder)) * part
            }
            // Weeks before the last one, summed over the values: (last - day - off) / 7.
            let age = (Double(last) * sum - (to[0] - from[0]) - offDays) / 7
            let value = TrendPrimitive.value(
                weeks: column.weeks,
                sum: sum,
                weighted: Double(column.weeks - 1) * sum - age
            )
            examples.write(value, example: example, offset: column.offset)
        }
    }

    @inline(__always)
    private static func remainder(_ day: Int) -> Int {
        let rest = day % 7
        return rest < 0 ? rest &+ 7 : rest
    }
}

/// Smallest and largest amounts in windows.
///
/// While cutoffs ascend, both ends of a window only move forward; a queue of the events that may still become the extreme
/// gives each answer at once, and every event enters and leaves it once (Lemire, Nordic Journal of Computing 13, 2006).
final class ExtremeFamily: FeatureFamily {
    private struct Column {
        let offset: Int
        let start: Int
        /// Values are compared times this: -1 for the smallest.
        let sign: Double
    }

    private let groups: [(stream: EventStream, columns: [Column])]
    private let queue = ScratchBuffer<Int32>(0, capacity: 64)

    init?(_ columns: [ExpandedPlan.Column], _ layout: FamilyLayout) {
        let columns = columns.filter { [.minimum, .maximum].contains($0.primitive) }
        guard !columns.isEmpty else { return nil }
        groups = columns.map(\.types).unique().map { types in
            let ofTypes = columns.filter { $0.types == types }
            let windows = ofTypes.map(\.window).unique()
            let boundaries = [0] + windows.map { Int(layout.start($0)) }
            let stream = EventStream(types, .amount, boundaries: boundaries, cutoffCount: layout.cutoffCount)
            let columns = ofTypes.map { column in
                Column(
                    offset: layout.offset(column),
                    start: 1 + (windows.firstIndex(of: column.window) ?? 0),
                    sign: column.primitive == .minimum ? -1 : 1
                )
            }
            return (stream, columns)
        }
    }

    func evaluate(_ customer: CustomerEvents, _ examples: CustomerExamples) {
        for group in groups {
            group.stream.collect(customer)
            let queue = queue.reserve(group.stream.count)
            for column in group.columns {
                Self.write(column, group.stream, queue, examples)
            }
        }
    }

    private static func write(
        _ column: Column,
        _ stream: EventStream,
        _ queue: UnsafeMutablePointer<Int32>,
        _ examples: CustomerExamples
    ) {
        let values = stream.values
        var first = 0
        var last = 0
        var next: Int32 = 0
        for example in 0..<examples.count {
            let places = stream.places(at: Int(examples.cutoffs[example]))
            while next < places[0] {
                let value = values[Int(next)] * column.sign
                while last > first, values[Int(queue[last &- 1])] * column.sign <= value { last &-= 1 }
                queue[last] = next
                last &+= 1
                next &+= 1
            }
            while first < last, queue[first] < places[column.start] { first &+= 1 }
            examples.write(first < last ? values[Int(queue[first])] : 0, example: example, offset: column.offset)
        }
    }
}

import ChurnNumerics

/// Merges sorted runs into one index: each is read from its start to its end once for the customers and once for the
/// events, so that little more than the customers is ever in memory.
struct EventRunMerge {
    private let runs: [EventRun]
    private let form: EventRows.Form
    private let threads: Int
    /// By range and run: where the range's customers begin; one entry more than there are ranges.
    private let bounds: [[Int]]

    private static let rangeCount = 64

    /// - Parameter runs: at least one; events of one customer keep the order of the runs.
    init(_ runs: [EventRun], _ form: EventRows.Form, threads: Int) {
        precondition(!runs.isEmpty, "there is something to merge")
        self.runs = runs
        self.form = form
        self.threads = threads
        // Ranges of customers, as even as the largest run can tell.
        let largest = runs.indices.max { runs[$0].customers.count < runs[$1].customers.count } ?? 0
        let count = runs[largest].customers.count
        var bounds = [runs.map { _ in 0 }]
        for range in 1..<Self.rangeCount where count > 0 {
            let place = count * range / Self.rangeCount
            bounds.append(
                runs[largest].customers.withBytes(place) { id in runs.map { $0.position(ofFirstNotBelow: id) } }
            )
        }
        bounds.append(runs.map(\.customers.count))
        self.bounds = bounds
    }

    /// The customers of all runs.
    struct Layout {
        let customers: TextColumn
        let starts: [Int]
        /// First customer of each range.
        let rangeStarts: [Int]
    }

    /// What one range brings.
    private struct RangeCustomers: Sendable {
        var bytes: [UInt8] = []
        var lengths: [Int] = []
        var eventCounts: [Int] = []
    }

    func layout() -> Layout {
        let ranges = Parallel.map(bounds.count - 1, threads: threads) { range in
            var found = RangeCustomers()
            forEachCustomer(inRange: range) { id, segments in
                found.bytes.append(contentsOf: id)
                found.lengths.append(id.count)
                found.eventCounts.append(segments.reduce(0) { $0 + $1.rows.count })
            }
            return found
        }
        var starts = [0]
        var idStarts = [0]
        var rangeStarts: [Int] = []
        let ids = OwnedBuffer<UInt8>(count: ranges.reduce(0) { $0 + $1.bytes.count })
        for range in ranges {
            rangeStarts.append(starts.count - 1)
            _ = UnsafeMutableBufferPointer(start: ids.base + idStarts[idStarts.count - 1], count: range.bytes.count)
                .update(fromContentsOf: range.bytes)
            for (length, count) in zip(range.lengths, range.eventCounts) {
                idStarts.append(idStarts[idStarts.count - 1] + length)
                starts.append(starts[starts.count - 1] + count)
            }
        }
        return Layout(
            customers: TextColumn(starts: Column(idStarts), bytes: Column(ids)),
            starts: starts,
            rangeStarts: rangeStarts
        )
    }

    /// Copies the events to their customers' places.
    /// - Returns: by customer of the last run: his number in the layout.
    func fill(_ target: SortedEvents, _ layout: Layout, typeRanks: [UInt8]) -> [Int32] {
        let last = runs.count - 1
        let ranks = OwnedBuffer<Int32>(count: runs[last].customers.count)
        Parallel.forEach(bounds.count - 1, threads: threads) { range in
            var customer = layout.rangeStarts[range]
            forEachCustomer(inRange: range) { _, segments in
                var place = layout.starts[customer]
                for segment in segments {
                    if segment.run == last { ranks.base[segment.customer] = Int32(truncatingIfNeeded: customer) }
                    target.copy(runs[segment.run].events, segment.rows, to: place, typeRanks: typeRanks)
                    place += segment.rows.count
                }
                customer += 1
            }
        }
        return Array(ranks.values)
    }

    /// A customer's events in one run.
    private struct Segment {
        let run: Int
        let customer: Int
        let rows: Range<Int>
    }

    /// Calls `body` with each customer of a range, in byte order, and his segments in the order of the runs.
    private func forEachCustomer(
        inRange range: Int,
        _ body: (UnsafeBufferPointer<UInt8>, [Segment]) -> Void
    ) {
        var heads = bounds[range]
        let ends = bounds[range + 1]
        var segments: [Segment] = []
        while true {
            var smallest: Int?
            for run in runs.indices where heads[run] < ends[run] {
                guard let best = smallest else {
                    smallest = run
                    continue
                }
                if compare(run, heads[run], best, heads[best]) < 0 { smallest = run }
            }
            guard let smallest else { return }
            let head = heads[smallest]
            segments.removeAll(keepingCapacity: true)
            for run in runs.indices where heads[run] < ends[run] && compare(run, heads[run], smallest, head) == 0 {
                let customer = heads[run]
                segments.append(
                    Segment(
                        run: run,
                        customer: customer,
                        rows: runs[run].starts[customer]..<runs[run].starts[customer + 1]
                    )
                )
                heads[run] += 1
            }
            runs[smallest].customers.withBytes(head) { body($0, segments) }
        }
    }

    /// Negative where the first id stands before the second one, 0 where they are equal.
    private func compare(_ run: Int, _ customer: Int, _ otherRun: Int, _ otherCustomer: Int) -> Int {
        runs[run].customers.withBytes(customer) { left in
            runs[otherRun].customers.withBytes(otherCustomer) { right in
                for position in 0..<min(left.count, right.count) where left[position] != right[position] {
                    return left[position] < right[position] ? -1 : 1
                }
                return left.count - right.count
            }
        }
    }
}

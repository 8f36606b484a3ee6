import ChurnHistory

/// Walks through one customer's events once and answers for all cutoffs and windows together.
///
/// Prefix counts and sums of each event type make any window a difference of two places, and since cutoffs ascend, each
/// place only ever moves forward: the cost is O(events + cutoffs x features). The memory is reused for the next customer.
struct CustomerSweep {
    private let index: EventIndex
    private let plan: ExpandedPlan
    private let cutoffs: [Cutoff]
    /// First instant of each pair's window: `starts[cutoff * pairs + pair]`.
    private let windowStarts: [Int64]

    // Prefixes by type: the rows of type k lie at typeStarts[k]..<typeStarts[k + 1], prefix p of k at typeStarts[k] + k + p.
    private var typeStarts: [Int]
    private var times: [Int64] = []
    private var counts: [Int32] = []
    private var valuedCounts: [Int32] = []
    private var sums: [DoubleDoubleSum] = []

    // Rows of the activity types in order of time, and what is known up to each.
    private var activityTimes: [Int64] = []
    private var activity: [ActivityPrefix] = []

    // Places that only move forward.
    private var typeEnds: [Int]
    private var pairStarts: [Int]

    /// What is known of a customer's activity up to and with a row.
    private struct ActivityPrefix {
        var day: Int
        /// Day on which the newest transaction began.
        var lastStart: Int
        var transactions: Int
        /// Sum of the squares of the days between the starts of neighbouring transactions.
        var squaredGaps: Int
    }

    init(index: EventIndex, plan: ExpandedPlan, study: Study, cutoffs: [Cutoff]) {
        self.index = index
        self.plan = plan
        self.cutoffs = cutoffs
        windowStarts = cutoffs.flatMap { cutoff in
            plan.pairs.map { $0.window.start(before: cutoff.day, calendar: study.calendar) }
        }
        // One type more than there are, always without rows: what a plan asks of types that the data lack.
        let types = index.typeNames.count + 1
        typeStarts = [Int](repeating: 0, count: types + 1)
        typeEnds = [Int](repeating: 0, count: types)
        pairStarts = [Int](repeating: 0, count: plan.pairs.count)
    }

    private mutating func collectActivity(_ rows: Range<Int>) {
        activityTimes.removeAll(keepingCapacity: true)
        activity.removeAll(keepingCapacity: true)
        for row in rows {
            let type = Int(index.types[row])
            guard plan.isActivity[type] else { continue }
            let day = Int(index.days[row])
            var prefix =
                activity.last ?? ActivityPrefix(day: day, lastStart: day, transactions: 0, squaredGaps: 0)
            prefix.day = day
            if index.startsTransaction[row] {
                let gap = day - prefix.lastStart
                prefix.squaredGaps += gap * gap
                prefix.lastStart = day
                prefix.transactions += 1
            }
            activity.append(prefix)
            activityTimes.append(index.times[row])
        }
    }

    // MARK: Features

    /// Writes the customer's features at the cutoffs where he is an example.
    /// - Parameter row: where the example of a cutoff stands in the table; `nil` where there is none.
    mutating func features(
        ofCustomer customer: Int,
        row: (Int) -> Int?,
        into table: UnsafeMutablePointer<Double>,
        tableRows: Int
    ) {
        let rows = index.rows(ofCustomer: customer)
        collectActivity(rows)
        collectPrefixes(rows)
        for type in typeEnds.indices { typeEnds[type] = 0 }
        for pair in pairStarts.indices { pairStarts[pair] = 0 }
        var active = 0
        for (position, cutoff) in cutoffs.enumerated() {
            for type in typeEnds.indices {
                let base = typeStarts[type]
                let count = typeStarts[type + 1] - base
                while typeEnds[type] < count, times[base + typeEnds[type]] < cutoff.instant { typeEnds[type] += 1 }
            }
            for (number, pair) in plan.pairs.enumerated() {
                let start = windowStarts[position * plan.pairs.count + number]
                let base = typeStarts[pair.type]
                let end = typeEnds[pair.type]
                while pairStarts[number] < end, times[base + pairStarts[number]] < start { pairStarts[number] += 1 }
            }
            advance(&active, in: activityTimes, to: cutoff.instant)
            guard let row = row(position) else { continue }
            // With contracts, one can be a customer without ever having been active.
            let activity =
                active > 0
                ? ActivitySummary(
                    cutoffDay: cutoff.day.number,
                    lastDay: activity[active - 1].day,
                    firstStart: activity[0].lastStart,
                    lastStart: activity[active - 1].lastStart,
                    count: activity[active - 1].transactions,
                    squaredGaps: activity[active - 1].squaredGaps
                ) : nil
            for (column, feature) in plan.columns.enumerated() {
                table[column * tableRows + row] =
                    switch feature {
                    case .window(let primitive, let pair): value(of: primitive, pair: pair)
                    case .activity(let primitive): activity.map { value(of: primitive, $0) } ?? 0
                    }
            }
        }
    }

    private mutating func collectPrefixes(_ rows: Range<Int>) {
        let types = typeEnds.count
        for type in 0...types { typeStarts[type] = 0 }
        for row in rows { typeStarts[Int(index.types[row]) + 1] += 1 }
        for type in 0..<types { typeStarts[type + 1] += typeStarts[type] }
        let prefixes = rows.count + types
        if sums.count < prefixes {
            times = [Int64](repeating: 0, count: prefixes)
            counts = [Int32](repeating: 0, count: prefixes)
            valuedCounts = [Int32](repeating: 0, count: prefixes)
            sums = [DoubleDoubleSum](repeating: DoubleDoubleSum(), count: prefixes)
        }
        for type in 0..<types {
            let zero = typeStarts[type] + type
            counts[zero] = 0
            valuedCounts[zero] = 0
            sums[zero] = DoubleDoubleSum()
            typeEnds[type] = 0
        }
        for row in rows {
            let type = Int(index.types[row])
            let position = typeStarts[type] + typeEnds[type]
            typeEnds[type] += 1
            let prefix = position + type
            let amount = index.amounts[row]
            times[position] = index.times[row]
            counts[prefix + 1] = counts[prefix] + (index.startsTransaction[row] ? 1 : 0)
            valuedCounts[prefix + 1] = valuedCounts[prefix] + (index.startsValuedTransaction[row] ? 1 : 0)
            sums[prefix + 1] = amount.isNaN ? sums[prefix] : sums[prefix].adding(amount)
        }
    }

    @inline(__always)
    private func value(of primitive: Primitive, pair number: Int) -> Double {
        let type = plan.pairs[number].type
        let base = typeStarts[type] + type
        let from = base + pairStarts[number]
        let to = base + typeEnds[type]
        // Without rows the sum is exactly zero, whatever the prefixes hold.
        let window = WindowSummary(
            count: Int(counts[to] - counts[from]),
            valuedCount: Int(valuedCounts[to] - valuedCounts[from]),
            sum: from == to ? 0 : sums[to] - sums[from]
        )
        switch primitive {
        case .count: return CountPrimitive.value(window)
        case .sum: return SumPrimitive.value(window)
        case .mean: return MeanPrimitive.value(window)
        case .recency, .tenure, .gapMean, .gapDeviation, .recencyOverGapMean:
            preconditionFailure("a plan gives windows only to window primitives")
        }
    }

    @inline(__always)
    private func value(of primitive: Primitive, _ activity: ActivitySummary) -> Double {
        switch primitive {
        case .recency: return RecencyPrimitive.value(activity)
        case .tenure: return TenurePrimitive.value(activity)
        case .gapMean: return GapMeanPrimitive.value(activity)
        case .gapDeviation: return GapDeviationPrimitive.value(activity)
        case .recencyOverGapMean: return RecencyOverGapMeanPrimitive.value(activity)
        case .count, .sum, .mean:
            preconditionFailure("a plan gives window primitives a window")
        }
    }

    @inline(__always)
    private func advance(_ place: inout Int, in times: [Int64], to instant: Int64) {
        while place < times.count, times[place] < instant { place += 1 }
    }
}

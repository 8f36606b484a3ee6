import ChurnHistory
import ChurnNumerics

/// The figures of every group of companies at every cutoff at which it has several members, found once for all of them.
///
/// Members are added in the order of the index, and who has not been seen before the cutoff adds nothing: the bits do not
/// depend on the number of threads, on other cutoffs, or on what comes after the cutoff. Cost is O(events and examples of
/// members x figures), memory O(places x figures).
struct GroupTotals: Sendable {
    let membership: GroupMembership
    let figures: GroupFigures
    /// Elements from one place to the next: the sums, then the latest and the second latest day of activity of any member.
    private let width: Int
    private var values: [Double]

    /// Customers whose figures are computed before they are added up.
    private static let customersPerPart = 1024

    /// - Parameters:
    ///   - layout: that of the sweep, with any stride.
    ///   - threads: must be positive; the result does not depend on it.
    init(
        _ figures: GroupFigures,
        _ membership: GroupMembership,
        index: EventIndex,
        layout: FamilyLayout,
        threads: Int
    ) {
        self.membership = membership
        self.figures = figures
        width = figures.summedCount + (figures.recency == nil ? 0 : 2)
        let empty = (0..<width).map { $0 < figures.summedCount ? 0 : -Double.infinity }
        values = []
        values.reserveCapacity(width * membership.placeCount)
        for _ in 0..<membership.placeCount { values.append(contentsOf: empty) }
        if membership.placeCount > 0 { fill(index, layout, threads: threads) }
    }

    /// The figures of a group, by their number, at `start(ofPlace:) + number`.
    @inline(__always)
    subscript(_ position: Int) -> Double { values[position] }

    @inline(__always)
    func start(ofPlace place: Int) -> Int { place &* width }

    /// The day of the last activity of the other members; negative infinity where they have none.
    @inline(__always)
    func lastDayOfOthers(atPlace place: Int, own day: Double) -> Double {
        let latest = place &* width &+ figures.summedCount
        return values[latest] == day ? values[latest + 1] : values[latest]
    }

    /// A thread's evaluator and where it puts the figures of a part's members.
    private struct Worker {
        let sweep: PartSweep
        let blocks: PartBlocks
    }

    private mutating func fill(_ index: EventIndex, _ layout: FamilyLayout, threads: Int) {
        let cutoffCount = layout.cutoffCount
        let columnCount = figures.columns.count
        let size = min(Self.customersPerPart, FeatureSweep.partSize(columns: columnCount, cutoffs: cutoffCount))
        let parts = SweepContext.Parts(customerCount: index.customers.count, size: size, spacing: size)
        let workerCount = max(1, min(threads, parts.count))
        var layout = layout
        layout.stride = PartBlocks.stride(capacity: size)
        index.withEventMemory { memory in
            nonisolated(unsafe) let workers = (0..<workerCount).map { _ in
                Worker(
                    sweep: PartSweep(
                        memory: memory,
                        ranks: layout.ranks,
                        status: StatusSweep(GroupMemberRule(membership, cutoffCount: cutoffCount)),
                        families: figures.families(layout),
                        calendar: layout.calendar,
                        stride: layout.stride
                    ),
                    blocks: PartBlocks(cutoffCount: cutoffCount, columnCount: columnCount, capacity: size)
                )
            }
            let adding = Adding(membership: membership, summedCount: figures.summedCount, width: width)
            values.withUnsafeMutableBufferPointer { values in
                guard let base = values.baseAddress else { return }
                nonisolated(unsafe) let totals = base
                // As many parts at a time as there are threads; then all cutoffs, each with the parts in their order.
                for first in stride(from: 0, to: parts.count, by: workerCount) {
                    let count = min(workerCount, parts.count - first)
                    Parallel.forEach(count, threads: threads) { number in
                        let worker = workers[number]
                        worker.blocks.clear()
                        worker.sweep.sweep(parts.customers(of: first + number), into: worker.blocks)
                    }
                    Parallel.forEach(cutoffCount, threads: threads) { cutoff in
                        for number in 0..<count {
                            adding.add(workers[number].blocks.block(part: first + number, cutoff: cutoff), to: totals)
                        }
                    }
                }
            }
        }
    }

    /// Adds members' figures to those of their groups.
    private struct Adding: Sendable {
        let membership: GroupMembership
        let summedCount: Int
        let width: Int

        func add(_ block: FeatureBlock, to totals: UnsafeMutablePointer<Double>) {
            let values = block.values
            for row in 0..<block.rowCount {
                let customer = Int(block.customers[row])
                guard let place = membership.place(ofCustomer: customer, at: block.cutoff) else { continue }
                let group = totals + place * width
                for figure in 0..<summedCount { group[figure] += values.column(figure)[row] }
                guard width > summedCount else { continue }
                let day = values.column(summedCount)[row]
                if day > group[summedCount] {
                    group[summedCount + 1] = group[summedCount]
                    group[summedCount] = day
                } else if day > group[summedCount + 1] {
                    group[summedCount + 1] = day
                }
            }
        }
    }
}

import ChurnHistory
import ChurnNumerics

/// What all threads of a sweep share.
struct SweepContext: Sendable {
    /// The customers in parts.
    struct Parts: Sendable {
        let customerCount: Int
        let size: Int
        /// Customers from the start of one part to the start of the next; `size`, or more where a sample is taken.
        let spacing: Int

        var count: Int { (customerCount + spacing - 1) / spacing }

        func customers(of part: Int) -> Range<Int> {
            part * spacing..<min(customerCount, part * spacing + size)
        }
    }

    var parts: Parts
    /// Whether who leaves before the label window is an example too: he was there at the cutoff.
    var keepsLeftInLead = false
    private let plan: ExpandedPlan
    private let ranks: CutoffRanks
    private let study: Study
    private let index: EventIndex
    private let cutoffs: [Cutoff]
    private var scoreCuts: ScoreCuts?
    private var groups: GroupTotals?

    init(_ sweep: FeatureSweep) throws(FeatureError) {
        plan = try ExpandedPlan(sweep.plan, study: sweep.study, index: sweep.index)
        ranks = CutoffRanks(boundaries: plan.boundaries, cutoffs: sweep.cutoffs)
        study = sweep.study
        index = sweep.index
        cutoffs = sweep.cutoffs
        let size = FeatureSweep.partSize(columns: sweep.plan.features.count, cutoffs: sweep.cutoffs.count)
        parts = Parts(customerCount: sweep.index.customers.count, size: size, spacing: size)
        let hasScores = plan.columns.contains { ScoreValues.primitives.contains($0.primitive) }
        if hasScores { scoreCuts = try findScoreCuts(sweep) }
        if let figures = plan.groupFigures,
            let membership = GroupMembership(study: study, index: index, cutoffs: cutoffs)
        {
            groups = GroupTotals(
                figures,
                membership,
                index: index,
                layout: layout(ranks, stride: 0),
                threads: sweep.threads
            )
        }
    }

    /// An evaluator with memory of its own.
    /// - Parameter stride: elements from one column to the next in the blocks that it will fill.
    func worker(_ memory: EventMemory, stride: Int) -> PartSweep {
        let sweep = PartSweep(
            memory: memory,
            ranks: ranks,
            status: StatusSweep(study: study, index: index, cutoffs: cutoffs),
            families: plan.families(layout(ranks, stride: stride)),
            calendar: study.calendar,
            stride: stride
        )
        sweep.keepsLeftInLead = keepsLeftInLead
        return sweep
    }

    /// An evaluator that tells who is an example, and has no families.
    func counter(_ memory: EventMemory) -> PartSweep {
        let sweep = PartSweep(
            memory: memory,
            ranks: ranks,
            status: StatusSweep(study: study, index: index, cutoffs: cutoffs),
            families: [],
            calendar: study.calendar,
            stride: 0
        )
        sweep.keepsLeftInLead = keepsLeftInLead
        return sweep
    }

    private func layout(_ ranks: CutoffRanks, stride: Int) -> FamilyLayout {
        FamilyLayout(
            ranks: ranks,
            activity: plan.activity,
            calendar: study.calendar,
            attributeSizes: plan.attributeSizes,
            scoreCuts: scoreCuts,
            groups: groups,
            stride: stride
        )
    }

    // MARK: Scores

    /// The first pass: what is cut must be known of all customers before one of them has a score. One cutoff after the
    /// other, so that it takes the memory of one.
    ///
    /// Whoever is eligible counts, those too who leave before the label window: the scores must not know that.
    /// - Throws: `notFinite` where someone's monetary value overflows and the plan has its score: nobody's fifth would be right.
    private func findScoreCuts(_ sweep: FeatureSweep) throws(FeatureError) -> ScoreCuts {
        let monetary = plan.columns.first { $0.primitive == .monetaryScore }
        var cuts: [[ScoreCuts.Cuts]] = [[], [], []]
        for (position, cutoff) in cutoffs.enumerated() {
            let (values, overflowing) = scoreValues(at: cutoff, threads: sweep.threads)
            if let monetary, let customer = overflowing {
                throw sweep.notFinite(column: monetary.number, customer: customer, cutoff: position)
            }
            let found = Parallel.map(3, threads: sweep.threads) { ScoreCuts.Cuts(sorted: values[$0].sorted()) }
            for quantity in 0..<3 { cuts[quantity].append(found[quantity]) }
        }
        return ScoreCuts(recency: cuts[0], frequency: cuts[1], monetary: cuts[2])
    }

    /// Recency, frequency and monetary value of all eligible customers, and the first of them whose monetary value is no number.
    private func scoreValues(at cutoff: Cutoff, threads: Int) -> (values: [[Double]], overflowing: Int?) {
        let ranks = CutoffRanks(boundaries: [], cutoffs: [cutoff])
        let parts = Parts(
            customerCount: index.customers.count,
            size: FeatureSweep.customersPerPart,
            spacing: FeatureSweep.customersPerPart
        )
        let stride = PartBlocks.stride(capacity: parts.size)
        let found = index.withEventMemory { memory in
            Parallel.map(parts.count, threads: threads) { part -> (values: [[Double]], overflowing: Int?) in
                let blocks = PartBlocks(cutoffCount: 1, columnCount: 3, capacity: parts.size)
                let sweep = PartSweep(
                    memory: memory,
                    ranks: ranks,
                    status: StatusSweep(study: study, index: index, cutoffs: [cutoff]),
                    families: [ScoreValueFamily(layout(ranks, stride: stride))],
                    calendar: study.calendar,
                    stride: stride
                )
                sweep.keepsLeftInLead = true
                sweep.sweep(parts.customers(of: part), into: blocks)
                let block = blocks.block(part: part, cutoff: 0)
                let values = (0..<3).map { column in
                    Array(UnsafeBufferPointer(start: block.values.column(column), count: block.rowCount))
                }
                return (values, values[2].firstIndex { !$0.isFinite }.map { Int(block.customers[$0]) })
            }
        }
        // The cuts of recency are those of customers who have one.
        let values = (0..<3).map { column in found.flatMap { $0.values[column] }.filter(\.isFinite) }
        return (values, found.compactMap(\.overflowing).first)
    }
}

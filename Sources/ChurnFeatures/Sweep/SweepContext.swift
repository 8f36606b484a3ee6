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
    private var forecasts: [any PurchaseForecast]?
    private var groups: GroupTotals?

    /// - Parameter computesFeatures: whether more than who is an example, and his label, will be asked.
    init(_ sweep: FeatureSweep, computesFeatures: Bool = true) throws(FeatureError) {
        plan = try ExpandedPlan(sweep.plan, study: sweep.study, index: sweep.index)
        ranks = CutoffRanks(boundaries: plan.boundaries, cutoffs: sweep.cutoffs)
        study = sweep.study
        index = sweep.index
        cutoffs = sweep.cutoffs
        let size = FeatureSweep.partSize(columns: sweep.plan.features.count, cutoffs: sweep.cutoffs.count)
        parts = Parts(customerCount: sweep.index.customers.count, size: size, spacing: size)
        guard computesFeatures else { return }
        let hasScores = plan.columns.contains { ScoreValues.primitives.contains($0.primitive) }
        if hasScores { scoreCuts = try findScoreCuts(sweep) }
        if let column = plan.columns.first(where: \.primitive.isLearnedFromPurchases) {
            guard let model = sweep.purchaseModel else {
                throw .noPurchaseModel(feature: sweep.plan.featureNames[column.number])
            }
            forecasts = try findForecasts(model, sweep)
        }
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
            forecasts: forecasts,
            groups: groups,
            stride: stride
        )
    }

    // MARK: First passes

    /// What is cut must be known of all customers before one of them has a score.
    ///
    /// Whoever is eligible counts, those too who leave before the label window: the scores must not know that.
    /// - Throws: `notFinite` where someone's monetary value overflows and the plan has its score: nobody's fifth would be right.
    private func findScoreCuts(_ sweep: FeatureSweep) throws(FeatureError) -> ScoreCuts {
        let monetary = plan.columns.first { $0.primitive == .monetaryScore }
        var cuts: [[ScoreCuts.Cuts]] = [[], [], []]
        for (position, cutoff) in cutoffs.enumerated() {
            let (columns, customers) = figures(
                at: cutoff,
                count: 3,
                status: StatusSweep(study: study, index: index, cutoffs: [cutoff]),
                threads: sweep.threads,
                family: ScoreValueFamily.init
            )
            if let monetary, let row = columns[2].firstIndex(where: { !$0.isFinite }) {
                throw sweep.notFinite(column: monetary.number, customer: Int(customers[row]), cutoff: position)
            }
            // The cuts of recency are those of customers who have one.
            let found = Parallel.map(3, threads: sweep.threads) {
                ScoreCuts.Cuts(sorted: columns[$0].filter(\.isFinite).sorted())
            }
            for quantity in 0..<3 { cuts[quantity].append(found[quantity]) }
        }
        return ScoreCuts(recency: cuts[0], frequency: cuts[1], monetary: cuts[2])
    }

    /// What a model learns from the purchases of everybody who was active before a cutoff, who left long ago, too; by cutoff.
    private func findForecasts(
        _ model: any PurchaseModel,
        _ sweep: FeatureSweep
    ) throws(FeatureError) -> [any PurchaseForecast] {
        let value = plan.columns.first { $0.primitive == .expectedValue }
        var forecasts: [any PurchaseForecast] = []
        var fault: (cutoff: Cutoff, error: UntoldPurchases, from: Cutoff?)?
        for (position, cutoff) in cutoffs.enumerated() {
            let (columns, customers) = figures(
                at: cutoff,
                count: PurchaseHistoryFamily.columnCount,
                status: StatusSweep(EverActiveRule(activity: plan.activity, cutoffs: [cutoff])),
                threads: sweep.threads,
                family: PurchaseHistoryFamily.init
            )
            if let value, let row = columns[3].firstIndex(where: { !$0.isFinite }) {
                throw sweep.notFinite(column: value.number, customer: Int(customers[row]), cutoff: position)
            }
            let histories = PurchaseHistoryFamily.histories(columns)
            // No example at this cutoff will ask.
            if histories.isEmpty {
                forecasts.append(NoForecast())
                continue
            }
            do {
                forecasts.append(
                    try model.forecast(from: histories, values: value != nil, threads: sweep.threads)
                )
                if fault != nil, fault?.from == nil { fault?.from = cutoff }
            } catch {
                // What tells nothing at all weighs more than what tells nothing of values.
                let isWorse = fault.map { $0.error.isOnlyOfValues && !error.isOnlyOfValues } ?? true
                fault = (isWorse ? cutoff : fault?.cutoff ?? cutoff, isWorse ? error : fault?.error ?? error, nil)
            }
        }
        if let fault {
            throw .purchasesDoNotTell(
                cutoff: fault.cutoff.day.description,
                reason: fault.error.reason,
                advice: fault.error.advice,
                from: fault.from?.day.description
            )
        }
        return forecasts
    }

    /// Figures of customers at one cutoff, before one of them has a feature: one cutoff after the other takes the memory of one.
    /// - Parameters:
    ///   - count: columns that the family writes.
    ///   - status: whose figures; of one cutoff.
    private func figures(
        at cutoff: Cutoff,
        count: Int,
        status: @autoclosure @Sendable () -> StatusSweep,
        threads: Int,
        family: @Sendable (FamilyLayout) -> any FeatureFamily
    ) -> (columns: [[Double]], customers: [Int32]) {
        let ranks = CutoffRanks(boundaries: [], cutoffs: [cutoff])
        let parts = Parts(
            customerCount: index.customers.count,
            size: FeatureSweep.customersPerPart,
            spacing: FeatureSweep.customersPerPart
        )
        let stride = PartBlocks.stride(capacity: parts.size)
        let found = index.withEventMemory { memory in
            Parallel.map(parts.count, threads: threads) { part -> (columns: [[Double]], customers: [Int32]) in
                let blocks = PartBlocks(cutoffCount: 1, columnCount: count, capacity: parts.size)
                let sweep = PartSweep(
                    memory: memory,
                    ranks: ranks,
                    status: status(),
                    families: [family(layout(ranks, stride: stride))],
                    calendar: study.calendar,
                    stride: stride
                )
                sweep.keepsLeftInLead = true
                sweep.sweep(parts.customers(of: part), into: blocks)
                let block = blocks.block(part: part, cutoff: 0)
                let columns = (0..<count).map { column in
                    Array(UnsafeBufferPointer(start: block.values.column(column), count: block.rowCount))
                }
                return (columns, Array(block.customers))
            }
        }
        return ((0..<count).map { column in found.flatMap { $0.columns[column] } }, found.flatMap(\.customers))
    }
}

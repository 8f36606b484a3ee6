import ChurnHistory
import ChurnNumerics

/// The customers who were there at a cutoff, with their features from what was known before it and their labels: what a table
/// of any origin is compared with.
public struct KnownExamples: Sendable {
    /// Numbers of the customers in the index, ascending; those too who left before the label window.
    public let customers: [Int32]
    /// By example: 1 churned, 0 retained, -1 not known or left before the label window.
    public let labels: [Int8]
    /// Examples x features of the plan.
    public let features: Matrix

    /// - Parameter sweep: from all data, at whatever cutoffs.
    public init(_ sweep: FeatureSweep, at cutoff: Cutoff) throws {
        let plan = sweep.plan
        let known = sweep.at(cutoff, index: sweep.index.known(before: cutoff.instant))
        var customers: [Int32] = []
        var blocks: [[Double]] = Array(repeating: [], count: plan.features.count)
        try known.everybody { block in
            customers += block.customers
            for column in blocks.indices {
                blocks[column] += UnsafeBufferPointer(start: block.values.column(column), count: block.rowCount)
            }
        }
        let labels = try sweep.at(cutoff, index: sweep.index).labels()
        self.customers = customers
        self.labels = customers.map { labels[$0] ?? -1 }
        features = try Matrix(rowCount: customers.count, columnCount: blocks.count, elements: blocks.flatMap(\.self))
    }
}

extension FeatureSweep {
    /// Hands on the blocks of all customers who were there at the cutoffs, who left before the label window too.
    fileprivate func everybody(_ sink: (FeatureBlock) throws -> Void) throws {
        var context = try SweepContext(self)
        context.keepsLeftInLead = true
        _ = try forEachBlock(context, sink)
    }

    /// The labels of all customers who were there at the only cutoff, by their numbers; no feature is computed.
    fileprivate func labels() throws(FeatureError) -> [Int32: Int8] {
        var context = try SweepContext(self, computesFeatures: false)
        context.keepsLeftInLead = true
        let parts = context.parts
        var labels: [Int32: Int8] = [:]
        index.withEventMemory { memory in
            let sweep = context.counter(memory)
            let blocks = PartBlocks(cutoffCount: 1, columnCount: 0, capacity: parts.size)
            for part in 0..<parts.count {
                blocks.clear()
                sweep.sweep(parts.customers(of: part), into: blocks)
                let block = blocks.block(part: part, cutoff: 0)
                for (row, customer) in block.customers.enumerated() { labels[customer] = block.labels[row] }
            }
        }
        return labels
    }
}

extension FeaturePlan {
    /// One feature of the study that no model learns, where only examples and labels are asked.
    public static func least(study: Study, index: EventIndex) throws(FeatureError) -> FeaturePlan {
        let plan = try FeaturePlan(study: study, index: index)
        let catalogue = FeatureCatalogue(study: study, index: index).entries.map(\.feature)
        guard let feature = (plan.features + catalogue).first(where: { !$0.primitive.isLearnedFromPurchases }) else {
            return plan
        }
        return try FeaturePlan(features: [feature], timeZoneName: plan.timeZoneName)
    }

    /// The features that some names stand for, whether the study computes them or not.
    ///
    /// A name such as `purchase_count_60d` brings its window along. Features of the family `buyTillYouDie` are those of the study
    /// alone.
    /// - Returns: the plan, in the order of the names, without those that stand for no feature of these data; `nil` where none
    ///   does.
    public static func known(
        _ names: [String],
        study: Study,
        index: EventIndex
    ) throws(FeatureError) -> FeaturePlan? {
        var windows = study.windows
        for name in names {
            guard let suffix = name.split(separator: "_").last, let window = FeatureWindow(String(suffix)),
                !windows.contains(window)
            else { continue }
            windows.append(window)
        }
        let entries = FeatureCatalogue(study: study, index: index, windows: windows).entries
        let features = Dictionary(entries.map { ($0.feature.name, $0.feature) }) { first, _ in first }
        var known = names.compactMap { features[$0] }
        // Anybody's model makes columns of these names; only a study that has them says by which.
        if known.contains(where: \.primitive.isLearnedFromPurchases) {
            let own = try Set(FeaturePlan(study: study, index: index).featureNames)
            known.removeAll { $0.primitive.isLearnedFromPurchases && !own.contains($0.name) }
        }
        if known.isEmpty { return nil }
        return try FeaturePlan(
            features: known,
            timeZoneName: study.calendar.timeZoneName
        )
    }
}

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

    /// - Parameter plan: may have no feature, where labels alone matter.
    public init(
        study: Study,
        index: EventIndex,
        plan: FeaturePlan,
        cutoff: Cutoff,
        threads: Int
    ) throws {
        let known = FeatureSweep(
            study: study,
            index: index.known(before: cutoff.instant),
            plan: plan,
            cutoffs: [cutoff],
            threads: threads
        )
        var customers: [Int32] = []
        var blocks: [[Double]] = Array(repeating: [], count: plan.features.count)
        try known.everybody { block in
            customers += block.customers
            for column in blocks.indices {
                blocks[column] += UnsafeBufferPointer(start: block.values.column(column), count: block.rowCount)
            }
        }
        var labels: [Int32: Int8] = [:]
        let whole = FeatureSweep(
            study: study,
            index: index,
            plan: try FeaturePlan(features: [], timeZoneName: plan.timeZoneName),
            cutoffs: [cutoff],
            threads: threads
        )
        try whole.everybody { block in
            for (row, customer) in block.customers.enumerated() { labels[customer] = block.labels[row] }
        }
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
}

extension FeaturePlan {
    /// The features that some names stand for, whether the study computes them or not.
    ///
    /// A name such as `purchase_count_60d` brings its window along.
    /// - Returns: the plan, in the order of the names, without those that stand for no feature of these data.
    public static func known(
        _ names: [String],
        study: Study,
        index: EventIndex
    ) throws(FeatureError) -> FeaturePlan {
        var windows = study.windows
        for name in names {
            guard let suffix = name.split(separator: "_").last, let window = FeatureWindow(String(suffix)),
                !windows.contains(window)
            else { continue }
            windows.append(window)
        }
        let entries = FeatureCatalogue(study: study, index: index, windows: windows).entries
        let features = Dictionary(entries.map { ($0.feature.name, $0.feature) }) { first, _ in first }
        return try FeaturePlan(
            features: names.compactMap { features[$0] },
            timeZoneName: study.calendar.timeZoneName
        )
    }
}

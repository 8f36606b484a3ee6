/// Statistics of the features of one part, and its counts of examples.
final class PartStatistics: @unchecked Sendable {
    private(set) var totals: SummaryTotals
    private(set) var columns: [StatisticsAccumulator]

    private let emptyColumns: [StatisticsAccumulator]

    /// - Parameter columns: without values yet.
    init(cutoffCount: Int, columns: [StatisticsAccumulator]) {
        totals = SummaryTotals(cutoffCount: cutoffCount)
        self.columns = columns
        emptyColumns = columns
    }

    func clear() {
        totals = SummaryTotals(cutoffCount: totals.examples.count)
        columns = emptyColumns
    }

    /// Adds blocks, column by column.
    /// - Returns: false when some value may not be finite.
    func add(_ blocks: PartBlocks) -> Bool {
        totals.add(blocks)
        var isFinite = true
        columns.withUnsafeMutableBufferPointer { columns in
            for column in 0..<blocks.columnCount {
                for cutoff in 0..<blocks.cutoffCount {
                    let count = blocks.counts[cutoff]
                    guard count > 0 else { continue }
                    columns[column].add(blocks.rows[cutoff] + column &* blocks.stride, count: count)
                }
                if !columns[column].isFinite { isFinite = false }
            }
        }
        return isFinite
    }
}

/// Examples counted while their blocks come by.
struct SummaryTotals {
    private(set) var examples: [Int]
    private(set) var churned: [Int]
    private(set) var leftInLead = 0

    init(cutoffCount: Int) {
        examples = [Int](repeating: 0, count: cutoffCount)
        churned = examples
    }

    var rowCount: Int { examples.reduce(0, +) }

    mutating func add(_ blocks: PartBlocks) {
        for cutoff in examples.indices {
            examples[cutoff] += blocks.counts[cutoff]
            var sum = 0
            for label in blocks.labels(cutoff: cutoff) where label == 1 { sum &+= 1 }
            churned[cutoff] += sum
        }
        leftInLead += blocks.leftInLead
    }

    mutating func add(_ other: SummaryTotals) {
        for cutoff in examples.indices {
            examples[cutoff] += other.examples[cutoff]
            churned[cutoff] += other.churned[cutoff]
        }
        leftInLead += other.leftInLead
    }

    func summary(_ cutoffs: [Cutoff], statistics: [FeatureStatistics]) -> FeatureSummary {
        FeatureSummary(
            cutoffs: cutoffs.indices.map {
                .init(cutoff: cutoffs[$0], examples: examples[$0], churned: churned[$0])
            },
            leftInLead: leftInLead,
            statistics: statistics
        )
    }
}

/// What was sampled independently: the rows, or the clusters where rows share one.
struct SamplingUnits {
    let kind: VarianceKind
    private(set) var count: Int
    /// Units that hold a positive.
    private(set) var withPositives: Int
    /// Units that hold a negative.
    private(set) var withNegatives: Int
    /// The unit of each row, `nil` where each row is its own.
    private var unitOfRow: [UInt32]?

    init(_ predictions: Predictions) {
        if let clusters = predictions.clusters {
            let clustered = SamplingUnits(clusters: clusters, labels: predictions.labels)
            if clustered.count < predictions.count {
                self = clustered
                return
            }
        }
        kind = .independent
        count = predictions.count
        withPositives = predictions.positives
        withNegatives = predictions.count - predictions.positives
    }

    private init(clusters: [UInt32], labels: [Bool]) {
        kind = .clustered
        count = 0
        withPositives = 0
        withNegatives = 0
        let entries = RadixOrder(ascending: clusters, labels: labels).entries
        var units = [UInt32](repeating: 0, count: clusters.count)
        var start = 0
        while start < entries.count {
            var end = start
            var positives = 0
            while end < entries.count, entries[end].key == entries[start].key {
                units[Int(entries[end].row)] = UInt32(truncatingIfNeeded: count)
                if entries[end].isPositive { positives += 1 }
                end += 1
            }
            withPositives += positives > 0 ? 1 : 0
            withNegatives += positives < end - start ? 1 : 0
            count += 1
            start = end
        }
        unitOfRow = units
    }

    @inline(__always)
    func unit(ofRow row: Int) -> Int {
        guard let unitOfRow else { return row }
        return Int(unitOfRow[row])
    }
}

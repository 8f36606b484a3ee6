import ChurnNumerics

/// The logistic loss of mini-batches, per unit of weight: in the mean of an epoch's batches, each counted by its rows, the gradient
/// is the one of all rows.
struct MiniBatchLoss {
    private let labels: [Double]
    /// `nil` for all 1; 0 of a row that does not count.
    private let weights: [Double]?
    private let offsets: [Double]?
    /// Rows per unit of weight.
    private let rowsPerWeight: Double

    init(labels: [Double], weights: [Double]?, offsets: [Double]?) {
        self.labels = labels
        self.weights = weights
        self.offsets = offsets
        rowsPerWeight = weights.map { Double(labels.count) / $0.reduce(0, +) } ?? 1
    }

    /// Writes the gradient of a batch at a point, less the one at another point where there is one.
    func gradient(
        of batch: MiniBatches.Batch,
        at point: [Double],
        less other: [Double]? = nil,
        into result: inout [Double]
    ) {
        let factor = rowsPerWeight / Double(batch.rowCount)
        result.withUnsafeMutableBufferPointer { buffer in
            guard let sum = buffer.baseAddress else { return }
            sum.update(repeating: 0, count: buffer.count)
            for block in batch.parts {
                let count = block.rows.count
                withUnsafeTemporaryAllocation(of: Double.self, capacity: 3 * count) { scratch in
                    guard let predictor = scratch.baseAddress else { return }
                    let slopes = predictor + count
                    slope(of: block, at: point, predictor: predictor, into: slopes)
                    if let other {
                        let others = slopes + count
                        slope(of: block, at: other, predictor: predictor, into: others)
                        for row in 0..<count { slopes[row] -= others[row] }
                    }
                    block.addTransposedProduct(slopes, to: sum)
                }
            }
            for element in 0..<buffer.count { sum[element] *= factor }
        }
    }

    private func slope(
        of block: DesignBlock,
        at point: [Double],
        predictor: UnsafeMutablePointer<Double>,
        into slopes: UnsafeMutablePointer<Double>
    ) {
        let first = block.rows.lowerBound
        let count = block.rows.count
        block.linearPredictor(point, into: predictor)
        if let offsets {
            for row in 0..<count { predictor[row] += offsets[first + row] }
        }
        labels.withUnsafeBufferPointer { labels in
            guard let labels = labels.baseAddress else { return }
            func write(_ weights: UnsafePointer<Double>?) {
                let rows = LogisticLoss.Rows(labels: labels + first, weights: weights.map { $0 + first }, count: count)
                LogisticLoss.slopes(rows, predictor: predictor, into: slopes)
            }
            if let weights { weights.withUnsafeBufferPointer { write($0.baseAddress) } } else { write(nil) }
        }
    }
}

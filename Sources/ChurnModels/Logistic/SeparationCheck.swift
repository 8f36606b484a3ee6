import ChurnNumerics

/// Looks for a direction that tells the classes apart: d with sᵢ(d₀ + xᵢd) >= 0 on every row and > 0 on some. Where there
/// is one, the unpenalised likelihood has no maximum (Albert and Anderson 1984).
///
/// Under separation the steps of Newton's method turn into such a direction, and the rows prove it; without it, Newton
/// converges and there is none. A sample is tried first: rows that are not separated stay so when more join them.
struct SeparationCheck {
    private static let maximumIterations = 40
    /// Violations of the inequality below this share of its largest value are rounding.
    private static let tolerance = 1e-7

    /// The columns that take part in a separating direction; empty when there is none.
    static func separatedColumns(of data: TrainingData, threads: Int) -> [Int] {
        let rows = data.labels.count
        var size = max(4096, 50 * (data.design.columnCount + 1))
        while size < rows {
            let stride = rows / size
            let sample = Swift.stride(from: 0, to: rows, by: max(stride, 1)).map { $0 }
            if let found = direction(rows: sample, of: data, threads: threads), found.isEmpty { return [] }
            size *= 8
        }
        guard let direction = direction(rows: nil, of: data, threads: threads), !direction.isEmpty else { return [] }
        let largest = direction.dropFirst().reduce(0) { max($0, abs($1)) }
        return (1..<direction.count).filter { abs(direction[$0]) > 1e-3 * largest }.map { $0 - 1 }
    }

    /// A separating direction, an empty array when there is none, or `nil` when the rows cannot tell.
    private static func direction(rows: [Int]?, of data: TrainingData, threads: Int) -> [Double]? {
        let design: Matrix
        var labels = data.labels
        var weights = data.weights
        if let rows {
            var elements: [Double] = []
            elements.reserveCapacity(rows.count * data.design.columnCount)
            data.design.withBlock { block in
                for column in 0..<block.columnCount {
                    let values = block.column(column)
                    for row in rows { elements.append(values[row]) }
                }
            }
            guard
                let sample = try? Matrix(
                    rowCount: rows.count, columnCount: data.design.columnCount, elements: elements)
            else { return nil }
            design = sample
            labels = rows.map { data.labels[$0] }
            weights = data.weights.map { w in rows.map { w[$0] } }
        } else {
            design = data.design
        }
        let positives = labels.reduce(0, +)
        guard positives > 0, positives < Double(labels.count) else { return nil }
        return design.withBlock { block -> [Double]? in
            var objective = LogisticObjective(
                design: block, labels: labels, weights: weights, l2Strength: 0, threads: threads)
            var separating: [Double]?
            let solver = NewtonSolver(
                gradientTolerance: 1e-7, decrementTolerance: 1e-10, maximumIterations: maximumIterations)
            let solution = try? solver.minimise(
                &objective, from: [Double](repeating: 0, count: objective.dimension)
            ) { objective in
                let (smallest, largest) = objective.signedDirectionRange()
                guard largest > 0, smallest >= -tolerance * largest else { return .proceed }
                separating = objective.currentDirection
                return .stop
            }
            if let separating { return separating }
            return solution?.status == .converged ? [] : nil
        }
    }
}

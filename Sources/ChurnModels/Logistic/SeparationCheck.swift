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
    /// The same where it is only asked which columns matter: what is left of noise columns in a direction is larger.
    private static let namingTolerance = 1e-4

    /// The columns that separate the classes; empty when none do.
    static func separatedColumns(of data: TrainingData, threads: Int) -> [Int] {
        let alone = columnsThatSeparateAlone(data)
        if !alone.isEmpty { return alone }
        let rows = data.labels.count
        var size = max(4096, 50 * (data.design.columnCount + 1))
        while rows / size > 1 {
            let sample = Array(Swift.stride(from: 0, to: rows, by: rows / size))
            if let found = direction(rows: sample, of: data, threads: threads), found.isEmpty { return [] }
            size *= 8
        }
        guard let direction = direction(rows: nil, of: data, threads: threads), !direction.isEmpty else { return [] }
        return necessaryColumns(of: Array(direction.dropFirst()), data)
    }

    /// Columns with no value of one class above any of the other, compared exactly: the most frequent kind, such as a
    /// category that only one class has.
    private static func columnsThatSeparateAlone(_ data: TrainingData) -> [Int] {
        data.design.withBlock { block in
            (0..<block.columnCount).filter { column in
                let values = block.column(column)
                var positive = (smallest: Double.infinity, largest: -Double.infinity)
                var negative = positive
                for row in 0..<block.rowCount where (data.weights?[row] ?? 1) > 0 {
                    if data.labels[row] > 0.5 {
                        positive = (min(positive.smallest, values[row]), max(positive.largest, values[row]))
                    } else {
                        negative = (min(negative.smallest, values[row]), max(negative.largest, values[row]))
                    }
                }
                let varies =
                    min(positive.smallest, negative.smallest) < max(positive.largest, negative.largest)
                return varies && (negative.largest <= positive.smallest || positive.largest <= negative.smallest)
            }
        }
    }

    /// The columns without which a separating direction does not separate any more, weakest tried first. The intercept is
    /// free: what counts is that no negative row lies above a positive one along the direction.
    private static func necessaryColumns(of direction: [Double], _ data: TrainingData) -> [Int] {
        data.design.withBlock { block in
            var along = [Double](repeating: 0, count: block.rowCount)
            for (column, weight) in direction.enumerated() {
                let values = block.column(column)
                for row in 0..<block.rowCount { along[row] += weight * values[row] }
            }
            var needed = direction.indices.sorted { abs(direction[$0]) < abs(direction[$1]) }
            var candidates = 0
            // A column that only made up for another is found when that one has gone: again until nothing goes.
            while needed.count != candidates {
                candidates = needed.count
                needed.removeAll { column in
                    let values = block.column(column)
                    let without = (0..<block.rowCount).map { along[$0] - direction[column] * values[$0] }
                    guard separates(without, data) else { return false }
                    along = without
                    return true
                }
            }
            return needed.sorted()
        }
    }

    private static func separates(_ along: [Double], _ data: TrainingData) -> Bool {
        var lowestPositive = Double.infinity
        var highestNegative = -Double.infinity
        var smallest = Double.infinity
        var largest = -Double.infinity
        for (row, value) in along.enumerated() where (data.weights?[row] ?? 1) > 0 {
            if data.labels[row] > 0.5 {
                lowestPositive = min(lowestPositive, value)
            } else {
                highestNegative = max(highestNegative, value)
            }
            smallest = min(smallest, value)
            largest = max(largest, value)
        }
        let spread = largest - smallest
        return spread > 1e-9 && lowestPositive - highestNegative >= -namingTolerance * spread
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
                    rowCount: rows.count,
                    columnCount: data.design.columnCount,
                    elements: elements
                )
            else { return nil }
            // Where a column does not vary, or nearly repeats others, Newton's steps on the sample prove nothing.
            guard isWellConditioned(sample, threads: threads) else { return nil }
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
                design: block,
                labels: labels,
                weights: weights,
                l2Strength: 0,
                threads: threads
            )
            var separating: [Double]?
            let solver = NewtonSolver(
                gradientTolerance: 1e-7,
                decrementTolerance: 1e-10,
                maximumIterations: maximumIterations
            )
            let solution = try? solver.minimise(
                &objective,
                from: [Double](repeating: 0, count: objective.dimension)
            ) { objective in
                let signed = objective.signedDirection
                let largest = signed.reduce(0) { $1 < .infinity ? max($0, $1) : $0 }
                guard largest > 0, signed.allSatisfy({ $0 >= -tolerance * largest }) else { return .proceed }
                let undecided = signed.indices.filter { signed[$0] <= tolerance * largest }
                guard isRankDeficient(design, rows: undecided, threads: threads) else { return .proceed }
                separating = objective.currentDirection
                return .stop
            }
            if let separating { return separating }
            return solution?.status == .converged ? [] : nil
        }
    }

    /// Whether every column varies and none nearly repeats others.
    private static func isWellConditioned(_ sample: Matrix, threads: Int) -> Bool {
        !isRankDeficient(sample, rows: Array(0..<sample.rowCount), tolerance: 1e-6, threads: threads)
    }

    /// Whether some direction, the intercept included, is zero on all of these rows. A direction that separates is zero
    /// on the rows that it leaves undecided; one that is only small there is rounding of data that overlap.
    private static func isRankDeficient(
        _ design: Matrix,
        rows: [Int],
        tolerance: Double = 1e-9,
        threads: Int
    ) -> Bool {
        if rows.count <= design.columnCount { return true }
        let decomposition = design.withBlock { block -> RankRevealingQR? in
            var elements = [Double](repeating: 1, count: rows.count)
            elements.reserveCapacity(rows.count * (block.columnCount + 1))
            for column in 0..<block.columnCount {
                let values = block.column(column)
                for row in rows { elements.append(values[row]) }
            }
            let augmented = try? Matrix(rowCount: rows.count, columnCount: block.columnCount + 1, elements: elements)
            return try? augmented?.withBlock { (block) throws(NumericsError) in
                try RankRevealingQR(block, tolerance: tolerance, threads: threads)
            }
        }
        return decomposition.map { !$0.aliasedColumns.isEmpty } ?? true
    }
}

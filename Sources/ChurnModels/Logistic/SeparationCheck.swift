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

    /// Rows of a sample that stand together.
    private static let runLength = 16

    /// What the rows say.
    struct Finding {
        /// Those that separate the classes; empty when none do.
        let columns: [Int]
        /// Where the rows overlap, of the unpenalised likelihood of the sample that proved it, without weights and offsets, the
        /// intercept first: near the optimum of all rows. `nil` where none was found.
        let optimum: [Double]?

        static func separated(by columns: [Int]) -> Finding { Finding(columns: columns, optimum: nil) }
    }

    static func finding(in data: TrainingData, threads: Int) -> Finding {
        let rows = data.labels.count
        let coefficients = data.design.columnCount + 1
        let positives = data.labels.count { $0 > 0.5 }
        let rarer = max(1, min(positives, rows - positives))
        // So few rows of a class are told apart by noise alone (Candès and Sur 2020).
        let rowsForRarer = Double(coefficients) / 2 * (Double(rows) / Double(rarer))
        var size = max(
            LogisticProblem.leastSampleRows,
            LogisticProblem.leastSampleRowsPerCoefficient * coefficients,
            Int(min(rowsForRarer, Double(rows)))
        )
        var sample = rows / size > 1 ? Sample(data, everyRun: rows / size) : nil
        let everyColumn = Array(0..<data.design.columnCount)
        // What overlaps in a sample overlaps in all rows.
        let suspects = sample?.orderedColumns(among: everyColumn, threads: threads).map(\.column) ?? everyColumn
        let all = Sample(all: data)
        let alone = all.orderedColumns(among: suspects, threads: threads).filter(\.varies).map(\.column)
        if !alone.isEmpty { return .separated(by: alone) }
        while let part = sample {
            // Where a column does not vary, or nearly repeats others, Newton's steps on the sample prove nothing.
            if isWellConditioned(part.design, threads: threads), part.hasBothClasses,
                case .overlapping(let optimum) = verdict(of: part, threads: threads)
            {
                return Finding(columns: [], optimum: optimum)
            }
            size *= LogisticProblem.sampleGrowth
            sample = rows / size > 1 ? Sample(data, everyRun: rows / size) : nil
        }
        switch verdict(of: all, threads: threads) {
        case .separated(let direction):
            return .separated(by: necessaryColumns(of: Array(direction.dropFirst()), data))
        case .overlapping(let optimum):
            return Finding(columns: [], optimum: optimum)
        case .unknown:
            return Finding(columns: [], optimum: nil)
        }
    }

    /// Rows that are looked at together, without offsets: whether they are separated depends neither on these nor on how much
    /// each counts.
    private struct Sample {
        let design: any ColumnarDesign
        let labels: [Double]
        /// 1, or 0 for rows that do not count; `nil` for all 1.
        let weights: [Double]?

        init(all data: TrainingData) {
            design = data.design
            labels = data.labels
            weights = data.weights.map(Self.counts)
        }

        private static func counts(_ weights: [Double]) -> [Double] { weights.map { $0 > 0 ? 1 : 0 } }

        init(_ data: TrainingData, everyRun step: Int) {
            let rows = SampledRows(everyRun: step, of: runLength, in: data.design)
            design = Matrix(rows)
            labels = rows.values(of: data.labels)
            weights = data.weights.map { Self.counts(rows.values(of: $0)) }
        }

        /// Whether rows of both classes count.
        var hasBothClasses: Bool { LogisticLoss.hasBothClasses(labels, weights: weights) }

        /// Columns with no value of one class above any of the other, compared exactly. If they vary they separate the
        /// classes alone: the most frequent kind, such as a category that only one class has.
        func orderedColumns(among columns: [Int], threads: Int) -> [(column: Int, varies: Bool)] {
            Parallel.map(columns.count, threads: threads) { place -> (column: Int, varies: Bool)? in
                var positive = (smallest: Double.infinity, largest: -Double.infinity)
                var negative = positive
                for (row, value) in design.column(columns[place]).enumerated() where (weights?[row] ?? 1) > 0 {
                    if labels[row] > 0.5 {
                        positive = (min(positive.smallest, value), max(positive.largest, value))
                    } else {
                        negative = (min(negative.smallest, value), max(negative.largest, value))
                    }
                }
                guard negative.largest <= positive.smallest || positive.largest <= negative.smallest else { return nil }
                let smallest = min(positive.smallest, negative.smallest)
                return (columns[place], smallest < max(positive.largest, negative.largest))
            }.compactMap(\.self)
        }
    }

    /// The columns without which a separating direction does not separate any more, weakest tried first. The intercept is
    /// free: what counts is that no negative row lies above a positive one along the direction.
    private static func necessaryColumns(of direction: [Double], _ data: TrainingData) -> [Int] {
        var along = [Double](repeating: 0, count: data.design.rowCount)
        for (column, weight) in direction.enumerated() {
            for (row, value) in data.design.column(column).enumerated() { along[row] += weight * value }
        }
        var needed = direction.indices.sorted { abs(direction[$0]) < abs(direction[$1]) }
        var candidates = 0
        // A column that only made up for another is found when that one has gone: again until nothing goes.
        while needed.count != candidates {
            candidates = needed.count
            needed.removeAll { column in
                let values = data.design.column(column)
                let without = along.indices.map { along[$0] - direction[column] * values[$0] }
                guard separates(without, data) else { return false }
                along = without
                return true
            }
        }
        return needed.sorted()
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

    private enum Verdict {
        case separated(direction: [Double])
        case overlapping(optimum: [Double])
        case unknown
    }

    private static func verdict(of rows: Sample, threads: Int) -> Verdict {
        let objective = LogisticObjective(
            design: rows.design,
            labels: rows.labels,
            weights: rows.weights,
            offsets: nil,
            l2: [Double](repeating: 0, count: rows.design.columnCount + 1),
            threads: threads
        )
        var separating: [Double]?
        let solver = NewtonSolver(
            gradientTolerance: 1e-7,
            decrementTolerance: 1e-10,
            maximumIterations: maximumIterations,
            takesLastStep: false
        )
        let solution = try? solver.minimise(
            objective,
            from: [Double](repeating: 0, count: objective.dimension)
        ) { _, direction in
            let signed = signedDirection(direction, rows, threads: threads)
            let largest = signed.reduce(0) { $1 < .infinity ? max($0, $1) : $0 }
            guard largest > 0, signed.allSatisfy({ $0 >= -tolerance * largest }) else { return .proceed }
            // A direction that separates is zero on the rows that it leaves undecided.
            let isUndecided = signed.map { $0 <= tolerance * largest ? 1.0 : 0 }
            guard isRankDeficient(rows.design, rowFactors: isUndecided, threads: threads) else { return .proceed }
            separating = direction
            return .stop
        }
        if let separating { return .separated(direction: separating) }
        guard let solution, solution.status == .converged else { return .unknown }
        return .overlapping(optimum: solution.point)
    }

    /// sᵢ times the direction's log-odds, of the rows that count (infinite elsewhere): none negative where it separates.
    private static func signedDirection(_ direction: [Double], _ rows: Sample, threads: Int) -> [Double] {
        var result = [Double](repeating: 0, count: rows.labels.count)
        result.withUnsafeMutableBufferPointer {
            BlockedProducts(rows.design, threads: threads).linearPredictor(direction, into: $0)
        }
        for row in result.indices {
            if (rows.weights?[row] ?? 1) == 0 {
                result[row] = .infinity
            } else if rows.labels[row] <= 0.5 {
                result[row] = -result[row]
            }
        }
        return result
    }

    /// Whether every column varies and none nearly repeats others.
    private static func isWellConditioned(_ design: any ColumnarDesign, threads: Int) -> Bool {
        !isRankDeficient(design, rowFactors: nil, tolerance: 1e-6, threads: threads)
    }

    /// Whether some direction, the intercept included, is zero on the rows with a factor of 1; one that is only small there
    /// is rounding of data that overlap.
    private static func isRankDeficient(
        _ design: any ColumnarDesign,
        rowFactors: [Double]?,
        tolerance: Double = 1e-9,
        threads: Int
    ) -> Bool {
        let rows = rowFactors.map { $0.count { $0 > 0 } } ?? design.rowCount
        if rows <= design.columnCount { return true }
        let decomposition = try? RankRevealingQR(
            design,
            besideIntercept: true,
            rowFactors: rowFactors,
            tolerance: tolerance,
            threads: threads
        )
        return decomposition.map { !$0.aliasedColumns.isEmpty } ?? true
    }
}

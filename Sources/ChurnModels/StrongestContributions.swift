import ChurnNumerics

/// Of each row the predictors that contribute most to its log-odds, up or down, strongest first.
public struct StrongestContributions: Sendable {
    /// Places of a row.
    public let count: Int
    /// By row, then place: the predictor's number; -1 where fewer contributed.
    private var predictors: [Int32]
    private var contributions: [Double]

    /// - Parameters:
    ///   - count: of a row, not negative.
    init(rowCount: Int, count: Int) {
        self.count = count
        predictors = [Int32](repeating: -1, count: rowCount * count)
        contributions = [Double](repeating: 0, count: rowCount * count)
    }

    /// Calls `body` with the memory of both, to be filled by row.
    mutating func withMutableMemory(
        _ body: (UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Double>) -> Void
    ) {
        predictors.withUnsafeMutableBufferPointer { predictors in
            contributions.withUnsafeMutableBufferPointer { contributions in
                guard let numbers = predictors.baseAddress, let values = contributions.baseAddress else { return }
                body(numbers, values)
            }
        }
    }

    public func ofRow(_ row: Int) -> [(predictor: Int, contribution: Double)] {
        (row * count..<(row + 1) * count).filter { predictors[$0] >= 0 }
            .map { (Int(predictors[$0]), contributions[$0]) }
    }
}

extension FittedPipeline {
    /// The log-odds of each row with its strongest contributions, in one pass over the columns.
    ///
    /// A predictor that contributes nothing is no reason; of equally strong ones the earlier comes first.
    /// - Parameter reasons: places of a row.
    /// - Throws: `missingColumn`, `columnKindMismatch`, or `notFinite` with row and column.
    public func explainedLinearPredictor(
        _ table: PredictorTable,
        reasons count: Int,
        offsets: [Double]? = nil,
        threads: Int = 1
    ) throws(ModelError) -> (logOdds: [Double], reasons: StrongestContributions) {
        if let offsets, offsets.count != table.rowCount {
            throw .rowCountMismatch(what: "offsets", expected: table.rowCount, got: offsets.count)
        }
        let design = try preprocessing.apply(to: table)
        var strongest = StrongestContributions(rowCount: table.rowCount, count: count)
        var logOdds = [Double](repeating: model.intercept, count: table.rowCount)
        if let offsets {
            for row in logOdds.indices { logOdds[row] += offsets[row] }
        }
        logOdds.withUnsafeMutableBufferPointer { logOdds in
            nonisolated(unsafe) let sums = logOdds.baseAddress
            strongest.withMutableMemory { predictors, contributions in
                nonisolated(unsafe) let predictors = predictors
                nonisolated(unsafe) let contributions = contributions
                RowTiles(rowCount: design.rowCount).forEach(threads: threads) { rows in
                    guard let sums else { return }
                    addContributions(
                        of: design,
                        rows,
                        to: sums + rows.lowerBound,
                        Places(
                            count: count,
                            predictors: predictors + rows.lowerBound * count,
                            contributions: contributions + rows.lowerBound * count
                        )
                    )
                }
            }
        }
        if !logOdds.allSatisfy(\.isFinite) { try design.requireFinite() }
        return (logOdds, strongest)
    }

    /// The places of a tile's rows.
    private struct Places {
        let count: Int
        let predictors: UnsafeMutablePointer<Int32>
        let contributions: UnsafeMutablePointer<Double>

        /// Puts a predictor's contributions where they belong.
        /// - Parameter weakest: by row, the size of what stands in its last place.
        func insert(
            _ predictor: Int,
            _ values: UnsafePointer<Double>,
            weakest: UnsafeMutablePointer<Double>,
            rows: Int
        ) {
            guard count > 0 else { return }
            for row in 0..<rows where abs(values[row]) > weakest[row] {
                let value = values[row]
                let first = row * count
                var place = first + count - 1
                while place > first, abs(value) > abs(contributions[place - 1]) {
                    contributions[place] = contributions[place - 1]
                    predictors[place] = predictors[place - 1]
                    place -= 1
                }
                contributions[place] = value
                predictors[place] = Int32(truncatingIfNeeded: predictor)
                weakest[row] = abs(contributions[first + count - 1])
            }
        }
    }

    private func addContributions(
        of design: PreprocessedDesign,
        _ rows: Range<Int>,
        to sums: UnsafeMutablePointer<Double>,
        _ places: Places
    ) {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * rows.count) { scratch in
            guard let together = scratch.baseAddress else { return }
            let weakest = together + rows.count
            weakest.update(repeating: 0, count: rows.count)
            // The predictor whose columns are being added up; -1 for none.
            var open = -1
            model.forEachTerm(of: design, rows: rows) { column, values in
                let coefficient = model.coefficients[column]
                for row in 0..<rows.count {
                    values[row] *= coefficient
                    sums[row] += values[row]
                }
                let source = design.columns[column].source
                if open >= 0, open != source {
                    places.insert(open, together, weakest: weakest, rows: rows.count)
                    open = -1
                }
                if design.isOnlyColumn(column) {
                    places.insert(source, values, weakest: weakest, rows: rows.count)
                    return
                }
                if open < 0 { together.update(repeating: 0, count: rows.count) }
                open = source
                for row in 0..<rows.count { together[row] += values[row] }
            }
            if open >= 0 { places.insert(open, together, weakest: weakest, rows: rows.count) }
        }
    }
}

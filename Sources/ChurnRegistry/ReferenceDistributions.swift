import ChurnEvaluation
import ChurnNumerics

/// How scores and predictors were distributed in the training rows, in bins that are frozen with the model: what later
/// data are held against.
public struct ReferenceDistributions: Sendable, Codable, Equatable {
    /// Counts of a numeric quantity. Bin i holds `edges[i - 1] <= x < edges[i]`; the outer bins are open.
    public struct Histogram: Sendable, Codable, Equatable {
        public let name: String
        public let edges: [Double]
        public let counts: [Int]
        public let missing: Int
        /// How far the training cutoffs lie apart; `nil` where there is one, or a flat table.
        public let variation: Variation?
    }

    /// How far the cutoffs of a training lie apart, each held against all others: what a later one may do without being another world.
    public struct Variation: Sendable, Codable, Equatable {
        /// Cutoffs, or as many groups of neighbours where there are more.
        public let periods: Int
        /// The mean stability index of a period over what chance alone would give.
        public let dispersion: Double
        /// The largest stability index of a period.
        public let largest: Double
    }

    /// Counts of a column's texts.
    public struct Categories: Sendable, Codable, Equatable {
        /// Texts that are counted one by one: many more are ids.
        static let mostTexts = 1000

        public let name: String
        /// Of the most frequent texts.
        public let counts: [String: Int]
        /// Rows with another text; `nil` where there is none.
        public let others: Int?
        public let missing: Int

        init(name: String, codes: [Int32], levels: [String]) {
            self.name = name
            var rows = [Int](repeating: 0, count: levels.count)
            for code in codes where code >= 0 { rows[Int(code)] += 1 }
            let known = levels.indices.filter { rows[$0] > 0 }
            let kept =
                known.count <= Self.mostTexts
                ? known[...]
                : known.sorted { (rows[$0], $1) > (rows[$1], $0) }.prefix(Self.mostTexts)
            counts = Dictionary(kept.map { (levels[$0], rows[$0]) }, uniquingKeysWith: +)
            missing = codes.count { $0 < 0 }
            let others = codes.count - missing - kept.reduce(0) { $0 + rows[$1] }
            self.others = others > 0 ? others : nil
        }
    }

    static let binCount = 10
    /// Periods that the cutoffs are gathered in, where there are more.
    static let mostPeriods = 24
    /// Rows that the edges are found among, where there are more.
    private static let sampleSize = 1 << 20

    public let scores: Histogram
    public let numeric: [Histogram]
    public let categorical: [Categories]

    /// - Parameters:
    ///   - scores: probabilities of the rows of `table`.
    ///   - cutoffRows: how many rows each cutoff has, which follow each other; empty for a table without cutoffs.
    ///   - threads: must be positive; the result does not depend on it.
    public init(scores: [Double], table: PredictorTable, cutoffRows: [Int] = [], threads: Int) {
        let sample = EvenSample.rows(of: table.rowCount, most: Self.sampleSize)
        precondition(cutoffRows.isEmpty || cutoffRows.reduce(0, +) == table.rowCount, "each row has its cutoff")
        let periods = Self.periodEnds(cutoffRows.filter { $0 > 0 })
        self.scores = Histogram(name: "score", values: NumericColumn(scores), sample: sample, periodEnds: periods)
        let numbers = table.columns.compactMap { column -> (name: String, values: NumericColumn)? in
            guard case .numeric(let values) = column.values else { return nil }
            return (column.name, values)
        }
        numeric = Parallel.map(numbers.count, threads: threads) {
            Histogram(name: numbers[$0].name, values: numbers[$0].values, sample: sample, periodEnds: periods)
        }
        categorical = table.columns.compactMap { column in
            guard case .categorical(let codes, let levels) = column.values else { return nil }
            return Categories(name: column.name, codes: codes, levels: levels)
        }
    }

    /// Where each period of consecutive cutoffs ends, as a number of rows.
    private static func periodEnds(_ cutoffRows: [Int]) -> [Int] {
        let count = min(cutoffRows.count, mostPeriods)
        guard count > 1 else { return [] }
        var ends: [Int] = []
        var (row, cutoff) = (0, 0)
        for period in 1...count {
            while cutoff < period * cutoffRows.count / count {
                row += cutoffRows[cutoff]
                cutoff += 1
            }
            ends.append(row)
        }
        return ends
    }
}

extension ReferenceDistributions.Histogram {
    /// Edges at the tenths of the ranks of a sample's values; equal edges are one.
    /// - Parameters:
    ///   - sample: rows, ascending.
    ///   - periodEnds: where each period ends, as a number of rows; the last is all. Empty for no periods.
    init(name: String, values: NumericColumn, sample: [Int], periodEnds: [Int]) {
        let sorted = values.gathering(rows: sample).filter { !$0.isNaN }.sorted()
        var edges: [Double] = []
        for bin in 1..<ReferenceDistributions.binCount where !sorted.isEmpty {
            let edge = sorted[bin * sorted.count / ReferenceDistributions.binCount]
            if edges.last != edge { edges.append(edge) }
        }
        let counted = Self.counts(
            of: values,
            edges: edges,
            periodEnds: periodEnds.isEmpty ? [values.count] : periodEnds
        )
        let bins = (0...edges.count).map { bin in counted.reduce(0) { $0 + $1[bin] } }
        self.name = name
        self.edges = edges
        counts = bins
        missing = counted.reduce(0) { $0 + $1[edges.count + 1] }
        let comparisons =
            counted.count < 2
            ? []
            : counted.map { period in
                BinnedComparison(
                    reference: zip(bins, period).map { $0 - $1 },
                    current: Array(period.prefix(bins.count))
                )
            }
        variation =
            comparisons.isEmpty
            ? nil
            : .init(
                periods: comparisons.count,
                dispersion: comparisons.reduce(0) {
                    $0 + ($1.chanceIndex() > 0 ? $1.stabilityIndex / $1.chanceIndex() : 1)
                } / Double(comparisons.count),
                largest: comparisons.map(\.stabilityIndex).max() ?? 0
            )
    }

    /// How many of some values are in each bin, and how many are missing.
    public func counts(of values: NumericColumn) -> (counts: [Int], missing: Int) {
        let counted = Self.counts(of: values, edges: edges, periodEnds: [values.count])[0]
        return (Array(counted.dropLast()), counted[edges.count + 1])
    }

    /// By period, the counts of the bins and behind them that of the missing values.
    private static func counts(of values: NumericColumn, edges: [Double], periodEnds: [Int]) -> [[Int]] {
        var counts = [[Int]](repeating: [Int](repeating: 0, count: edges.count + 2), count: periodEnds.count)
        var period = 0
        values.forEachTile { start, tile in
            edges.withUnsafeBufferPointer { edges in
                var first = 0
                while first < tile.count {
                    while start + first >= periodEnds[period] { period += 1 }
                    let end = min(tile.count, periodEnds[period] - start)
                    counts[period].withUnsafeMutableBufferPointer { counts in
                        for value in tile[first..<end] {
                            if value.isNaN {
                                counts[edges.count + 1] += 1
                                continue
                            }
                            // Few enough that to compare with all is faster than to search.
                            var bin = 0
                            for edge in edges where value >= edge { bin &+= 1 }
                            counts[bin] += 1
                        }
                    }
                    first = end
                }
            }
        }
        return counts
    }
}

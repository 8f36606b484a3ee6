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
    /// Rows that the edges are found among, where there are more.
    private static let sampleSize = 1 << 20

    public let scores: Histogram
    public let numeric: [Histogram]
    public let categorical: [Categories]

    /// - Parameters:
    ///   - scores: probabilities of the rows of `table`.
    ///   - threads: must be positive; the result does not depend on it.
    public init(scores: [Double], table: PredictorTable, threads: Int) {
        let sample = EvenSample.rows(of: table.rowCount, most: Self.sampleSize)
        self.scores = Histogram(name: "score", values: NumericColumn(scores), sample: sample)
        let numbers = table.columns.compactMap { column -> (name: String, values: NumericColumn)? in
            guard case .numeric(let values) = column.values else { return nil }
            return (column.name, values)
        }
        numeric = Parallel.map(numbers.count, threads: threads) {
            Histogram(name: numbers[$0].name, values: numbers[$0].values, sample: sample)
        }
        categorical = table.columns.compactMap { column in
            guard case .categorical(let codes, let levels) = column.values else { return nil }
            return Categories(name: column.name, codes: codes, levels: levels)
        }
    }
}

extension ReferenceDistributions.Histogram {
    /// Edges at the tenths of the ranks of a sample's values; equal edges are one.
    /// - Parameter sample: rows, ascending.
    init(name: String, values: NumericColumn, sample: [Int]) {
        let sorted = values.gathering(rows: sample).filter { !$0.isNaN }.sorted()
        var edges: [Double] = []
        for bin in 1..<ReferenceDistributions.binCount where !sorted.isEmpty {
            let edge = sorted[bin * sorted.count / ReferenceDistributions.binCount]
            if edges.last != edge { edges.append(edge) }
        }
        var counts = [Int](repeating: 0, count: edges.count + 1)
        var missing = 0
        values.forEachTile { _, tile in
            edges.withUnsafeBufferPointer { edges in
                for value in tile {
                    if value.isNaN {
                        missing += 1
                        continue
                    }
                    // Few enough that to compare with all is faster than to search.
                    var bin = 0
                    for edge in edges where value >= edge { bin &+= 1 }
                    counts[bin] += 1
                }
            }
        }
        self.name = name
        self.edges = edges
        self.counts = counts
        self.missing = missing
    }
}

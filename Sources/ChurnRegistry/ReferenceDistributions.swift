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

    /// Counts of a category.
    public struct Categories: Sendable, Codable, Equatable {
        public let name: String
        public let counts: [String: Int]
        public let missing: Int
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
        var categorical: [Categories] = []
        for column in table.columns {
            switch column.values {
            case .numeric: continue
            case .categorical(let codes, let levels):
                var counts: [String: Int] = [:]
                for code in codes where code >= 0 { counts[levels[Int(code)], default: 0] += 1 }
                categorical.append(
                    Categories(name: column.name, counts: counts, missing: codes.count { $0 < 0 })
                )
            }
        }
        self.categorical = categorical
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

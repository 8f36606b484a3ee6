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

    public let scores: Histogram
    public let numeric: [Histogram]
    public let categorical: [Categories]

    /// - Parameter scores: probabilities of the rows of `table`.
    public init(scores: [Double], table: PredictorTable) {
        self.scores = Histogram(name: "score", values: scores)
        var numeric: [Histogram] = []
        var categorical: [Categories] = []
        for column in table.columns {
            switch column.values {
            case .numeric(let values):
                numeric.append(Histogram(name: column.name, values: values.array))
            case .categorical(let codes, let levels):
                var counts: [String: Int] = [:]
                for code in codes where code >= 0 { counts[levels[Int(code)], default: 0] += 1 }
                categorical.append(
                    Categories(name: column.name, counts: counts, missing: codes.count { $0 < 0 })
                )
            }
        }
        self.numeric = numeric
        self.categorical = categorical
    }
}

extension ReferenceDistributions.Histogram {
    /// Edges at the tenths of the values' ranks; equal edges are one.
    init(name: String, values: [Double]) {
        let sorted = values.filter { !$0.isNaN }.sorted()
        var edges: [Double] = []
        for bin in 1..<ReferenceDistributions.binCount where !sorted.isEmpty {
            let edge = sorted[bin * sorted.count / ReferenceDistributions.binCount]
            if edges.last != edge { edges.append(edge) }
        }
        var counts = [Int](repeating: 0, count: edges.count + 1)
        for value in sorted { counts[edges.partitioningIndex { value < $0 }] += 1 }
        self.name = name
        self.edges = edges
        self.counts = counts
        missing = values.count - sorted.count
    }
}

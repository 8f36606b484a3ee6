import ChurnNumerics

/// What an estimator fits: a design matrix, a label a row, and where they exist weights and clusters. Checked on the way in.
public struct TrainingData: Sendable {
    /// n x p, finite.
    public private(set) var design: any ColumnarDesign
    /// p names, for messages and results.
    public private(set) var columnNames: [String]
    /// n numbers, each 0 or 1, both present among rows that count.
    public private(set) var labels: [Double]
    /// n numbers, each 0 or from 1e-100 to 1e100, not all zero; `nil` for all 1.
    public private(set) var weights: [Double]?
    /// n numbers in `0..<clusterCount`: rows with the same number are not independent of each other.
    public private(set) var clusters: [Int32]?
    /// n finite numbers that are added to the log-odds, not fitted; `nil` for all 0.
    public private(set) var offsets: [Double]?
    /// The sum of each column's squares, where it is known.
    private(set) var squareSums: [Double]?
    /// p numbers, each 0 or from 1e-100 to 1e100: how much of the penalty each column bears; `nil` for all 1.
    public private(set) var penaltyFactors: [Double]?

    /// - Parameter threads: positive; with how many the design is looked through.
    /// - Throws: `rowCountMismatch`, `invalidWeight`, `weightsAllZero`, `notFinite` or `oneClass`; `noRows`.
    public init(
        design: any ColumnarDesign,
        columnNames: [String],
        labels: [Bool],
        weights: [Double]? = nil,
        clusters: [Int32]? = nil,
        offsets: [Double]? = nil,
        penaltyFactors: [Double]? = nil,
        threads: Int = 1
    ) throws(ModelError) {
        try self.init(
            finite: design,
            columnNames: columnNames,
            labels: labels,
            weights: weights,
            clusters: clusters,
            offsets: offsets,
            penaltyFactors: penaltyFactors
        )
        do {
            squareSums = try design.requireFinite(threads: threads)
        } catch {
            guard case .notFinite(let row, let column, let value) = error else { throw .numerics(error) }
            throw .notFinite(row: row, column: columnNames[column], value: value)
        }
    }

    /// - Parameters:
    ///   - design: known to be finite.
    ///   - squareSums: of its columns, where they are known.
    init(
        finite design: any ColumnarDesign,
        squareSums: [Double]? = nil,
        columnNames: [String],
        labels: [Bool],
        weights: [Double]? = nil,
        clusters: [Int32]? = nil,
        offsets: [Double]? = nil,
        penaltyFactors: [Double]? = nil
    ) throws(ModelError) {
        let rows = design.rowCount
        guard rows > 0 else { throw .noRows }
        func check(_ what: String, _ count: Int) throws(ModelError) {
            guard count == rows else { throw .rowCountMismatch(what: what, expected: rows, got: count) }
        }
        try check("labels", labels.count)
        if let clusters {
            try check("clusters", clusters.count)
            precondition(clusters.allSatisfy { $0 >= 0 }, "clusters count from 0")
        }
        guard columnNames.count == design.columnCount else {
            throw .numerics(
                .shapeMismatch(what: "column names", expected: design.columnCount, got: columnNames.count)
            )
        }
        if let offsets {
            try check("offsets", offsets.count)
            for (row, value) in offsets.enumerated() where !value.isFinite {
                throw .notFinite(row: row, column: "offset", value: value)
            }
        }
        if let penaltyFactors {
            precondition(penaltyFactors.count == design.columnCount, "one factor a column")
            for factor in penaltyFactors where !Magnitude.allows(factor) {
                throw .invalidHyperparameter(name: "penalty factor", value: factor, allowed: Magnitude.words)
            }
        }
        try Self.check(weights: weights, rowCount: rows)
        var counted = 0
        var positives = 0
        for row in 0..<rows where (weights?[row] ?? 1) > 0 {
            counted += 1
            if labels[row] { positives += 1 }
        }
        guard positives > 0, positives < counted else { throw .oneClass(positives: positives, rows: counted) }
        self.design = design
        self.squareSums = squareSums
        self.columnNames = columnNames
        self.labels = labels.map { $0 ? 1 : 0 }
        self.weights = weights
        self.clusters = clusters
        self.offsets = offsets
        self.penaltyFactors = penaltyFactors
    }

    /// The same rows with some of the columns.
    func selecting(columns: [Int]) -> TrainingData {
        var part = self
        part.design = SelectedColumns(columns, of: design)
        part.columnNames = columns.map { columnNames[$0] }
        part.squareSums = squareSums.map { sums in columns.map { sums[$0] } }
        part.penaltyFactors = penaltyFactors.map { factors in columns.map { factors[$0] } }
        return part
    }

    /// Some of the rows, in any order, in memory.
    /// - Parameter rows: none twice; among them rows of both classes.
    func gathering(rows: [Int], threads: Int) -> TrainingData {
        var part = self
        part.design = design.matrix(of: rows, threads: threads)
        if rows.count != labels.count { part.squareSums = nil }
        part.labels = rows.map { labels[$0] }
        part.weights = weights.map { weights in rows.map { weights[$0] } }
        part.clusters = clusters.map { clusters in rows.map { clusters[$0] } }
        part.offsets = offsets.map { offsets in rows.map { offsets[$0] } }
        return part
    }

    /// Fails unless there is a weight a row, each of an allowed magnitude, and not all are zero.
    static func check(weights: [Double]?, rowCount: Int) throws(ModelError) {
        guard let weights else { return }
        guard weights.count == rowCount else {
            throw .rowCountMismatch(what: "weights", expected: rowCount, got: weights.count)
        }
        for (row, weight) in weights.enumerated() where !Magnitude.allows(weight) {
            throw .invalidWeight(row: row, value: weight)
        }
        guard weights.contains(where: { $0 > 0 }) else { throw .weightsAllZero }
    }

    /// Rows with a positive weight.
    var effectiveRowCount: Int { weights?.count { $0 > 0 } ?? labels.count }

    /// Distinct clusters of the rows that count, where clusters repeat; `nil` where every row is its own.
    var repeatedClusterCount: Int? {
        guard let clusters, let largest = clusters.max() else { return nil }
        var seen = [Bool](repeating: false, count: Int(largest) + 1)
        for (row, cluster) in clusters.enumerated() where (weights?[row] ?? 1) > 0 { seen[Int(cluster)] = true }
        let count = seen.count { $0 }
        return count < effectiveRowCount ? count : nil
    }
}

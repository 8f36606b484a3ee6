import ChurnNumerics
import Foundation

@testable import ChurnModels

/// A made-up data set of numeric columns `x0`, `x1`, … and labels.
struct SyntheticData {
    var columns: [[Double]]
    var labels: [Bool]

    var rowCount: Int { labels.count }
    var names: [String] { columns.indices.map { "x\($0)" } }

    /// Standard normal columns, and labels that follow a logistic model of them.
    static func logistic(
        rows: Int,
        coefficients: [Double],
        intercept: Double = -0.5,
        seed: UInt64 = 1
    ) -> SyntheticData {
        var stream = RandomStream(seed: seed, purpose: "synthetic")
        let columns = coefficients.map { _ in (0..<rows).map { _ in stream.normal() } }
        let labels = (0..<rows).map { row in
            let odds = zip(coefficients, columns).reduce(intercept) { $0 + $1.0 * $1.1[row] }
            return stream.bernoulli(1 / (1 + exp(-odds)))
        }
        return SyntheticData(columns: columns, labels: labels)
    }

    var table: PredictorTable {
        get throws { try numericTable(zip(names, columns).map { ($0, $1) }) }
    }

    func trainingData(weights: [Double]? = nil, clusters: [Int32]? = nil) throws -> TrainingData {
        try TrainingData(
            design: try Matrix(rowCount: rowCount, columnCount: columns.count, elements: columns.flatMap { $0 }),
            columnNames: names,
            labels: labels,
            weights: weights,
            clusters: clusters
        )
    }

    func selecting(rows: [Int]) -> SyntheticData {
        SyntheticData(columns: columns.map { column in rows.map { column[$0] } }, labels: rows.map { labels[$0] })
    }

    func selecting(columns numbers: [Int]) -> SyntheticData {
        SyntheticData(columns: numbers.map { columns[$0] }, labels: labels)
    }
}

/// A table of numeric columns of one length, at least one of them.
func numericTable(_ columns: [(String, [Double])]) throws -> PredictorTable {
    try PredictorTable(
        rowCount: columns[0].1.count,
        columns: columns.map { PredictorColumn(name: $0, values: .numeric($1)) }
    )
}

/// A categorical column of texts; its levels stand in the order of their first appearance.
func categoricalColumn(_ name: String, _ texts: [String]) -> PredictorColumn {
    var levels: [String] = []
    let codes = texts.map { text in
        if let known = levels.firstIndex(of: text) { return Int32(known) }
        levels.append(text)
        return Int32(levels.count - 1)
    }
    return PredictorColumn(name: name, values: .categorical(codes: codes, levels: levels))
}

/// The fit of a table with defaults that most tests want.
func fit(
    _ table: PredictorTable,
    _ labels: [Bool],
    l2Strength: Double = 0,
    weights: [Double]? = nil,
    clusters: [Int32]? = nil,
    imputation: Imputation = .mean,
    threads: Int = 1
) throws -> FittedPipeline {
    try FittedPipeline.fit(
        table,
        labels: labels,
        weights: weights,
        clusters: clusters,
        .init(estimator: try LogisticRegression(l2Strength: l2Strength), imputation: imputation),
        threads: threads
    )
}

/// The intercept and the coefficients.
extension FittedLogisticRegression {
    var point: [Double] { [intercept] + coefficients }
    var standardErrors: [Double] { inference?.standardErrors ?? [] }
}

/// The largest distance of two lists of one length, each number measured against the larger of 1 and what is expected.
func largestError(_ got: [Double], _ expected: [Double]) -> Double {
    guard got.count == expected.count else { return .infinity }
    return zip(got, expected).reduce(0) { worst, pair in
        let error = abs(pair.0 - pair.1) / max(1, abs(pair.1))
        return error.isNaN ? .infinity : max(worst, error)
    }
}

/// The share of (positive, negative) pairs that scores put in order, ties by half: the definition of AUC, pair by pair.
func pairwiseAUC(_ scores: [Double], _ labels: [Bool]) -> Double {
    let positives = zip(scores, labels).filter { $1 }.map(\.0)
    let negatives = zip(scores, labels).filter { !$1 }.map(\.0)
    var ordered = 0
    for positive in positives {
        for negative in negatives { ordered += positive > negative ? 2 : positive == negative ? 1 : 0 }
    }
    return Double(ordered) / Double(2 * positives.count * negatives.count)
}

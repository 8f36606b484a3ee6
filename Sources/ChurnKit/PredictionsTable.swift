import ChurnEvaluation
import ChurnHistory

extension BinaryClassificationMetrics {
    /// The metrics of a table with a label and a score a row. Rows without a label are skipped and counted.
    /// - Parameter lowerIsRiskier: scores are turned round: a score in [0, 1] becomes its complement, others change sign.
    public init(
        table: FlatTable, label: String, positive: String?, score: String, weight: String?, lowerIsRiskier: Bool
    ) throws {
        let labels = try table.labels(label, positive: positive)
        var scores = try table.numbers(score)
        let weights = try weight.map { try LabelledRows.weights(table, column: $0) }
        let rows = labels.indices.filter { labels[$0] != nil }
        for row in rows where scores[row].isNaN {
            throw DataError(.missingValue, "is empty in data row \(row + 1)", file: table.path, column: score)
        }
        if lowerIsRiskier {
            let areProbabilities = rows.allSatisfy { (0...1).contains(scores[$0]) }
            scores = scores.map { areProbabilities ? 1 - $0 : -$0 }
        }
        self.init(
            of: try Predictions(
                labels: rows.map { labels[$0] == true }, scores: rows.map { scores[$0] },
                weights: weights.map { w in rows.map { w[$0] } }),
            skipped: labels.count - rows.count)
    }
}

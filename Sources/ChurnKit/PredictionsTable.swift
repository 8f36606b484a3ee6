import ChurnEvaluation
import ChurnHistory

extension BinaryClassificationMetrics {
    /// The metrics of a table with a label and a score a row. Rows without a label are skipped and counted.
    /// - Parameter lowerIsRiskier: low scores mean risk; probabilities are then taken as those of staying.
    public init(
        table: FlatTable,
        label: String,
        positive: String?,
        score: String,
        weight: String?,
        lowerIsRiskier: Bool
    ) throws {
        let labels = try table.labels(label, positive: positive)
        let scores = try table.numbers(score)
        let weights = try weight.map { try table.weights($0) }
        let rows = labels.indices.filter { labels[$0] != nil }
        for row in rows where scores[row].isNaN {
            throw DataError(.missingValue, "is empty in data row \(row + 1)", file: table.path, column: score)
        }
        func metrics(_ score: (Double) -> Double) throws(EvaluationError) -> BinaryClassificationMetrics {
            BinaryClassificationMetrics(
                of: try Predictions(
                    labels: rows.map { labels[$0] == true },
                    scores: rows.map { score(scores[$0]) },
                    weights: weights.map { weights in rows.map { weights[$0] } }
                ),
                skipped: labels.count - rows.count
            )
        }
        if lowerIsRiskier {
            self.init(ranking: try metrics { -$0 }, probabilities: try metrics { 1 - $0 })
        } else {
            self = try metrics { $0 }
        }
    }
}

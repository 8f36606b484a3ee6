import ChurnEvaluation
import ChurnHistory

/// A table with a label and a score a row: any model's predictions.
public struct PredictionsTable: Sendable {
    /// By scores that rank, and by probabilities; the same unless low scores mean risk.
    public let ranking: Predictions
    public let probabilities: Predictions
    /// Rows without a label.
    public let skipped: Int

    /// - Parameters:
    ///   - customer: the column of the customers, where they repeat.
    ///   - lowerIsRiskier: low scores mean risk; probabilities are then taken as those of staying.
    public init(
        _ table: FlatTable,
        label: String,
        positive: String?,
        score: String,
        weight: String?,
        customer: String? = nil,
        lowerIsRiskier: Bool
    ) throws {
        let labels = try table.labels(label, positive: positive)
        let scores = try table.numbers(score)
        let weights = try weight.map { try table.weights($0) }
        let customers = try customer.map { try table.ids($0) }
        let rows = labels.indices.filter { labels[$0] != nil }
        for row in rows where scores[row].isNaN {
            throw DataError(.missingValue, "is empty in data row \(row + 1)", file: table.path, column: score)
        }
        let clusters = customers.map { ids in ModelTraining.clusterCodes(rows.map { ids[$0] }).map { UInt32($0) } }
        func predictions(_ score: (Double) -> Double) throws(EvaluationError) -> Predictions {
            try Predictions(
                labels: rows.map { labels[$0] == true },
                scores: rows.map { score(scores[$0]) },
                weights: weights.map { weights in rows.map { weights[$0] } },
                clusters: clusters
            )
        }
        ranking = try predictions { lowerIsRiskier ? -$0 : $0 }
        probabilities = lowerIsRiskier ? try predictions { 1 - $0 } : ranking
        skipped = labels.count - rows.count
    }

    public var metrics: BinaryClassificationMetrics {
        let ranked = BinaryClassificationMetrics(of: ranking, skipped: skipped)
        if probabilities == ranking { return ranked }
        return BinaryClassificationMetrics(
            ranking: ranked,
            probabilities: BinaryClassificationMetrics(of: probabilities, skipped: skipped)
        )
    }
}

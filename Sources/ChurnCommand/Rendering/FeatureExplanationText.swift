import ChurnKit

/// What `churn features --explain` says: each feature in words, with its definition and what it is like in the data.
struct FeatureExplanationText {
    private let rows: [Row]
    private let examples: Int

    init(_ plan: FeaturePlan, _ summary: FeatureSummary) {
        examples = summary.rowCount
        rows = zip(plan.features, summary.statistics).map(Row.init)
    }

    private struct Row: Encodable {
        let name: String
        let sentence: String
        let definition: String
        let unit: String
        let emptyValue: Double
        /// What the empty value is like.
        let emptyMeaning: String
        /// Share of the examples at which the feature is not the empty value.
        let coverage: Double
        let minimum: Double
        let mean: Double
        let maximum: Double

        init(_ feature: FeaturePlan.Feature, _ statistics: FeatureStatistics) {
            let definition = feature.primitive.definition
            name = feature.name
            sentence = feature.sentence
            self.definition = definition.formula
            unit = definition.unit
            emptyValue = definition.emptyValue
            emptyMeaning = feature.primitive.emptyMeaning
            coverage = statistics.coverage
            minimum = statistics.minimum
            mean = statistics.mean
            maximum = statistics.maximum
        }
    }

    private struct Result: Encodable {
        let rows: Int
        let features: [Row]
    }

    func print(_ format: OutputFormat) throws {
        switch format {
        case .json: try ResultPrinter.json(Result(rows: examples, features: rows))
        case .csv:
            try ResultPrinter.csv(
                header: [
                    "feature", "sentence", "definition", "unit", "emptyValue", "emptyMeaning", "coverage", "minimum",
                    "mean", "maximum",
                ],
                rows: rows.map {
                    [
                        .text($0.name), .text($0.sentence), .text($0.definition), .text($0.unit),
                        .number($0.emptyValue), .text($0.emptyMeaning), .number($0.coverage), .number($0.minimum),
                        .number($0.mean),
                        .number($0.maximum),
                    ]
                }
            )
            try ResultPrinter.flush()
        case .table:
            let texts = rows.map { row in
                """
                \(row.name): \(row.sentence)
                  \(row.definition)
                  \(row.unit); \(NumberText.significant(row.minimum)) to \(NumberText.significant(row.maximum)), mean \
                \(NumberText.significant(row.mean)); at \(NumberText.percent(row.coverage)) of the examples it is not \
                \(NumberText.significant(row.emptyValue)), its value \(row.emptyMeaning)
                """
            }
            try ResultPrinter.text(
                texts.joined(separator: "\n")
                    + "\n\n\(NumberText.count(examples)) examples, \(rows.count) features. c is the cutoff, W the window."
            )
        }
    }
}

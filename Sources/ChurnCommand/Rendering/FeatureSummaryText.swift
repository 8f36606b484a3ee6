import ChurnKit

/// What `churn features` without a file says: each feature over all examples.
struct FeatureSummaryText {
    private let summary: FeatureSummary
    private let eventsAfter: [Int]

    init(_ summary: FeatureSummary, eventsAfter: [Int]) {
        self.summary = summary
        self.eventsAfter = eventsAfter
    }

    private struct Feature: Encodable {
        let name: String
        /// `null` where the sum of the values is too large for a number, as is the spread.
        let mean: Double?
        let standardDeviation: Double?
        let minimum: Double
        let maximum: Double
        let shareOfZeros: Double
        /// Hexadecimal: JSON's numbers do not hold 64 bits.
        let checksum: String
    }

    private struct Result: Encodable {
        let rows: Int
        let leftInLead: Int
        let cutoffs: [CutoffRow]
        let features: [Feature]
    }

    private var features: [Feature] {
        summary.statistics.map {
            Feature(
                name: $0.name,
                mean: $0.mean.isFinite ? $0.mean : nil,
                standardDeviation: $0.standardDeviation.isFinite ? $0.standardDeviation : nil,
                minimum: $0.minimum,
                maximum: $0.maximum,
                shareOfZeros: $0.shareOfZeros,
                checksum: String($0.checksum, radix: 16)
            )
        }
    }

    func print(_ format: OutputFormat) throws {
        let rows = CutoffRow.rows(summary, eventsAfter: eventsAfter)
        switch format {
        case .json:
            try ResultPrinter.json(
                Result(rows: summary.rowCount, leftInLead: summary.leftInLead, cutoffs: rows, features: features)
            )
        case .csv:
            try ResultPrinter.csv(
                header: ["feature", "mean", "standardDeviation", "minimum", "maximum", "shareOfZeros", "checksum"],
                rows: features.map {
                    [
                        .text($0.name), .number($0.mean), .number($0.standardDeviation), .number($0.minimum),
                        .number($0.maximum), .number($0.shareOfZeros), .text($0.checksum),
                    ]
                }
            )
            try ResultPrinter.flush()
        case .table:
            var lines = TextTable(
                headers: ["feature", "mean", "std. deviation", "smallest", "largest", "zeros", "checksum"]
            )
            for feature in features {
                lines.append([
                    feature.name, NumberText.significant(feature.mean),
                    NumberText.significant(feature.standardDeviation),
                    NumberText.significant(feature.minimum), NumberText.significant(feature.maximum),
                    NumberText.percent(feature.shareOfZeros), feature.checksum,
                ])
            }
            try ResultPrinter.text(
                CutoffRow.table(rows) + "\n" + lines.text
                    + "\n\(NumberText.count(summary.rowCount)) examples, \(features.count) features; nothing was kept."
                    + CutoffRow.leftText(summary)
            )
        }
    }
}

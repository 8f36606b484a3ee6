import ChurnKit

/// What `churn features -o` says of the table that it wrote.
struct WrittenFeatures {
    let file: String
    let summary: FeatureSummary
    let featureCount: Int
    /// By cutoff: events of the data at or after it, which no feature of it sees.
    let eventsAfter: [Int]

    private struct Result: Encodable {
        let file: String
        let rows: Int
        let features: Int
        let leftInLead: Int
        let cutoffs: [CutoffRow]
    }

    func print(_ format: OutputFormat) throws {
        let rows = CutoffRow.rows(summary, eventsAfter: eventsAfter)
        switch format {
        case .json:
            try ResultPrinter.json(
                Result(
                    file: file,
                    rows: summary.rowCount,
                    features: featureCount,
                    leftInLead: summary.leftInLead,
                    cutoffs: rows
                )
            )
        case .csv:
            try ResultPrinter.csv(header: CutoffRow.header, rows: rows.map(\.cells))
            try ResultPrinter.flush()
        case .table:
            try ResultPrinter.text(
                CutoffRow.table(rows)
                    + "\n\(file): \(NumberText.count(summary.rowCount)) examples, \(featureCount) features."
                    + CutoffRow.leftText(summary)
            )
        }
    }
}

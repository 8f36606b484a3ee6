import ChurnKit

/// Metrics as a table, one column a set of rows.
enum MetricsText {
    static func table(_ sets: [(name: String, metrics: BinaryClassificationMetrics)]) -> String {
        var table = TextTable(headers: ["figure"] + sets.map(\.name))
        table.append(["rows"] + sets.map { NumberText.count($0.metrics.rows) })
        table.append(["positives"] + sets.map { NumberText.count($0.metrics.positives) })
        if sets.contains(where: { $0.metrics.skipped > 0 }) {
            table.append(["skipped (no label)"] + sets.map { NumberText.count($0.metrics.skipped) })
        }
        let columns = sets.map(\.metrics.figures)
        for (position, figure) in (columns.first ?? []).enumerated() {
            table.append([figure.name] + columns.map { NumberText.decimals($0[position].value, 6) })
        }
        return table.text
    }

    static func printCSV(_ metrics: BinaryClassificationMetrics) throws {
        let counts: [(String, Double?)] = [
            ("rows", Double(metrics.rows)), ("positives", Double(metrics.positives)),
            ("skipped", Double(metrics.skipped)),
        ]
        try ResultPrinter.csv(
            header: ["figure", "value"],
            rows: (counts + metrics.figures.map { ($0.name, $0.value) }).map {
                [.text($0.0), .number($0.1.flatMap { $0.isFinite ? $0 : nil })]
            }
        )
        try ResultPrinter.flush()
    }
}

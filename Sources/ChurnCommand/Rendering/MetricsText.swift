import ChurnKit

/// Metrics as a table, one column a set of rows.
enum MetricsText {
    static func table(_ sets: [(name: String, metrics: BinaryClassificationMetrics)]) -> String {
        var table = TextTable(headers: ["figure"] + sets.map(\.name))
        for (name, values) in counts(sets.map(\.metrics)) { table.append([name] + values.map(NumberText.count)) }
        let columns = sets.map(\.metrics.figures)
        for (position, figure) in (columns.first ?? []).enumerated() {
            table.append([figure.name] + columns.map { NumberText.decimals($0[position].value, 6) })
        }
        return table.text
    }

    private static func counts(_ sets: [BinaryClassificationMetrics]) -> [(name: String, values: [Int])] {
        let skipped = sets.map(\.skipped)
        return [("rows", sets.map(\.rows)), ("positives", sets.map(\.positives))]
            + (skipped.contains { $0 > 0 } ? [("skipped (no label)", skipped)] : [])
    }

    /// Prints metrics and every figure.
    /// - Parameters:
    ///   - decisions: what follows from them.
    ///   - title: above the table.
    ///   - json: what JSON has.
    static func print(
        _ metrics: BinaryClassificationMetrics,
        _ estimates: [(metric: Metric, estimate: MetricEstimate)],
        decisions: CampaignDecisions,
        as format: OutputFormat,
        title: String? = nil,
        json: (BinaryClassificationMetrics, FigureRows, CampaignDecisions) -> some Encodable
    ) throws {
        let hasIntervals = estimates.contains { $0.estimate.low != nil }
        switch format {
        case .json: try ResultPrinter.json(json(metrics, FigureRows(estimates), decisions))
        case .csv:
            let counts: [(String, Double)] = [
                ("rows", Double(metrics.rows)), ("positives", Double(metrics.positives)),
                ("skipped", Double(metrics.skipped)), ("base rate", metrics.baseRate ?? .nan),
            ]
            try ResultPrinter.csv(
                header: ["figure", "value", "low", "high", "method"],
                rows: counts.map { [.text($0.0), .number($0.1), .number(.nan), .number(.nan), .text("")] }
                    + estimates.map { metric, estimate in
                        [
                            .text(metric.title), .number(estimate.value.isFinite ? estimate.value : .nan),
                            .number(estimate.low ?? .nan), .number(estimate.high ?? .nan),
                            .text(estimate.method?.rawValue ?? ""),
                        ]
                    }
            )
            try ResultPrinter.flush()
        case .table:
            var table = TextTable(headers: ["figure", "value"] + (hasIntervals ? ["95 % from", "to"] : []))
            for (name, values) in counts([metrics]) { table.append([name] + values.map(NumberText.count)) }
            table.append(["base rate", NumberText.decimals(metrics.baseRate, 6)])
            for metric in Metric.allCases {
                let estimate = estimates.first { $0.metric == metric }?.estimate
                let value = estimate.map { NumberText.decimals($0.value, 6) } ?? NumberText.decimals(nil, 6)
                table.append(
                    [metric.title, value]
                        + (hasIntervals
                            ? [NumberText.decimals(estimate?.low, 6), NumberText.decimals(estimate?.high, 6)] : [])
                )
            }
            try ResultPrinter.text(
                ([title].compactMap(\.self) + [table.text] + decisions.lines).joined(separator: "\n")
            )
        }
    }
}

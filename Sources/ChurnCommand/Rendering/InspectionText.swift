import ChurnKit

/// An inspection for people.
enum InspectionText {
    static func text(_ inspection: StudyInspection) -> String {
        var lines: [String] = []
        var head = TextTable(headers: [])
        head.append(["rows read", NumberText.count(inspection.rows)])
        head.append(["  kept", NumberText.count(inspection.kept)])
        head.append(["  rejected", NumberText.count(inspection.rejected)])
        head.append(["  dropped, no customer", NumberText.count(inspection.droppedWithoutCustomer)])
        head.append(["  dropped, duplicates", NumberText.count(inspection.droppedDuplicates)])
        head.append(["repeated rows, dropped ones too", NumberText.count(inspection.duplicateRows)])
        head.append(["customers", NumberText.count(inspection.customers)])
        lines.append(inspection.study)
        lines.append(head.text)
        if let first = inspection.firstEvent, let last = inspection.lastEvent {
            lines.append("events from \(first) to \(last); observed until \(inspection.observedUntil ?? "-")")
        }
        var types = TextTable(headers: ["event type", "rows", "kept", "transactions", "customers", "amount"])
        for type in inspection.types {
            types.append([
                type.type, NumberText.count(type.rows), NumberText.count(type.kept),
                NumberText.count(type.transactions), NumberText.count(type.customers),
                NumberText.decimals(type.amount, 2),
            ])
        }
        lines += ["", types.text]
        for column in inspection.numericColumns {
            var line =
                "column \(column.column): \(NumberText.significant(column.minimum)) to"
                + " \(NumberText.significant(column.maximum)), \(NumberText.count(column.zero)) zero,"
                + " \(NumberText.count(column.empty)) empty"
            for (type, rows) in column.negative.sorted(by: { $0.key < $1.key }) {
                line += ", \(NumberText.count(rows)) negative (\(type))"
            }
            lines.append(WrappedText.wrap(line))
        }
        for rejection in inspection.rejections {
            lines.append("rejected \(NumberText.count(rejection.rows)): \(rejection.code) \(rejection.reason)")
            for example in rejection.examples.prefix(2) { lines.append("  \(example)") }
        }
        let mature = inspection.cutoffs.filter(\.isMature)
        let range = mature.isEmpty ? "" : " (\(mature[0].cutoff) to \(mature[mature.count - 1].cutoff))"
        lines += ["", "cutoffs: \(inspection.cutoffs.count), of which mature \(mature.count)\(range)"]
        if inspection.cutoffsBehindData > 0 {
            lines.append("\(inspection.cutoffsBehindData) more cutoffs lie behind the data and are left out")
        }
        return lines.joined(separator: "\n")
    }
}

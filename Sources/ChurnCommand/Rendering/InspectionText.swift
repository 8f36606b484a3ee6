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
        if inspection.droppedOtherCurrencies > 0 {
            head.append(["  dropped, other currency", NumberText.count(inspection.droppedOtherCurrencies)])
        }
        head.append(["repeated rows, dropped ones too", NumberText.count(inspection.duplicateRows)])
        head.append(["customers", NumberText.count(inspection.customers)])
        lines.append(inspection.study)
        lines.append(head.text)
        if let first = inspection.firstEvent, let last = inspection.lastEvent {
            lines.append("events from \(first) to \(last)")
            lines.append("observed until \(inspection.observedUntil ?? "-")")
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
        for column in inspection.numericColumns where column.minimum != nil {
            var line =
                "column \(column.column): \(NumberText.significant(column.minimum)) to"
                + " \(NumberText.significant(column.maximum)), \(NumberText.count(column.zero)) zero,"
                + " \(NumberText.count(column.empty)) empty"
            for (type, rows) in column.negative.sorted(by: { $0.key < $1.key }) {
                line += ", \(NumberText.count(rows)) negative (\(type))"
            }
            lines.append(WrappedText.wrap(line))
        }
        for file in inspection.files where file.role != .events {
            lines.append(
                "\(file.role.rawValue): \(file.path), rows \(NumberText.count(file.rows)) = kept \(NumberText.count(file.kept))"
                    + " + rejected \(NumberText.count(file.rejected)) + dropped \(NumberText.count(file.dropped))"
            )
        }
        for file in inspection.files where !file.normalised.isEmpty {
            lines.append(WrappedText.wrap("\(file.path): \(file.normalised.joined(separator: "; "))"))
        }
        for rejection in inspection.rejections {
            lines.append("rejected \(NumberText.count(rejection.rows)): \(rejection.code) \(rejection.reason)")
            for example in rejection.examples.prefix(2) {
                lines.append(WrappedText.wrap(example, start: "  ", indent: "    "))
            }
        }
        let mature = inspection.cutoffs.filter(\.isMature)
        let range = mature.isEmpty ? "" : " (\(mature[0].cutoff) to \(mature[mature.count - 1].cutoff))"
        lines += ["", "cutoffs: \(inspection.cutoffs.count), of which mature \(mature.count)\(range)"]
        if inspection.cutoffsBehindData > 0 {
            lines.append("\(inspection.cutoffsBehindData) more cutoffs lie behind the data and are left out")
        }
        lines += [""] + findings(inspection) + [""] + coverage(inspection)
        return lines.joined(separator: "\n")
    }

    private static func findings(_ inspection: StudyInspection) -> [String] {
        if inspection.findings.isEmpty { return ["findings: none"] }
        var lines = ["findings: \(inspection.findings.count)"]
        for finding in inspection.findings {
            lines.append(WrappedText.wrap(finding.text, start: "- "))
            for example in finding.examples.prefix(3) {
                lines.append(WrappedText.wrap(example, start: "    ", indent: "      "))
            }
        }
        return lines
    }

    private static func coverage(_ inspection: StudyInspection) -> [String] {
        let present = inspection.coverage.filter(\.isPresent)
        let missing = inspection.coverage.filter { !$0.isPresent }
        var lines: [String] = []
        for kind in present {
            lines.append(WrappedText.wrap("there: \(kind.kind) (\(kind.foundAs.joined(separator: ", ")))"))
        }
        for kind in missing { lines.append(WrappedText.wrap("not there: \(kind.kind); would show \(kind.enables)")) }
        return lines
    }
}

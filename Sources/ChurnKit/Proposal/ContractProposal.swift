import ChurnHistory

/// A file beside the events that tells from when until when contracts run, as a study's `contracts`.
struct ContractProposal {
    private let table: TableProfile
    private let fileNames: [String]
    private let customer: String
    /// Keys of the study with the column and its format.
    private let dates: [(key: String, column: String, format: String)]

    /// - Returns: `nil` where the table has no start and end, so that it may be events.
    /// - Throws: `notAHistory` for what looks like contracts but leaves open which column is what.
    init?(_ table: TableProfile, fileNames: [String]) throws(DataError) {
        let times = table.columns.filter { !$0.times.best.isEmpty }
        func named(_ stems: [String], but others: [String] = []) -> [ColumnProfile] {
            times.filter { ColumnMeaning($0.name).holds(stems) && !ColumnMeaning($0.name).holds(others) }
        }
        let planned = named(["plannedend", "termend", "laufzeitende", "geplant", "planned"])
        let known = named([
            "notice", "known", "bekannt", "kuendigungsdatum", "gekuendigt", "kuendigungam", "cancelledat",
        ])
        let starts = named(["start", "begin", "vertragsbeginn", "laufzeitbeginn"])
        let ends = named(["end", "ende", "ends", "vertragsende", "enddate", "actualend", "contractend", "ablauf"])
            .filter { column in !(planned + known + starts).contains { $0.name == column.name } }
        guard !starts.isEmpty, !ends.isEmpty || !planned.isEmpty else { return nil }
        let customers = table.columns.filter { ColumnMeaning($0.name).customer > 1 }
            .sorted { ColumnMeaning($0.name).customer > ColumnMeaning($1.name).customer }
        let dates = [("start", starts), ("plannedEnd", planned), ("end", ends), ("endKnown", known)]
        guard let customer = customers.first, dates.allSatisfy({ $0.1.count <= 1 }),
            dates.allSatisfy({ $0.1.allSatisfy { $0.times.best.count == 1 } })
        else {
            throw DataError(
                .notAHistory,
                "looks like contracts, with a start and an end, but leaves open which column or date is meant",
                file: table.files.first,
                fix: "leave it out here and write it under `contracts:` of the study"
            )
        }
        self.table = table
        self.fileNames = fileNames
        self.customer = customer.name
        self.dates = dates.compactMap { key, columns in
            columns.first.map { (key, $0.name, $0.times.best[0].format.pattern) }
        }
    }

    /// The entry of `contracts` as lines of a study.
    var lines: [CommentedLine] {
        let names = fileNames.map(YAMLText.scalar).joined(separator: ", ")
        var lines = [
            CommentedLine("  - file: \(fileNames.count == 1 ? names : "[\(names)]")", "\(table.rows) contracts")
        ]
        let layout = table.layout
        var format = "delimiter: \(YAMLText.scalar(layout.delimiterName)), encoding: \(table.encoding.rawValue)"
        if layout.skippedLines > 0 { format += ", skipLines: \(layout.skippedLines)" }
        let nulls = Set(
            dates.compactMap { table.column($0.column) }.flatMap { Array($0.nullTexts.keys) }
        ).sorted()
        if !nulls.isEmpty { format += ", null: [\((["\"\""] + nulls.map(YAMLText.quoted)).joined(separator: ", "))]" }
        lines.append(.pair(4, "format", "{\(format)}", layout.delimiterReason))
        lines.append(.pair(4, "customer", YAMLText.scalar(customer), "the name says so"))
        for (key, column, format) in dates {
            let filled = table.column(column)?.filled ?? 0
            lines.append(
                .pair(
                    4,
                    key,
                    "{column: \(YAMLText.scalar(column)), format: \(YAMLText.quoted(format))}",
                    "by its name; \(filled) of \(table.rows) contracts have one"
                )
            )
        }
        return lines
    }
}

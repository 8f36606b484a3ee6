import ArgumentParser
import ChurnKit

struct Audit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look for leakage: what a model would learn from and could not have known.",
        usage: "churn audit <source> [options]",
        discussion: """
            Computes every feature of a study a second time, each cutoff from data that end there, and compares bits. Looks for \
            attributes without a date, ends of contracts that are known too early, windows that reach before the data, \
            predictors that alone tell the label or repeat churn rates, totals over all data, rows that are there twice, and \
            times of another zone. One line a finding; exit code 1 when there is one.

            --table compares a table of features that another program made (delimited text with the columns customer and cutoff), \
            or one of `churn features`: columns that are named like features must be what was known at the cutoff. Its label \
            is the column label, or that of --label. A flat table with --label needs no study.

            Examples:
              churn audit shop/study.yaml
              churn audit shop/study.yaml --table features.csv --split fold
              churn audit table.csv --label Churn --positive Yes --id customerID
            """
    )

    @Argument(help: "The study file, or a flat table.")
    var source: String

    @Option(help: ArgumentHelp("Audit this table of the study's features, too.", valueName: "features"))
    var table: String?

    @Option(help: ArgumentHelp("The table's column that says which rows train and test.", valueName: "column"))
    var split: String?

    @Option(help: ArgumentHelp("The table's label (default: for --table, the column label).", valueName: "column"))
    var label: String?

    @Option(help: ArgumentHelp("The label that means churn (default: 1 or true).", valueName: "value"))
    var positive: String?

    @Option(help: ArgumentHelp("Flat table: the column that names the customer.", valueName: "column"))
    var id: String?

    @Option(help: ArgumentHelp("Columns of the table to leave out, with commas between.", valueName: "a,b,…"))
    var exclude: String?

    @Option(
        help: ArgumentHelp(
            "A kind of finding that is known and accepted; can be given more than once.",
            valueName: "kind"
        )
    )
    var ignore: [AuditFinding.Kind] = []

    @OptionGroup var dialect: DialectOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var format: OutputOptions

    func validate() throws {
        if table == nil { try dialect.validate(for: source) }
        if DataSource.isStudy(source) {
            let ofTables = [("--label", label), ("--positive", positive), ("--split", split), ("--exclude", exclude)]
            if table == nil, let given = ofTables.first(where: { $0.1 != nil }) {
                throw ValidationError("\(given.0) says something of --table, which is not given.")
            }
            if id != nil {
                throw ValidationError("--id belongs to flat tables; the customers of --table are in `customer`.")
            }
        } else {
            if split != nil, id == nil {
                throw ValidationError("--split needs --id: it is customers that must not be on both sides.")
            }
            if table != nil { throw ValidationError("--table belongs to studies.") }
            if label == nil {
                throw ValidationError("A flat table needs --label COLUMN; the name of a study ends in .yaml.")
            }
        }
    }

    func run() throws {
        let audit: LeakageAudit
        let excluded = exclude?.split(separator: ",").map(String.init) ?? []
        switch try DataSource(path: source, dialect: dialect.dialect) {
        case .study(let study):
            audit = try LeakageAudit(
                study: study,
                table: table.map { path in
                    let columns = AuditedTable.Columns(
                        label: label,
                        positive: positive,
                        split: split,
                        excluded: excluded
                    )
                    return try AuditedTable(path: path, dialect: dialect.dialect, columns: columns)
                },
                threads: threads.count
            )
        case .table(let table):
            let columns = AuditedTable.Columns(
                customer: id,
                label: label,
                positive: positive,
                split: split,
                excluded: excluded
            )
            audit = LeakageAudit(table: try AuditedTable(table, columns: columns), threads: threads.count)
        }
        let result = audit.ignoring(Set(ignore))
        switch format.format {
        case .json: try ResultPrinter.json(result)
        case .csv:
            try ResultPrinter.csv(
                header: ["kind", "subject", "count", "text"],
                rows: result.findings.map {
                    [.text($0.kind.rawValue), .text($0.subject), .number(Double($0.count)), .text($0.text)]
                }
            )
            try ResultPrinter.flush()
        case .table: try ResultPrinter.text(text(result))
        }
        if !result.findings.isEmpty { throw CommandExit.checkFailed }
    }

    /// One line a finding, and what was looked at.
    private func text(_ audit: LeakageAudit) -> String {
        var lines = audit.findings.map(\.description)
        var looked = "\(NumberText.count(audit.examples)) rows, \(audit.features) predictors"
        if audit.cutoffs > 0 {
            looked =
                "\(audit.cutoffs) cutoff\(audit.cutoffs == 1 ? "" : "s"), \(audit.features) features, \(NumberText.count(audit.examples)) examples;"
                + " \(NumberText.count(audit.comparedValues)) values computed again from data that end at the cutoff"
        }
        let count = audit.findings.count
        let head = count == 0 ? "no finding" : count == 1 ? "1 finding" : "\(count) findings"
        lines.append(WrappedText.wrap("\(head): \(looked)"))
        if let table = audit.table {
            let compared = table.comparedColumns.isEmpty ? "none" : table.comparedColumns.joined(separator: ", ")
            lines.append(
                WrappedText.wrap(
                    "table: \(NumberText.count(table.rows)) rows, \(NumberText.count(table.comparedLabels)) labels; columns that are"
                        + " features of the study: \(compared)"
                )
            )
            if !table.otherColumns.isEmpty {
                lines.append(
                    WrappedText.wrap(
                        "no features of the study, only searched: \(table.otherColumns.joined(separator: ", "))"
                    )
                )
            }
        }
        if !audit.hasLabels {
            lines.append("There are too few labels of both classes to look for what tells them.")
        }
        if audit.ignored > 0 { lines.append("\(audit.ignored) more are of kinds that --ignore names.") }
        return lines.joined(separator: "\n")
    }
}

extension AuditFinding.Kind: ExpressibleByArgument {}

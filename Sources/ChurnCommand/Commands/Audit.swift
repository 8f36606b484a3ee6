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

            --table compares a table of features that another program made (CSV with the columns customer and cutoff), \
            or one of `churn features`: columns that are named like features must be what was known at the cutoff. \
            A flat table with --label needs no study.

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

    @Option(help: ArgumentHelp("Flat table: the label's column.", valueName: "column"))
    var label: String?

    @Option(help: ArgumentHelp("Flat table: the label that means churn (default: 1 or true).", valueName: "value"))
    var positive: String?

    @Option(help: ArgumentHelp("Flat table: the column that names the customer.", valueName: "column"))
    var id: String?

    @Option(
        help: ArgumentHelp(
            "A kind of finding that is known and accepted; can be given more than once.",
            valueName: "kind"
        )
    )
    var ignore: [AuditFinding.Kind] = []

    @OptionGroup var dialect: DialectOptions
    @OptionGroup var memory: MemoryOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var format: OutputOptions

    func validate() throws {
        let ofTables: [(String, Bool)] = [
            ("--label", label != nil), ("--positive", positive != nil), ("--id", id != nil),
        ]
        if DataSource.isStudy(source) {
            if let given = ofTables.first(where: \.1) {
                throw ValidationError("\(given.0) belongs to flat tables; a study names its columns itself.")
            }
            if split != nil, table == nil { throw ValidationError("--split is a column of --table.") }
        } else {
            if table != nil { throw ValidationError("--table belongs to studies.") }
            if label == nil { throw ValidationError("A flat table needs --label COLUMN.") }
        }
    }

    func run() throws {
        let audit: LeakageAudit
        switch try DataSource(path: source, dialect: dialect.dialect) {
        case .study(let study):
            audit = try LeakageAudit(
                study: study,
                table: table.map { try AuditedTable(path: $0, dialect: dialect.dialect, split: split) },
                memory: memory.memory?.bytes,
                threads: threads.count
            )
        case .table(let table):
            let columns = AuditedTable.Columns(customer: id, label: label, positive: positive, split: split)
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
                "\(audit.cutoffs) cutoffs, \(audit.features) features, \(NumberText.count(audit.examples)) examples;"
                + " \(NumberText.count(audit.comparedValues)) values computed again from data that end at the cutoff"
        }
        let count = audit.findings.count
        lines.append(
            WrappedText.wrap("\(count == 0 ? "no finding" : count == 1 ? "1 finding" : "\(count) findings"): \(looked)")
        )
        if audit.ignored > 0 { lines.append("\(audit.ignored) more are of kinds that --ignore names.") }
        return lines.joined(separator: "\n")
    }
}

extension AuditFinding.Kind: ExpressibleByArgument {}

import ArgumentParser
import ChurnKit
import Foundation

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at files of events and propose a study for them.",
        usage: "churn init <events> ... [-o <study.yaml>] [options]",
        discussion: """
            Finds how the files are written, which column is what, and how often customers buy; asks what the data cannot \
            tell; and writes a study in which every line says why. Later runs guess nothing. A flat table with a label needs \
            no study: then the command that trains on it is printed.

            Examples:
              churn init orders.csv -o study.yaml
              churn init 'exports/*.csv.gz' --customers customers.csv --yes
            """
    )

    @Argument(help: "Files with one row an event: paths, folders, or patterns in quotes.")
    var events: [String]

    @Option(name: .shortAndLong, help: ArgumentHelp("Study file to write.", valueName: "study.yaml"))
    var output = "study.yaml"

    @Flag(
        name: .shortAndLong,
        help: "Ask nothing: take what is safe to assume, stop where a guess could change the meaning."
    )
    var yes = false

    @Option(help: ArgumentHelp("Time zone of times without an offset, such as Europe/Berlin.", valueName: "zone"))
    var timezone: String?

    @Option(help: "What comes first in dates such as 03/04/2024 or 03-04-05: day, month or year.")
    var dateOrder: ProposalOptions.DateOrder?

    @Option(help: "What is the decimal mark, where numbers such as 1.234 leave it open.")
    var decimal: ProposalOptions.DecimalMark?

    @Option(help: ArgumentHelp("The column that names the customer.", valueName: "column"))
    var customer: String?

    @Option(help: ArgumentHelp("The column that says when the event happened.", valueName: "column"))
    var time: String?

    @Option(help: ArgumentHelp("The column that tells kinds of events apart, or none.", valueName: "column"))
    var type: String?

    @Option(help: ArgumentHelp("The event that shows that a customer is there.", valueName: "type"))
    var purchase: String?

    @Option(
        help: ArgumentHelp(
            "What a row of one of several files is, such as calls.csv=call; repeatable.",
            valueName: "file=type"
        )
    )
    var eventType: [String] = []

    @Option(help: "What rows mean that repeat another to the byte.")
    var duplicates: EventSource.Duplicates?

    @Option(help: ArgumentHelp("A file with one row a customer.", valueName: "file"))
    var customers: String?

    @Flag(help: "Replace a study file that is there already.")
    var overwrite = false

    @OptionGroup var format: OutputOptions

    func validate() throws {
        if !DataSource.isStudy(output) { throw ValidationError("-o writes a study: name the file *.yaml.") }
        if let wrong = eventType.first(where: { $0.split(separator: "=", maxSplits: 1).count != 2 }) {
            throw ValidationError("--event-type \(wrong) must name a file and a type, such as calls.csv=call.")
        }
        if let timezone, StudyCalendar(timeZoneName: timezone) == nil {
            throw ValidationError("--timezone must be an IANA name such as Europe/Berlin.")
        }
    }

    func run() throws {
        let canAsk = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1
        guard yes || canAsk else {
            throw ValidationError("There is no terminal to ask questions at. Use --yes to go without.")
        }
        if !overwrite, FileManager.default.fileExists(atPath: output) {
            throw DataError(
                .cannotWrite,
                "exists already",
                file: output,
                fix: "choose another file with -o, or replace it with --overwrite"
            )
        }
        var options = ProposalOptions()
        options.folder = (output as NSString).deletingLastPathComponent
        options.timeZone = timezone
        options.dateOrder = dateOrder
        options.decimal = decimal
        options.customer = customer
        options.time = time
        options.typeColumn = type
        options.purchase = purchase
        for pair in eventType {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            if parts.count == 2 { options.eventTypes[parts[0]] = parts[1] }
        }
        options.duplicates = duplicates
        options.customersFile = customers
        // A place that cannot be written is found before any work is done.
        let file = try AtomicFile(path: output)
        let answers: any StudyAnswering = yes ? DefaultAnswers() : TerminalAnswers()
        switch try StudyProposal.propose(for: events, options: options, answers: answers) {
        case .study(let study):
            try file.write(study.text)
            try file.commit()
            try print(study)
            format.note("Next: churn inspect \(output)")
        case .table(let table):
            try print(table)
        }
    }

    private struct StudyResult: Encodable {
        let study: String
        let rows: Int
        let kept: Int
        let rejected: Int
        let customers: Int
        let decisions: [StudyProposal.Decision]
    }

    private struct TableResult: Encodable {
        let table: String
        let rows: Int
        let label: String
        let positive: String
        let id: String?
        let command: String
    }

    private func print(_ study: StudyProposal) throws {
        switch format.format {
        case .json:
            try ResultPrinter.json(
                StudyResult(
                    study: output,
                    rows: study.rows,
                    kept: study.kept,
                    rejected: study.rejected,
                    customers: study.customers,
                    decisions: study.decisions
                )
            )
        case .csv:
            try ResultPrinter.csv(
                header: ["setting", "value", "reason"],
                rows: study.decisions.map { [.text($0.setting), .text($0.value), .text($0.reason)] }
            )
            try ResultPrinter.flush()
        case .table:
            let lines = study.decisions.map {
                WrappedText.wrap("\($0.setting): \($0.value)  (\($0.reason))", indent: "    ")
            }
            let count = "\(NumberText.count(study.rows)) rows of \(NumberText.count(study.customers)) customers"
            try ResultPrinter.text(lines.joined(separator: "\n") + "\n\(output): a study of \(count).")
        }
    }

    private func print(_ table: FlatTableProposal) throws {
        switch format.format {
        case .json:
            try ResultPrinter.json(
                TableResult(
                    table: table.file,
                    rows: table.rows,
                    label: table.label,
                    positive: table.positive,
                    id: table.id,
                    command: table.command
                )
            )
        case .csv:
            try ResultPrinter.csv(
                header: ["table", "label", "positive", "id", "command"],
                rows: [
                    [
                        .text(table.file), .text(table.label), .text(table.positive), .text(table.id ?? ""),
                        .text(table.command),
                    ]
                ]
            )
            try ResultPrinter.flush()
        case .table:
            format.note(
                WrappedText.wrap(
                    "\(table.file) is a flat table of \(NumberText.count(table.rows)) rows: \(table.reason), and \(table.label)"
                        + " says who left. It needs no study; train on it as it is:"
                )
            )
            try ResultPrinter.text(table.command)
        }
    }
}

extension ProposalOptions.DateOrder: ExpressibleByArgument {}
extension ProposalOptions.DecimalMark: ExpressibleByArgument {}
extension EventSource.Duplicates: ExpressibleByArgument {}

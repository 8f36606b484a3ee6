import ArgumentParser
import ChurnKit
import Foundation

struct Erase: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take a customer out of scores, rejected rows and kept indexes.",
        usage: "churn erase <customer> [<file> ...] [options]",
        discussion: """
            Looks through everything that the ledger of the registry knows: the files and tables that scores were last written to, the \
            files of rejected rows, the kept indexes of the studies. His rows are taken out, those of others stay as they are; an \
            index that holds him is removed. The audit log gets an entry with what was done and the digests of the files as they are \
            now; it names no customer. Versions that were trained on data that held him are listed: they hold nobody's row.

            What the ledger does not know of is not looked through: copies, feature tables, predictions, rejected rows of other commands \
            (name such files behind the customer), backups, and your sources. Take him out of these first, or the next scoring scores him \
            again.

            A place is erased, clear (he was not in it), gone (not there any more) or failed (it may still hold him, and a warning says why).

            Exit code 0 where nothing is known to be left; else that of the first place that may still hold him.

            Examples:
              churn erase C-1042 --reason "request 2024-17" --dry-run
              churn erase C-1042 features.arrow --reason "request 2024-17"
              churn erase - --registry shop/models < id.txt
              churn erase --log
            """
    )

    @Argument(
        help: ArgumentHelp(
            "His id as the sources have it; - reads it from standard input, where no list of processes shows it.",
            valueName: "customer"
        )
    )
    var customer: String?

    @Argument(
        help: ArgumentHelp(
            "More files with rows of customers, CSV or Arrow, as ChurnKit writes them.",
            valueName: "file"
        )
    )
    var others: [String] = []

    @Option(
        name: .customLong("pseudonymise"),
        help: ArgumentHelp(
            "A key that scores were pseudonymised with; can be given more than once. The first one names him in the audit log.",
            valueName: "key-file"
        )
    )
    var keyFiles: [String] = []

    @Option(help: "Why, for the audit log, such as the number of the request.")
    var reason: String?

    @Flag(help: "Change nothing; tell what would be done.")
    var dryRun = false

    @Flag(help: "Print the audit log.")
    var log = false

    @Option(help: "The column of the ids in files that are named.")
    var column = "customer"

    @OptionGroup var registry: RegistryOptions
    @OptionGroup var memory: MemoryOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if log {
            if customer != nil || dryRun || reason != nil || !keyFiles.isEmpty {
                throw ValidationError("--log goes without a customer and what belongs to one.")
            }
            return
        }
        guard let customer else {
            throw ValidationError(
                "Name the customer, or ask for the --log. An id that begins with - goes behind --: churn erase -- -5"
            )
        }
        if customer.isEmpty { throw ValidationError("An empty id is nobody's.") }
        if customer != "-" { try requireSilence(of: customer) }
    }

    /// Fails where the reason names the customer.
    private func requireSilence(of id: String) throws {
        guard let reason, CustomerNames([id]).isNamed(in: reason) else { return }
        throw ValidationError("--reason names the customer, and the audit log must not.")
    }

    private struct Result: Encodable {
        /// `null` of a dry run.
        let number: Int?
        let isDryRun: Bool
        let isComplete: Bool
        let entry: AuditLog.Entry
        let sourcesHoldingHim: [String]
        let unreadSources: [String]
    }

    private struct LogRow: Encodable {
        let number: Int
        let entry: AuditLog.Entry
    }

    func run() throws {
        let place = try ModelRegistry(path: registry.path())
        guard let customer else { return try printLog(of: place) }
        let id = customer == "-" ? try typedID() : customer
        try requireSilence(of: id)
        let erasure = CustomerErasure(
            of: id,
            registry: place,
            keys: try keyFiles.map { try Pseudonyms(keyFile: $0) },
            memory: memory.memory?.bytes,
            threads: threads.count,
            describing: Self.describe
        )
        let result = try erasure.run(
            others: .init(paths: others, column: column),
            tries: dryRun,
            reason: reason,
            codeVersion: ChurnKitVersion.current,
            at: Date()
        )
        switch output.format {
        case .json:
            try ResultPrinter.json(
                Result(
                    number: result.number,
                    isDryRun: dryRun,
                    isComplete: result.entry.isComplete,
                    entry: result.entry,
                    sourcesHoldingHim: result.sourcesHoldingHim,
                    unreadSources: result.unreadSources
                )
            )
        case .csv: try printCSV(result.entry)
        case .table: try ResultPrinter.text(text(result.entry))
        }
        try tell(result, log: AuditLog(registry: place))
        if let code = CommandExit(rawValue: Int32(result.exitCode)) { throw code }
    }

    /// The one line of standard input.
    private func typedID() throws -> String {
        guard let id = readLine(), !id.isEmpty else {
            throw ValidationError("Standard input has no id in its first line.")
        }
        if let more = readLine(), !more.isEmpty {
            throw ValidationError("Standard input has a second line: one customer is erased at a time.")
        }
        return id
    }

    /// What is said of an error: no value of anybody's row.
    private static func describe(_ error: any Error) -> ScoringJob.Failure {
        var failure = CommandFailure.inLedger(error)
        if var fault = error as? DataError {
            fault.value = nil
            failure = .init(message: "\(fault)", exitCode: failure.exitCode, isBusy: failure.isBusy)
        }
        return failure
    }

    private func printCSV(_ entry: AuditLog.Entry) throws {
        try ResultPrinter.csv(
            header: ["kind", "place", "table", "run", "outcome", "rows", "digest", "problem"],
            rows: entry.places.map { place in
                [
                    .text(place.kind.rawValue), .text(place.place), .text(place.table ?? ""),
                    .number(place.run.map(Double.init) ?? .nan), .text(place.outcome.rawValue),
                    .number(Double(place.rows)), .text(place.digest ?? ""), .text(place.problem ?? ""),
                ]
            }
        )
        try ResultPrinter.flush()
    }

    private func text(_ entry: AuditLog.Entry) -> String {
        guard !entry.places.isEmpty else { return "Nothing that the ledger knows could hold customers." }
        var table = TextTable(headers: ["", "rows", "outcome", "place"])
        for place in entry.places {
            let outcome = dryRun && place.outcome == .erased ? "to erase" : place.outcome.rawValue
            table.append([
                place.kind.rawValue, place.kind == .index || place.outcome == .failed ? "" : "\(place.rows)", outcome,
                place.words,
            ])
        }
        return table.text
    }

    /// What there is to know beyond the places.
    private func tell(_ result: CustomerErasure.Result, log: AuditLog) throws {
        let places = result.entry.places
        for place in places {
            if let problem = place.problem {
                output.notes.warn("\(place.words) may still hold the customer: \(problem)")
            }
        }
        let gone = places.filter { $0.outcome == .gone && $0.kind == .scores }.map(\.words)
        if !gone.isEmpty {
            output.notes.warn(
                "not where they were written any more: \(gone.joined(separator: ", ")). If they were moved, name them behind the customer."
            )
        }
        for (held, words) in [
            (AuditLog.Entry.Version.Held.yes, "Trained on data that hold the customer"),
            (.likely, "Probably trained on data that held the customer"),
            (.unknown, "Trained on data that cannot be read, or have changed and do not hold the customer now"),
        ] {
            let versions = result.entry.versions.filter { $0.held == held }.map { "\($0.model)@\($0.version)" }
            if !versions.isEmpty { output.note("\(words): \(versions.joined(separator: ", ")).") }
        }
        for source in result.sourcesHoldingHim {
            output.notes.warn("the data of \(source) hold the customer, whom the next scoring will score again.")
        }
        for source in result.unreadSources {
            output.notes.warn(
                "the data of \(source) were not looked through; whether they hold the customer is not known."
            )
        }
        if result.sourcesHoldingHim.isEmpty, places.allSatisfy({ $0.outcome == .clear || $0.outcome == .gone }) {
            output.notes.warn("nobody of this id was found anywhere. Is it spelt as in the sources?")
        }
        if let number = result.number {
            output.note("Entry \(number) of the audit log, SHA-256 \(try log.digest(number)).")
        }
    }

    private func printLog(of registry: ModelRegistry) throws {
        let log = AuditLog(registry: registry)
        var rows: [LogRow] = []
        var damage: RegistryError?
        for number in try log.numbers() {
            do throws(RegistryError) {
                rows.append(LogRow(number: number, entry: try log.entry(number)))
            } catch {
                damage = damage ?? error
            }
        }
        switch output.format {
        case .json: try ResultPrinter.json(rows)
        case .csv, .table:
            let header = ["entry", "action", "at", "by", "complete", "rows", "runs", "reason"]
            let cells = rows.map { row in
                [
                    "\(row.number)", row.entry.action.rawValue, row.entry.at, row.entry.by,
                    row.entry.isComplete ? "yes" : "no", "\(row.entry.places.reduce(0) { $0 + $1.rows })",
                    row.entry.runs.map(String.init).joined(separator: " "), row.entry.reason ?? "",
                ]
            }
            if output.format == .csv {
                try ResultPrinter.csv(header: header, rows: cells.map { $0.map { .text($0) } })
                try ResultPrinter.flush()
                break
            }
            var table = TextTable(headers: header)
            for row in cells { table.append(row) }
            try ResultPrinter.text(rows.isEmpty ? "\(registry.path) has no audit log yet." : table.text)
        }
        if let damage { throw damage }
    }
}

extension AuditLog.Entry.Place {
    /// In a line of text.
    fileprivate var words: String { place + (table.map { " (\($0))" } ?? "") }
}

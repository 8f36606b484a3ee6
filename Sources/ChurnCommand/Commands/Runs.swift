import ArgumentParser
import ChurnKit
import Foundation

struct Runs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at the ledger of scoring runs: list, show.",
        subcommands: [List.self, Show.self]
    )

    /// A run as JSON has it.
    private struct Row: Encodable {
        let run: Int
        let state: ScoringRun.State
        let start: ScoringRun.Start
        let end: ScoringRun.End?
        /// What became of its scores since, by `show` alone.
        let erasures: [Erasure]?

        struct Erasure: Encodable {
            /// Of the audit log.
            let entry: Int
            let rows: Int
            let digest: String?

            var line: (String, String) {
                (
                    "erased since",
                    "\(rows) rows (entry \(entry) of the audit log)" + (digest.map { "; file, SHA-256 \($0)" } ?? "")
                )
            }
        }

        init(_ run: ScoringRun, erasures: [Erasure]? = nil) {
            self.run = run.number
            state = run.state
            start = run.start
            end = run.end
            self.erasures = erasures
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the newest scoring runs, newest first.",
            usage: "churn runs list [<model>] [options]",
            discussion: """
                A run is running, done, repeated (the scores were in their place already), refused (by a check), failed, busy (another \
                run was writing to the same place) or died.

                Example:
                  churn runs list
                  churn runs list shop --state failed --limit 0
                """
        )

        @Argument(help: "A model's NAME (default: all).")
        var model: String?

        @Option(help: "Only runs that stand so: \(ScoringRun.State.allCases.map(\.rawValue).joined(separator: ", ")).")
        var state: ScoringRun.State?

        @Option(help: "Newest runs that are listed; 0 for all.")
        var limit = 20

        @OptionGroup var registry: RegistryOptions
        @OptionGroup var format: OutputOptions

        func validate() throws {
            if limit < 0 { throw ValidationError("--limit must be at least 0.") }
        }

        func run() throws {
            let name = try model.map { try ModelName($0).text }
            let registry = try ModelRegistry(path: registry.path())
            let ledger = RunLedger(registry: registry)
            var looks = 0
            let runs = try ledger.newest(limit == 0 ? .max : limit, at: Date()) { run in
                looks += 1
                return (name == nil || run.start.model == name) && (state == nil || run.state == state)
            }
            // Where all were looked at, those that could not be read are known.
            let damaged = runs.count < limit || limit == 0 ? try ledger.numbers().count - looks : 0
            if damaged > 0 { format.notes.warn("\(damaged) runs are damaged; `churn models verify` tells more.") }
            switch format.format {
            case .json: try ResultPrinter.json(runs.map { Row($0) })
            case .csv:
                try ResultPrinter.csv(
                    header: [
                        "run", "state", "started", "ended", "model", "version", "asOf", "customers", "output", "source",
                    ],
                    rows: runs.map { run in
                        [
                            .number(Double(run.number)), .text(run.state.rawValue), .text(run.start.startedAt),
                            .text(run.end?.endedAt ?? ""), .text(run.start.model), .number(Double(run.start.version)),
                            .text(run.start.asOf ?? ""),
                            .number(run.end?.counts?.customersScored.map(Double.init) ?? .nan),
                            .text(run.start.destination.words), .text(run.start.source),
                        ]
                    }
                )
                try ResultPrinter.flush()
            case .table:
                var table = TextTable(headers: ["run", "state", "started", "model", "as of", "customers", "output"])
                for run in runs {
                    table.append([
                        "\(run.number)", run.state.rawValue,
                        // To the minute, of UTC.
                        run.start.startedAt.replacing("T", with: " ").prefix(16) + "Z",
                        "\(run.start.model)@\(run.start.version)", run.start.asOf ?? "",
                        run.end?.counts?.customersScored.map(NumberText.count) ?? "",
                        (run.start.destination.words as NSString).lastPathComponent,
                    ])
                }
                try ResultPrinter.text(runs.isEmpty ? "\(registry.path) has no such runs." : table.text)
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a scoring run: what was asked for, what came of it.",
            usage: "churn runs show <run> [options]",
            discussion: """
                Example:
                  churn runs show 42
                """
        )

        @Argument(help: ArgumentHelp("The run's number.", valueName: "run"))
        var number: Int

        @OptionGroup var registry: RegistryOptions

        @Option(help: "How to print the result: table or json.")
        var format = OutputFormat.table

        func validate() throws {
            if format == .csv { throw ValidationError("A run is no table of rows: use --format table or json.") }
        }

        func run() throws {
            let registry = try ModelRegistry(path: registry.path())
            let run = try RunLedger(registry: registry).run(number, at: Date())
            let erasures = try AuditLog(registry: registry).scores(ofRun: number).compactMap { entry, place in
                place.outcome == .erased ? Row.Erasure(entry: entry, rows: place.rows, digest: place.digest) : nil
            }
            switch format {
            case .json: try ResultPrinter.json(Row(run, erasures: erasures))
            case .table, .csv: try ResultPrinter.text(run.text(erasures.map(\.line)))
            }
        }
    }
}

extension ScoringRun.State: ExpressibleByArgument {}

extension ScoringRun.Destination {
    /// In a cell of a table.
    fileprivate var words: String {
        kind == .standardOutput ? "standard output" : (place ?? "") + (table.map { " (\($0))" } ?? "")
    }
}

extension ScoringRun {
    /// The run in lines of a name and a value.
    /// - Parameter more: lines about what became of it since.
    fileprivate func text(_ more: [(String, String)]) -> String {
        var lines: [(String, String)] = [
            ("run", "\(number), \(state.rawValue)"),
            (
                "model",
                start.reference == "\(start.model)@\(start.version)"
                    ? start.reference : "\(start.model)@\(start.version), asked for as \(start.reference)"
            ),
            ("source", start.source),
        ]
        if let asOf = start.asOf { lines.append(("as of", asOf)) }
        lines.append(("output", start.destination.words))
        if start.contributions { lines.append(("", "with all contributions")) }
        if let key = start.pseudonymKey { lines.append(("", "with pseudonyms by the key \(key)")) }
        lines.append(("started", "\(start.startedAt) by \(start.startedBy) on \(start.host), process \(start.process)"))
        lines.append(("churn", start.codeVersion))
        guard let end else { return Self.aligned(lines + more) }
        lines.append(("ended", end.endedAt + (end.exitCode == 0 ? "" : ", exit \(end.exitCode)")))
        if let message = end.message { lines.append(("message", message)) }
        if let other = end.otherRun {
            let role =
                switch end.outcome {
                case .repeated: "that had done it"
                case .busy: "that was at work"
                default: "that found it"
                }
            lines.append(("run \(role)", "\(other)"))
        }
        if let counts = end.counts {
            lines.append(
                (
                    "rows",
                    "read \(counts.rowsRead) = kept \(counts.rowsKept) + rejected \(counts.rowsRejected) + dropped \(counts.rowsDropped)"
                )
            )
            if let customers = counts.customersScored { lines.append(("customers", NumberText.count(customers))) }
        }
        for check in end.checks ?? [] {
            lines.append(("check", "\(check.name) \(check.verdict.rawValue): \(check.text)"))
        }
        if let scores = end.scores {
            lines.append(("mean probability", NumberText.percent(scores.mean)))
            lines.append(("scores, SHA-256", scores.digest))
            if let digest = scores.fileDigest { lines.append(("file, SHA-256", digest)) }
        }
        if let fingerprint = end.dataFingerprint { lines.append(("data, SHA-256", fingerprint)) }
        if let seconds = end.seconds {
            let parts = [("reading", seconds.reading), ("scoring", seconds.scoring), ("writing", seconds.writing)]
            let words = parts.compactMap { name, value in value.map { "\(name) \(NumberText.decimals($0, 2))" } }
            lines.append(("seconds", words.joined(separator: ", ")))
        }
        for name in end.removedLeftovers ?? [] { lines.append(("removed", name)) }
        return Self.aligned(lines + more)
    }

    private static func aligned(_ lines: [(String, String)]) -> String {
        let width = lines.map(\.0.count).max() ?? 0
        return lines.map { name, value in
            name + String(repeating: " ", count: width - name.count + 2) + value
        }.joined(separator: "\n")
    }
}

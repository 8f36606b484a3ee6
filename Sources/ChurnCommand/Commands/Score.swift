import ArgumentParser
import ChurnKit
import Foundation

struct Score: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Score customers with a model.",
        usage: "churn score <model> <source> [--as-of <date>] [-o <output>] [options]",
        discussion: """
            Writes customer, asOf, probability, rank, decile and the three strongest reasons with their contribution to the \
            log-odds, highest probability first. A study needs --as-of; a flat table does not.

            Each scoring is a run in the ledger of the registry (`churn runs`). The same run again finds its scores in their place and \
            leaves them; one that would write where another is writing exits with 75. Checks of the data warn, or refuse the run \
            (exit 1) at levels that the study names in `scoring`.

            Example:
              churn score shop@champion shop/study.yaml --as-of 2024-07-01 -o scores.csv
            """
    )

    @Argument(help: "The model: NAME, NAME@VERSION or NAME@ALIAS.")
    var model: String

    @Argument(help: "The study file, or a flat table.")
    var source: String

    @Option(help: ArgumentHelp("The day as of which customers are scored.", valueName: "yyyy-mm-dd"))
    var asOf: CalendarDay?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            """
            Where to write: a file *.csv, *.arrow or *.sqlite, or postgresql://user@host/database, whose password comes from ~/.pgpass or \
            PGPASSWORD (default: CSV on standard output).
            """,
            valueName: "output"
        )
    )
    var output: String?

    @Option(
        help:
            "The table of a database that takes the scores in place of those that it has (default: scores); no --contributions there."
    )
    var table: String?

    @Option(help: "How to print scores that go to standard output; a file is what its name says.")
    var format = OutputFormat.csv

    @Flag(help: "Also write every predictor's contribution; with the intercept they add up to the log-odds.")
    var contributions = false

    @Option(
        name: .customLong("pseudonymise"),
        help: ArgumentHelp(
            "Write pseudonyms in place of the customers' ids: HMAC-SHA-256 with the key in this file.",
            valueName: "key-file"
        )
    )
    var keyFile: String?

    @Flag(name: .customLong("no-ledger"), help: "Leave no record of the run; the registry need not be writable then.")
    var leavesNoRecord = false

    @OptionGroup var dialect: DialectOptions
    @OptionGroup var registry: RegistryOptions
    @OptionGroup var rejects: RejectsOptions
    @OptionGroup var index: IndexOptions
    @OptionGroup var memory: MemoryOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var notes: NoteOptions

    func validate() throws {
        if DataSource.isStudy(source), asOf == nil { throw ValidationError("A study needs --as-of YYYY-MM-DD.") }
        if !DataSource.isStudy(source), asOf != nil { throw ValidationError("--as-of belongs to studies.") }
        try rejects.validate(for: source)
        try dialect.validate(for: source)
        if let output {
            if format != .csv {
                throw ValidationError("--format is for standard output; a file is what its name says.")
            }
            do throws(DatabaseError) {
                let target = try ScoreTarget(output, table: table)
                if contributions, !target.isFile {
                    throw .badAddress("--contributions", problem: "belongs to files and standard output")
                }
            } catch {
                throw ValidationError("\(error)")
            }
        } else if table != nil {
            throw ValidationError("--table belongs to a database: name it with -o.")
        }
    }

    func run() throws {
        let target = try output.map { try ScoreTarget($0, table: table) }
        let written = target?.path
        if let written { try AtomicFile.refuse(written, among: [self.source, keyFile].compactMap(\.self)) }
        let pseudonyms = try keyFile.map { try Pseudonyms(keyFile: $0) }
        let study = DataSource.isStudy(source) ? try Study(path: source) : nil
        if let study, let written { try AtomicFile.refuse(written, among: study.inputFiles) }
        let place = try ModelRegistry(path: registry.path(study: study))
        if let keyFile { try pseudonyms?.requireKey(keyFile, outside: place.path) }
        let chosen = try ChosenModel(model, registry: place)
        let job = ScoringJob(
            start: ScoringRun.Start(
                at: Date(),
                codeVersion: ChurnKitVersion.current,
                reference: try ModelReference(model),
                version: chosen.version,
                source: AtomicFile.absolute(source),
                settings: study?.hash ?? dialect.settings,
                asOf: asOf?.description,
                destination: target?.destination ?? .standardOutput,
                contributions: contributions,
                pseudonymKey: pseudonyms?.keyName,
                rejects: rejects.rejects.map(AtomicFile.absolute)
            ),
            ledger: leavesNoRecord ? nil : RunLedger(registry: place),
            target: { [format] in try target?.sink() ?? PrintedScores(format: format) },
            retention: study?.scoring ?? .standard
        )
        let result = try job.run {
            ModelScoring(
                chosen.stored,
                on: try read(study, beside: written),
                keepsContributions: contributions,
                pseudonyms: pseudonyms,
                threads: threads.count
            )
        } describing: { error in
            CommandFailure.inLedger(error)
        }
        tell(result, chosen)
    }

    /// - Parameter written: the file that takes the scores.
    private func read(_ study: Study?, beside written: String?) throws -> ModelScoring.Source {
        guard let study, let asOf else { return .table(try FlatTable(path: source, dialect: dialect.dialect)) }
        return .study(
            try StudyData(
                study: study,
                rejects: rejects,
                index: index,
                memory: memory,
                threads: threads,
                output: written,
                telling: notes
            ),
            asOf: asOf
        )
    }

    private func tell(_ result: ScoringJob.Result, _ chosen: ChosenModel) {
        notes.warn(result.unseenCategories)
        for check in result.checks where check.verdict == .warn && check.name != "unseen" {
            notes.warn("\(check.text).")
        }
        notes.warn(of: chosen)
        for run in result.deadRuns { notes.note("Run \(run) was killed; the ledger has that now.") }
        for name in result.removedLeftovers { notes.note("Removed \(name), which a killed run had left.") }
        let model = "\(chosen.name)@\(chosen.version)"
        let run = result.number.map { " Run \($0)." } ?? ""
        guard let scores = result.scores else {
            let earlier = result.earlier.map { "run \($0.number) of \($0.start.startedAt)" } ?? "an earlier run"
            notes.note(
                "\(model): done already by \(earlier), from the same data; \(output ?? "") is as it was left.\(run)"
            )
            return
        }
        if result.differsFromEarlier, let earlier = result.earlier {
            notes.warn(
                "run \(earlier.number), of the same model and data, had other scores; it was made by churn"
                    + " \(earlier.start.codeVersion) on \(earlier.start.host)."
            )
        }
        notes.note(
            "\(model): \(NumberText.count(scores.count)) customers scored, mean probability"
                + " \(NumberText.percent(scores.mean))" + (output.map { ", written to \($0)" } ?? "") + ".\(run)"
        )
    }
}

/// Scores that go to standard output.
private struct PrintedScores: ScoreSink {
    let format: OutputFormat

    var destination: ScoringRun.Destination { .standardOutput }

    /// What was printed is gone.
    func has(_ scores: ScoringRun.End.Scores) -> Bool { false }

    func write(_ scores: ScoreTable) throws -> ScoringRun.End.Scores {
        switch format {
        case .csv:
            try scores.writeCSV { (line) throws(DataError) in
                try line.finish(ResultPrinter.toStandardOutput)
            }
            try ResultPrinter.flush()
        case .json:
            try ResultPrinter.json(scores.order.map(scores.row))
        case .table:
            var table = TextTable(headers: ["customer", "probability", "rank", "decile", "reasons"])
            for row in scores.order {
                let reasons = scores.reasons(ofRow: row).map { reason in
                    "\(reason.predictor) \(reason.contribution < 0 ? "" : "+")\(NumberText.decimals(reason.contribution, 2))"
                }
                table.append([
                    scores.customers[row], NumberText.decimals(scores.probabilities[row], 4), "\(scores.ranks[row])",
                    "\(scores.decile(ofRow: row))", reasons.joined(separator: ", "),
                ])
            }
            try ResultPrinter.text(table.text)
        }
        return .init(digest: scores.digest, mean: scores.mean, fileDigest: nil, bytes: nil)
    }
}

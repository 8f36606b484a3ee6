import ArgumentParser
import ChurnKit

struct Score: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Score customers with a model.",
        usage: "churn score <model> <source> [--as-of <date>] [-o <file>] [options]",
        discussion: """
            Writes customer, asOf, probability, rank, decile and the three strongest reasons with their contribution to the \
            log-odds, highest probability first. A study needs --as-of; a flat table does not.

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

    @Option(name: .shortAndLong, help: ArgumentHelp("CSV file to write (default: standard output).", valueName: "file"))
    var output: String?

    @Option(help: "How to print scores that go to standard output; a file is CSV.")
    var format = OutputFormat.csv

    @Flag(help: "Also write every predictor's contribution; with the intercept they add up to the log-odds.")
    var contributions = false

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
            if format != .csv { throw ValidationError("-o writes CSV; --format is for standard output.") }
            if !output.lowercased().hasSuffix(".csv") { throw ValidationError("-o writes CSV: name the file *.csv.") }
        }
    }

    func run() throws {
        if let output { try AtomicFile.refuse(output, among: [self.source]) }
        let file = try output.map { try AtomicFile(path: $0) }
        let source = try DataSource(path: source, dialect: dialect.dialect)
        if case .study(let study) = source, let output { try AtomicFile.refuse(output, among: study.inputFiles) }
        let chosen = try ChosenModel(model, registry: registry, source: source)
        let outcome: ModelScoring.Outcome
        switch source {
        case .study(let study):
            guard let asOf else { throw ValidationError("A study needs --as-of DATE.") }
            outcome = try ModelScoring.score(
                chosen.stored,
                on: StudyData(
                    study: study,
                    rejects: rejects,
                    index: index,
                    memory: memory,
                    threads: threads,
                    output: output,
                    telling: notes
                ),
                asOf: asOf,
                keepsContributions: contributions,
                threads: threads.count
            )
        case .table(let table):
            outcome = try ModelScoring.score(
                chosen.stored,
                on: table,
                keepsContributions: contributions,
                threads: threads.count
            )
        }
        if let file {
            try outcome.scores.writeCSV { (line) throws(DataError) in
                try line.write(to: file)
            }
            try file.commit()
        } else {
            try print(outcome.scores)
        }
        notes.warn(outcome.unseenCategories)
        notes.warn(of: chosen)
        let mean = outcome.scores.probabilities.reduce(0, +) / Double(max(outcome.scores.count, 1))
        notes.note(
            "\(chosen.name)@\(chosen.version): \(NumberText.count(outcome.scores.count)) customers scored, mean probability"
                + " \(NumberText.percent(mean))" + (output.map { ", written to \($0)" } ?? "") + "."
        )
    }

    private func print(_ scores: ScoreTable) throws {
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
    }
}

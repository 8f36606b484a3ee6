import ArgumentParser
import ChurnKit
import Foundation

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell why a customer has the score that he has.",
        usage: "churn explain <model> <source> --customer <id> [--as-of <date>] [options]",
        discussion: """
            What raises and lowers the risk against the average of the customers who are scored that day; what it would be if a part \
            were as with the typical (median) customer; and, on a study, what became of the customers who were most alike in the model's eyes \
            at the latest cutoff whose outcomes are known. --log-odds prints the parts as numbers that add up (+0.7 doubles the odds), --format \
            json has all of them.

            Example:
              churn explain shop shop/study.yaml --customer C000042 --as-of 2024-07-01
            """
    )

    @Argument(help: "The model: NAME, NAME@VERSION or NAME@ALIAS.")
    var model: String

    @Argument(help: "The study file, or a flat table.")
    var source: String

    @Option(help: ArgumentHelp("The customer's id; of a table without ids the row's number.", valueName: "id"))
    var customer: String

    @Option(help: ArgumentHelp("The day as of which he is scored.", valueName: "yyyy-mm-dd"))
    var asOf: CalendarDay?

    @Option(help: "Parts that are told, in each direction.")
    var top = 6

    @Option(
        help: ArgumentHelp(
            "Flat table: columns that the company can change, with commas between: what the risk would be, were they as with the typical customer.",
            valueName: "a,b,…"
        )
    )
    var levers: String?

    @Flag(help: "Print what each part adds to the log-odds.")
    var logOdds = false

    @OptionGroup var data: DataOptions

    @Option(help: "How to print the result: table or json.")
    var format = OutputFormat.table

    @OptionGroup var notes: NoteOptions

    func validate() throws {
        try data.validate(for: source)
        let isStudy = DataSource.isStudy(source)
        if isStudy, asOf == nil { throw ValidationError("A study needs --as-of YYYY-MM-DD.") }
        if !isStudy, asOf != nil { throw ValidationError("--as-of belongs to studies.") }
        if isStudy, levers != nil {
            throw ValidationError("--levers belongs to flat tables; features say what can be changed.")
        }
        if !(1...1000).contains(top) { throw ValidationError("--top must be from 1 to 1000.") }
        if format == .csv { throw ValidationError("An explanation is no table of rows: use --format table or json.") }
    }

    func run() throws {
        let given = try data.source(source)
        let chosen = try ChosenModel(model, registry: data.registry, source: given)
        let scored: ModelScoring.Source
        switch given {
        case .study(let study):
            guard let asOf else { throw ValidationError("A study needs --as-of YYYY-MM-DD.") }
            scored = .study(try data.data(of: study, telling: notes), asOf: asOf)
        case .table(let table): scored = .table(table)
        }
        let explanation = try Explanation(
            of: customer,
            by: chosen.stored,
            on: scored,
            levers: Set(levers?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } ?? []),
            threads: data.threads.count
        )
        notes.warn(of: chosen)
        if format == .json { return try ResultPrinter.json(explanation) }
        if explanation.rowsOfCustomer > 1 {
            notes.warn("\(explanation.rowsOfCustomer) rows have this id; the first one is explained.")
        }
        try ResultPrinter.text(
            ExplanationText(explanation: explanation, top: top, showsLogOdds: logOdds).text
        )
    }
}

import ArgumentParser
import ChurnKit

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell why a customer has the score that he has.",
        usage: "churn explain <model> <source> --customer <id> [--as-of <date>] [options]",
        discussion: """
            What raises and lowers his score against the average customer of the training, in parts that add up to it (log-odds: +0.7 \
            doubles the odds); what it would be if a part were as with the median customer of today; and, on a study, who was most like him \
            in the model's eyes at the latest cutoff whose outcomes are known, and left or stayed. That his score would fall if \
            something were otherwise does not prove that changing it keeps him.

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

    @Option(help: "Parts that are told in words.")
    var top = 6

    @OptionGroup var data: DataOptions

    @Option(help: "How to print the result: table or json.")
    var format = OutputFormat.table

    @OptionGroup var notes: NoteOptions

    func validate() throws {
        try data.validate(for: source)
        let isStudy = DataSource.isStudy(source)
        if isStudy, asOf == nil { throw ValidationError("A study needs --as-of YYYY-MM-DD.") }
        if !isStudy, asOf != nil { throw ValidationError("--as-of belongs to studies.") }
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
        let explanation = try Explanation(of: customer, by: chosen.stored, on: scored, threads: data.threads.count)
        notes.warn(of: chosen)
        if format == .json { return try ResultPrinter.json(explanation) }
        try ResultPrinter.text(text(explanation))
    }

    private func text(_ explanation: Explanation) -> String {
        var lines = [
            "\(explanation.customer)" + (explanation.asOf.map { " on \($0)" } ?? "")
                + ": \(NumberText.percent(explanation.probability)) (average customer: \(NumberText.percent(explanation.averageProbability)));"
                + " rank \(NumberText.count(explanation.rank)) of \(NumberText.count(explanation.customers))."
        ]
        for (title, isRaising) in [("What raises it", true), ("What lowers it", false)] {
            let groups = explanation.groups.filter {
                ($0.contribution > 0) == isRaising && abs($0.contribution) >= 0.005
            }
            if groups.isEmpty { continue }
            lines += ["", title]
            for group in groups.prefix(top) { lines += words(group) }
            let rest = groups.dropFirst(top)
            if !rest.isEmpty {
                let sum = rest.reduce(0) { $0 + $1.contribution }
                lines.append("  \(signed(sum))  \(rest.count) more")
            }
        }
        if !explanation.alternatives.isEmpty {
            lines += ["", "If it were as with the median customer"]
            for one in explanation.alternatives {
                lines.append("  \(NumberText.percent(one.probability))  \(one.groups.joined(separator: " + "))")
            }
            if explanation.probability >= explanation.topTenthFrom {
                lines.append(
                    "  Out of the tenth with the highest scores below \(NumberText.percent(explanation.topTenthFrom))."
                )
            }
        }
        for (title, alike) in [("left", explanation.alikeWhoLeft), ("stayed", explanation.alikeWhoStayed)] {
            guard let first = alike.first else { continue }
            let names = alike.map { "\($0.customer) (\(NumberText.percent($0.probability)))" }
            lines += ["", "Most like him on \(first.cutoff) who \(title): \(names.joined(separator: ", "))"]
        }
        return lines.joined(separator: "\n")
    }

    /// A group with its two strongest facts that say something of the same direction.
    private func words(_ group: Explanation.Group) -> [String] {
        var lines: [String] = []
        let telling = group.facts.filter { ($0.contribution > 0) == (group.contribution > 0) }
        for (number, fact) in telling.prefix(2).enumerated() {
            var value = fact.text.map { "\"\($0)\"" } ?? fact.value.map(NumberText.significant) ?? "missing"
            if fact.value != nil, let unit = fact.unit, ["days"].contains(unit) { value += " days" }
            let median = fact.median.map { " (median \(NumberText.significant($0)))" } ?? ""
            let head = number == 0 ? "  \(signed(group.contribution))  \(group.name): " : "           "
            lines.append("\(head)\(fact.words): \(value)\(median)")
        }
        return lines.isEmpty ? ["  \(signed(group.contribution))  \(group.name)"] : lines
    }

    private func signed(_ value: Double) -> String { (value < 0 ? "" : "+") + NumberText.decimals(value, 2) }
}

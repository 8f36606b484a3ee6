import ArgumentParser
import ChurnKit

struct Importance: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what each predictor of a model brings on rows that it has not seen.",
        usage: "churn importance <model> <source> [options]",
        discussion: """
            A predictor's values are dealt at random to other customers of the same cutoff; the log loss rises by what the predictor brings. Predictors \
            that say nearly the same (a rank correlation of 0.9 or more) are dealt together. Rows are those of churn evaluate: later cutoffs, \
            or what was kept back. Intervals of 95 % are by customer.

            Some predictors cost more than they bring: without them the model would have done better. Drift is the population \
            stability index against training; ! is beyond chance.

            Example:
              churn importance shop shop/study.yaml
            """
    )

    @Argument(help: "The model: NAME, NAME@VERSION or NAME@ALIAS.")
    var model: String

    @Argument(help: "The study file, or a flat table.")
    var source: String

    @Option(help: "How often values are dealt anew.")
    var repetitions = FeatureImportance.standardRepetitions

    @Option(
        parsing: .unconditional,
        help: "The rank correlation from which on predictors are dealt together; above 1 for each alone."
    )
    var alike = FeatureImportance.alike

    @Option(help: "Groups that are told, those that bring most first.")
    var top = 20

    @Option(help: "Seed of the dealing.")
    var seed: UInt64 = 1

    @OptionGroup var data: DataOptions
    @OptionGroup var format: OutputOptions

    func validate() throws {
        try data.validate(for: source)
        if !(1...1000).contains(repetitions) { throw ValidationError("--repetitions must be from 1 to 1000.") }
        if !(alike > 0 && alike <= 10) { throw ValidationError("--alike must be above 0, such as 0.9.") }
        if !(1...100_000).contains(top) { throw ValidationError("--top must be from 1 to 100000.") }
    }

    private struct Result: Encodable {
        let model: String
        let version: Int
        let rowsAre: UnseenRows.Kind
        let importance: FeatureImportance
    }

    func run() throws {
        let given = try data.source(source)
        let chosen = try ChosenModel(model, registry: data.registry, source: given)
        let rows: UnseenRows
        switch given {
        case .study(let study):
            rows = try UnseenRows(
                [chosen.stored],
                on: data.data(of: study, telling: format.notes),
                threads: data.threads.count
            )
        case .table(let table): rows = try UnseenRows([chosen.stored], on: table)
        }
        rows.warnOfWhatMayBeSeen(format.notes)
        format.notes.warn(of: chosen)
        let importance = try FeatureImportance(
            of: chosen.stored,
            on: rows,
            repetitions: repetitions,
            alike: alike,
            seed: seed,
            threads: data.threads.count
        )
        switch format.format {
        case .json:
            try ResultPrinter.json(
                Result(
                    model: chosen.name.text,
                    version: chosen.version,
                    rowsAre: rows.kind,
                    importance: importance
                )
            )
        case .csv: try printCSV(importance)
        case .table: try ResultPrinter.text(text(importance, title: "\(chosen.name)@\(chosen.version)"))
        }
    }

    private func printCSV(_ importance: FeatureImportance) throws {
        var rows: [[ResultPrinter.Cell]] = []
        for (number, group) in importance.groups.enumerated() {
            for predictor in group.predictors {
                rows.append([
                    .number(Double(number + 1)), .text(predictor), .number(group.rise.value),
                    .number(group.rise.low ?? .nan), .number(group.rise.high ?? .nan), .number(group.aucFall ?? .nan),
                    .number(group.stabilityIndex ?? .nan), .text(group.verdict.rawValue),
                ])
            }
        }
        try ResultPrinter.csv(
            header: ["group", "predictor", "logLossRise", "low", "high", "aucFall", "stabilityIndex", "verdict"],
            rows: rows
        )
        try ResultPrinter.flush()
    }

    private func text(_ importance: FeatureImportance, title: String) -> String {
        var lines = [
            WrappedText.wrap(
                "\(title) on \(NumberText.count(importance.rows)) rows that it has not seen"
                    + (importance.cutoffs.isEmpty ? "" : " (\(importance.cutoffs.joined(separator: ", ")))")
                    + ": log loss \(NumberText.decimals(importance.logLoss, 4)), AUC \(NumberText.decimals(importance.auc, 4))."
            ), "",
        ]
        let effects = Dictionary(importance.effects.map { ($0.predictor, $0) }) { first, _ in first }
        var table = TextTable(headers: ["without", "rise", "from", "to", "AUC", "drift", "low", "high"])
        let told = importance.groups.prefix(top)
        for group in told {
            let points = group.predictors.first.flatMap { effects[$0]?.points } ?? []
            let others = group.predictors.count - 1
            table.append([
                (group.predictors.first ?? "") + (others > 0 ? " +\(others)" : ""),
                Self.signed(group.rise.value), Self.signed(group.rise.low), Self.signed(group.rise.high),
                Self.signed(group.aucFall.map { -$0 }),
                NumberText.decimals(group.stabilityIndex, 2) + (group.hasMoved ? "!" : ""),
                points.first.map { ExplanationText.percent($0.probability) } ?? "",
                points.last.map { ExplanationText.percent($0.probability) } ?? "",
            ])
        }
        lines.append(table.text)
        let rest = importance.groups.count - told.count
        if rest > 0 { lines.append("and \(rest) more groups") }
        lines += [
            "",
            WrappedText.wrap(
                "rise: of the log loss, with 95 %. AUC: its change. drift: stability index against training, ! beyond chance. low, high: the mean"
                    + " probability if the predictor were at its 5th, at its 95th percentile for everybody."
            ),
        ]
        let names = told.filter { $0.predictors.count > 1 }.map { group in
            "\(group.predictors[0]) stands for \(group.predictors.dropFirst().joined(separator: ", "))."
        }
        lines += names.map { WrappedText.wrap($0) }
        let costly = importance.groups.filter { $0.verdict == .costs }.compactMap(\.predictors.first)
        if !costly.isEmpty {
            lines.append(WrappedText.wrap("These cost more than they bring: \(costly.joined(separator: ", "))."))
        }
        let unclear = importance.groups.count { $0.verdict == .unclear }
        lines.append(
            WrappedText.wrap("\(unclear) of \(importance.groups.count) groups bring nothing that shows on these rows.")
        )
        return lines.joined(separator: "\n")
    }

    private static func signed(_ value: Double?) -> String {
        guard let value else { return "-" }
        return (value < 0 ? "" : "+") + NumberText.decimals(value, 4)
    }
}

import ArgumentParser
import ChurnKit

struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare models on rows that none of them has seen.",
        usage: "churn compare <model> <model> ... <source> [options]",
        discussion: """
            On a study: the mature cutoffs at or after the end of every model's training label windows. On a flat table: the rows that every \
            model trained on it kept back, or all of another table.

            Figures have intervals of 95 %: AUC by DeLong's variance (clustered where customers repeat), the others by samples of \
            customers. Differences are paired; their probabilities are also given among all pairs (Holm). One sentence of advice says when \
            the data cannot tell models apart.

            Examples:
              churn compare shop@1 shop@2 lapse shop/study.yaml
              churn compare mine@1 mine@2 customers.csv --by auc
            """
    )

    @Argument(
        help: ArgumentHelp(
            "Two models or more (NAME, NAME@VERSION or NAME@ALIAS), then the study file or flat table.",
            valueName: "model"
        )
    )
    var arguments: [String]

    @Option(
        help: ArgumentHelp(
            "The metric that decides (default: validation.primaryMetric of the study, or logLoss).",
            valueName: "metric"
        )
    )
    var by: Metric?

    @OptionGroup var sampling: DrawOptions

    @Option(help: "Seed of the samples.")
    var seed: UInt64 = 1

    @OptionGroup(title: "Campaign") var campaign: CampaignOptions
    @OptionGroup var data: DataOptions
    @OptionGroup var format: OutputOptions

    private var models: [String] { Array(arguments.dropLast()) }
    private var source: String { arguments.last ?? "" }

    func validate() throws {
        guard arguments.count >= 3 else {
            throw ValidationError(
                "Name two models or more, then the study or table: churn compare shop@1 shop@2 study.yaml"
            )
        }
        try data.validate(for: source)
        try by?.requireThatItDecides()
    }

    private struct Result: Encodable {
        struct Model: Encodable {
            let model: String
            let kind: ModelKind
            let figures: FigureRows
        }

        let rows: Int
        let churned: Int
        let rowsAre: UnseenRows.Kind
        let cutoffs: [String]
        let primaryMetric: Metric
        let models: [Model]
        let pairs: [ModelComparison.Pair]
        struct Overlap: Encodable {
            let a: String
            let b: String
            let share: Double
        }

        let sharedTopTenth: [Overlap]
        let disagreements: [ModelComparison.Disagreement]
        let advice: String
    }

    func run() throws {
        let threads = data.threads.count
        let source = try data.source(source)
        var study: Study?
        if case .study(let named) = source { study = named }
        let registry = try ModelRegistry(path: data.registry.path(study: study))
        let chosen = try models.map { try ChosenModel($0, registry: registry) }
        let names = chosen.map { "\($0.name)@\($0.version)" }
        if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw ValidationError("\(twice) is named twice.")
        }
        let rows: UnseenRows
        switch source {
        case .study(let study):
            rows = try UnseenRows(
                chosen.map(\.stored),
                on: data.data(of: study, telling: format.notes),
                threads: threads
            )
        case .table(let table): rows = try UnseenRows(chosen.map(\.stored), on: table)
        }
        rows.warnOfWhatMayBeSeen(format.notes)
        let said = study.map { Metric($0.validation.primaryMetric) }
        let comparison = try ModelComparison(
            names,
            on: rows,
            primaryMetric: by ?? said ?? .logLoss,
            draws: sampling.draws,
            seed: seed,
            economics: campaign.economics,
            threads: threads
        )
        switch format.format {
        case .json:
            try ResultPrinter.json(
                Result(
                    rows: rows.count,
                    churned: rows.labels.count { $0 },
                    rowsAre: rows.kind,
                    cutoffs: rows.cutoffs,
                    primaryMetric: comparison.primaryMetric,
                    models: names.indices.map { number in
                        .init(
                            model: names[number],
                            kind: chosen[number].stored.model.fitted.kind,
                            figures: FigureRows(comparison.estimates[number])
                        )
                    },
                    pairs: comparison.pairs,
                    sharedTopTenth: comparison.sharedTopTenth.map { .init(a: $0.a, b: $0.b, share: $0.share) },
                    disagreements: comparison.disagreements,
                    advice: comparison.advice
                )
            )
        case .csv:
            try ResultPrinter.csv(
                header: ["a", "b", "metric", "difference", "low", "high", "pValue", "adjustedPValue"],
                rows: comparison.pairs.map { pair in
                    [
                        .text(pair.a), .text(pair.b), .text(pair.metric.rawValue), .number(pair.difference ?? .nan),
                        .number(pair.low ?? .nan), .number(pair.high ?? .nan), .number(pair.pValue ?? .nan),
                        .number(pair.adjustedPValue ?? .nan),
                    ]
                }
            )
            try ResultPrinter.flush()
        case .table: try ResultPrinter.text(text(comparison))
        }
    }

    private func text(_ comparison: ModelComparison) -> String {
        let rows = comparison.rows
        let place =
            switch rows.kind {
            case .laterCutoffs: "cutoffs that no training label reaches: \(rows.cutoffs.joined(separator: ", "))"
            case .heldOut: "rows of the training table that were kept back"
            case .otherTable: "all rows of another table"
            case .heldOutOfSome: "rows that some of the models kept back"
            }
        var parts = [
            "\(NumberText.count(rows.count)) rows, \(NumberText.count(rows.labels.count { $0 })) churned; \(place)", "",
        ]
        var figures = TextTable(headers: [""] + comparison.names)
        for metric in Metric.allCases {
            let cells = comparison.estimates.map { list in
                list.first { $0.metric == metric }.map { _, estimate in
                    NumberText.decimals(estimate.value, 4)
                        + (estimate.low.map {
                            " (\(NumberText.decimals($0, 3))–\(NumberText.decimals(estimate.high, 3)))"
                        } ?? "")
                } ?? "-"
            }
            figures.append([metric.title] + cells)
        }
        parts.append(figures.text)
        parts.append("")
        var pairs = TextTable(headers: ["difference", "of", "", "95 % from", "to", "p", "p, all pairs"])
        for pair in comparison.pairs {
            pairs.append([
                pair.metric.title, "\(pair.a) - \(pair.b)", NumberText.decimals(pair.difference, 4),
                NumberText.decimals(pair.low, 4), NumberText.decimals(pair.high, 4),
                NumberText.probability(pair.pValue),
                NumberText.probability(pair.adjustedPValue),
            ])
        }
        parts += [pairs.text, ""]
        for (a, b, share) in comparison.sharedTopTenth {
            parts.append(
                "\(NumberText.percent(share)) of the tenth with the highest scores are the same for \(a) and \(b)."
            )
        }
        if !comparison.disagreements.isEmpty {
            var table = TextTable(headers: ["most different", "cutoff"] + comparison.names + ["churned"])
            for one in comparison.disagreements {
                table.append(
                    [one.customer, one.cutoff ?? ""] + one.probabilities.map { NumberText.decimals($0, 3) }
                        + [one.churned ? "yes" : "no"]
                )
            }
            parts += ["", table.text]
        }
        return (parts + ["", comparison.advice]).joined(separator: "\n")
    }
}

extension Metric: ExpressibleByArgument {
    /// Whatever the case of the letters.
    public init?(argument: String) {
        guard let metric = Self.allCases.first(where: { $0.rawValue.lowercased() == argument.lowercased() }) else {
            return nil
        }
        self = metric
    }

    func requireThatItDecides() throws {
        if !decides {
            throw ValidationError("--by \(rawValue): neither more nor less of it is better, so it cannot decide.")
        }
    }
}

extension UnseenRows {
    /// Tells where models may have seen rows that they are judged by.
    func warnOfWhatMayBeSeen(_ notes: NoteOptions) {
        let models = predictions.count == 1 ? "model was" : "models were"
        switch kind {
        case .laterCutoffs, .heldOut: break
        case .otherTable:
            notes.warn(
                "this is not the table that the \(models) trained on, so all its rows count; where they are the same customers,"
                    + " the figures flatter."
            )
        case .heldOutOfSome:
            notes.warn(
                predictions.count == 1
                    ? "the version that the fit went on from may have learned from these rows: the figures may flatter."
                    : "not every model kept these rows back: the figures of those that learned from them flatter."
            )
        }
    }
}

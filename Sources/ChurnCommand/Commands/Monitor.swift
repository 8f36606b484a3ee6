import ArgumentParser
import ChurnKit

struct Monitor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "See whether a model in use still fits: drift, and what became of those scored.",
        usage: "churn monitor <model> <study> --as-of <date> [options]",
        discussion: """
            Holds the customers of a day against those who trained the model, on bins that were frozen then, and looks at what became of \
            the customers of past scoring runs whose labels are known by now. Exits with 1 where something has moved further than chance \
            and training's own cutoffs explain, or where the model has become worse; training again is suggested only then.

            Example:
              churn monitor shop@champion shop/study.yaml --as-of 2024-07-01
            """
    )

    @Argument(help: "The model: NAME, NAME@VERSION or NAME@ALIAS.")
    var model: String

    @Argument(help: "The study file.")
    var study: String

    @Option(help: ArgumentHelp("The day whose customers are looked at.", valueName: "yyyy-mm-dd"))
    var asOf: CalendarDay

    @Option(help: "The population stability index below which nothing has moved.")
    var level = 0.1

    @OptionGroup var registry: RegistryOptions
    @OptionGroup var index: IndexOptions
    @OptionGroup var memory: MemoryOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var format: OutputOptions

    private struct Result: Encodable {
        let model: String
        let version: Int
        let hasAlarm: Bool
        let suggestsTraining: Bool
        let monitoring: Monitoring
    }

    func validate() throws {
        if !DataSource.isStudy(study) { throw ValidationError("monitor needs a study: name a *.yaml file.") }
        if !(level > 0 && level < 100) { throw ValidationError("--level must be above 0.") }
    }

    func run() throws {
        let study = try Study(path: study)
        let place = try ModelRegistry(path: registry.path(study: study))
        let chosen = try ChosenModel(model, registry: place)
        let monitoring = try Monitoring(
            chosen.stored,
            name: chosen.name,
            version: chosen.version,
            registry: place,
            on: StudyData(
                study: study,
                rejects: RejectsOptions.parse([]),
                index: index,
                memory: memory,
                threads: threads,
                telling: format.notes
            ),
            asOf: asOf,
            level: level,
            threads: threads.count
        )
        format.notes.warn(of: chosen)
        switch format.format {
        case .json:
            try ResultPrinter.json(
                Result(
                    model: chosen.name.text,
                    version: chosen.version,
                    hasAlarm: !monitoring.evidence.isEmpty,
                    suggestsTraining: monitoring.suggestsTraining,
                    monitoring: monitoring
                )
            )
        case .csv: try printCSV(monitoring.drift)
        case .table: try ResultPrinter.text(text(monitoring, chosen))
        }
        if !monitoring.evidence.isEmpty { throw CommandExit.checkFailed }
    }

    private func printCSV(_ drift: DriftReport) throws {
        try ResultPrinter.csv(
            header: [
                "name", "stabilityIndex", "threshold", "pValue", "kolmogorovSmirnov", "missingInTraining", "missing",
                "unseen", "impact", "hasMoved",
            ],
            rows: ([drift.scores] + drift.predictors).map { quantity in
                [
                    .text(quantity.name), .number(quantity.stabilityIndex), .number(quantity.threshold),
                    .number(quantity.pValue), .number(quantity.kolmogorovSmirnov), .number(quantity.missingInTraining),
                    .number(quantity.missing), .number(quantity.unseen), .number(quantity.impact),
                    .text("\(quantity.hasMoved)"),
                ]
            }
        )
        try ResultPrinter.flush()
    }

    /// Predictors that are listed; JSON and CSV have all.
    private static let listed = 10

    private func text(_ monitoring: Monitoring, _ chosen: ChosenModel) -> String {
        let drift = monitoring.drift
        var parts = [
            "\(chosen.name)@\(chosen.version) as of \(monitoring.asOf): \(NumberText.count(drift.rows)) customers"
        ]
        var moves = TextTable(headers: ["against training", "index", "threshold", "KS", "impact", ""])
        for quantity in [drift.scores] + drift.moved.prefix(Self.listed) {
            moves.append([
                quantity.name, NumberText.decimals(quantity.stabilityIndex, 3),
                NumberText.decimals(quantity.threshold, 3), NumberText.decimals(quantity.kolmogorovSmirnov, 3),
                quantity.name == drift.scores.name ? "" : NumberText.decimals(quantity.impact, 2),
                quantity.hasMoved ? "moved" : "",
            ])
        }
        parts.append(moves.text)
        let moved = drift.moved.count
        parts.append(
            "\(moved) of \(drift.predictors.count) predictors have moved"
                + (moved > Self.listed ? "; those with the largest impact are listed." : ".")
        )
        if monitoring.backtest.outcomes.isEmpty {
            parts.append(
                monitoring.backtest.immature == 0
                    ? "The ledger has no scoring run of this model on this study."
                    : "\(monitoring.backtest.immature) days were scored; nobody's label is known yet."
            )
        } else {
            var outcomes = TextTable(headers: [
                "scored as of", "version", "customers", "churned", "expected", "AUC", "lift 10 %",
            ])
            for outcome in monitoring.backtest.outcomes {
                outcomes.append([
                    outcome.asOf, "\(outcome.version)", NumberText.count(outcome.customers),
                    NumberText.count(outcome.churned), NumberText.decimals(outcome.expected, 1),
                    NumberText.decimals(outcome.auc, 3), NumberText.decimals(outcome.lift10, 2),
                ])
            }
            parts.append(outcomes.text)
            if let test = chosen.stored.training.metrics.test, let auc = test.auc {
                parts.append("In the test at training the AUC was \(NumberText.decimals(auc, 3)).")
            }
            let others = monitoring.backtest.outcomes.count { $0.isReproduced == false }
            if others > 0 {
                parts.append(
                    "Of \(others) of these days the data have changed since: the scores are not those of the run."
                )
            }
        }
        parts.append(verdict(monitoring))
        return parts.joined(separator: "\n\n")
    }

    private func verdict(_ monitoring: Monitoring) -> String {
        guard !monitoring.evidence.isEmpty else { return "Nothing speaks for training again." }
        let words = monitoring.evidence.map { evidence in
            switch evidence {
            case .scoresHaveMoved(let index, let threshold):
                "The scores have moved: stability index \(NumberText.decimals(index, 3)), above \(NumberText.decimals(threshold, 3))."
            case .predictorsHaveMoved(let names, let count):
                "\(count) predictors of the model have moved: \(names.joined(separator: ", "))\(count > names.count ? ", …" : "")."
            case .valuesAreMissing(let predictor, let before, let now):
                "\"\(predictor)\" is missing in \(NumberText.percent(now)) of the rows; in training it was \(NumberText.percent(before))."
            case .textsAreUnknown(let predictor, let share):
                "\(NumberText.percent(share)) of the rows have a text in \"\(predictor)\" that training did not know."
            case .rankingHasFallen(let asOf, let auc, let inTest):
                "Of those scored as of \(asOf) the AUC is \(NumberText.decimals(auc, 3)); in the test it was \(NumberText.decimals(inTest, 3))."
            case .probabilitiesAreOff(let asOf, let expected, let churned):
                "Of those scored as of \(asOf), \(NumberText.count(churned)) churned and \(NumberText.decimals(expected, 1)) were expected."
            }
        }
        let advice =
            monitoring.suggestsTraining
            ? "Train again: the model has become worse."
            : "Look for the cause. Labels of these customers are known from \(monitoring.labelsKnownFrom) on; training before has nothing"
                + " new to learn from."
        return (words + [advice]).joined(separator: "\n")
    }
}

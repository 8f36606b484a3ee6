import ChurnKit

/// What a tuning found, as text and JSON have it.
struct TuningResult: Encodable {
    struct Outer: Encodable {
        let tested: String
        let innerFolds: [String]
        let trials: [Trial]
        let chosen: Configuration
        let complete: Bool
    }

    /// A trial without the time that it took: the same result is the same output.
    struct Trial: Encodable {
        let configuration: Configuration
        let share: Double
        let value: Double?
        let standardError: Double?
        let status: FitCertificate.Status?
        let failure: String?
    }

    struct Difference: Encodable {
        let metric: Metric
        let difference: Double
        let low: Double?
        let high: Double?
        let pValue: Double?
    }

    let model: String
    let strategy: Tuning.Strategy
    let metric: Metric
    let rule: Tuning.Rule
    let searches: [Outer]
    let rows: Int
    let churned: Int
    let tuned: FigureRows
    let untuned: FigureRows
    /// Tuned less untuned.
    let differences: [Difference]
    let chosen: Configuration
    let command: String
    /// For the study; `nil` where its features stay.
    let features: String?

    private static let told: [Metric] = [
        .auc, .logLoss, .brier, .lift10, .calibrationSlope, .observedOverExpected, .expectedMaximumProfit,
    ]
    private static let mostTrials = 10

    init(
        _ tuning: Tuning,
        _ bootstrap: CustomerBootstrap,
        model: String,
        settings: Tuning.Settings,
        command: String,
        features: String?
    ) {
        self.model = model
        strategy = settings.strategy
        metric = settings.metric
        rule = settings.rule
        searches = tuning.choices.map { choice in
            Outer(
                tested: choice.fold,
                innerFolds: choice.innerFolds,
                trials: choice.trials.map {
                    Trial(
                        configuration: $0.configuration,
                        share: $0.share,
                        value: $0.value,
                        standardError: $0.standardError,
                        status: $0.status,
                        failure: $0.failure
                    )
                },
                chosen: choice.chosen.configuration,
                complete: !choice.isCutShort
            )
        }
        rows = tuning.tuned.predictionCount
        churned = tuning.tuned.pooled.predictions.labels.count { $0 }
        tuned = FigureRows(bootstrap.estimates(ofModel: 0))
        untuned = FigureRows(bootstrap.estimates(ofModel: 1))
        differences = Metric.allCases.compactMap { metric in
            guard let (estimate, pValue) = bootstrap.difference(metric, 0, 1), estimate.value.isFinite else {
                return nil
            }
            return Difference(
                metric: metric,
                difference: estimate.value,
                low: estimate.low,
                high: estimate.high,
                pValue: pValue
            )
        }
        chosen = tuning.chosen
        self.command = command
        self.features = features
    }

    func print(_ format: OutputFormat) throws {
        switch format {
        case .json: try ResultPrinter.json(self)
        case .csv:
            let names = Set(searches.flatMap(\.trials).flatMap { $0.configuration.values.keys }).sorted()
            var rows: [[ResultPrinter.Cell]] = []
            for search in searches {
                for trial in search.trials {
                    var cells: [ResultPrinter.Cell] = [.text(search.tested), .number(trial.share)]
                    for name in names { cells.append(.text(trial.configuration.values[name] ?? "")) }
                    cells.append(.number(trial.value ?? .nan))
                    cells.append(.number(trial.standardError ?? .nan))
                    cells.append(.text(trial.status?.rawValue ?? trial.failure ?? ""))
                    rows.append(cells)
                }
            }
            let header = ["tested", "share"] + names + [metric.rawValue, "standardError", "status"]
            try ResultPrinter.csv(header: header, rows: rows)
            try ResultPrinter.flush()
        case .table: try ResultPrinter.text(text)
        }
    }

    // MARK: Text

    private var text: String {
        var parts = searches.map(table)
        parts.append(
            "Tested on \(searches.map(\.tested).joined(separator: ", ")), which the search did not see: \(NumberText.count(rows)) rows, "
                + "\(NumberText.count(churned)) churned."
        )
        parts.append(figures)
        parts.append(verdict)
        var steps = "Take it:\n  \(command)"
        if let features { steps += "\nwith this in the study:\n  \(features)" }
        parts.append(steps)
        return parts.joined(separator: "\n\n")
    }

    /// The best trials on the most customers.
    private func table(_ search: Outer) -> String {
        let names = Set(search.trials.flatMap { $0.configuration.values.keys }).sorted()
        let share = search.trials.map(\.share).max() ?? 1
        let last = search.trials.filter { $0.share == share }
        let ranked = last.indices.sorted { first, second in
            guard let a = last[first].value else { return false }
            guard let b = last[second].value else { return true }
            let gain = metric.advantage(of: a, over: b)
            return gain == 0 ? first < second : gain > 0
        }
        var table = TextTable(headers: [""] + names + [metric.title, "standard error"])
        var shown = Array(ranked.prefix(Self.mostTrials))
        if let chosen = ranked.first(where: { last[$0].configuration == search.chosen }), !shown.contains(chosen) {
            shown.append(chosen)
        }
        for number in shown {
            let trial = last[number]
            table.append(
                [trial.configuration == search.chosen ? "chosen" : ""]
                    + names.map { trial.configuration.values[$0] ?? "" }
                    + [
                        trial.value.map { NumberText.decimals($0, 5) } ?? trial.failure ?? "-",
                        NumberText.decimals(trial.standardError, 5),
                    ]
            )
        }
        let folds = search.innerFolds.joined(separator: ", ")
        return "\(search.trials.count) trials of \(model) for \(search.tested), by folds \(folds):\n" + table.text
    }

    private var figures: String {
        var table = TextTable(headers: ["", "tuned", "untuned", "difference", "95 % from", "to"])
        for metric in Self.told {
            guard let difference = differences.first(where: { $0.metric == metric }) else { continue }
            table.append([
                metric.title,
                NumberText.decimals(tuned.figures[metric.rawValue]?.value, 4),
                NumberText.decimals(untuned.figures[metric.rawValue]?.value, 4),
                NumberText.decimals(difference.difference, 4), NumberText.decimals(difference.low, 4),
                NumberText.decimals(difference.high, 4),
            ])
        }
        return table.text
    }

    private var verdict: String {
        guard let p = differences.first(where: { $0.metric == metric })?.pValue,
            let after = tuned.figures[metric.rawValue]?.value, let before = untuned.figures[metric.rawValue]?.value
        else { return "What the search is worth cannot be told." }
        let isBetter = metric.advantage(of: after, over: before) > 0
        if p > 0.05 {
            return "In \(metric.title) the difference is within chance: the search brought nothing that shows."
        }
        return isBetter
            ? "The search made the \(metric.title) better by more than chance."
            : "The search made the \(metric.title) worse by more than chance: the earlier months were not like the last."
    }
}

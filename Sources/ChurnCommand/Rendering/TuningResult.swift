import ChurnKit

/// What a tuning found, as text and JSON have it.
struct TuningResult: Encodable {
    struct Outer: Encodable {
        let tested: String
        let innerFolds: [String]
        let trials: [Trial]
        let chosen: Configuration
        let chosenShare: Double
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
    private let isOfTable: Bool
    /// For the study; `nil` where its features stay.
    let features: String?

    private static let told: [Metric] = [
        .auc, .logLoss, .brier, .lift10, .calibrationSlope, .observedOverExpected, .expectedMaximumProfit,
    ]
    private static let mostTrials = 10

    private enum CodingKeys: String, CodingKey {
        case model, strategy, metric, rule, searches, rows, churned, tuned, untuned, differences, chosen, command,
            features
    }

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
                chosenShare: choice.chosen.share,
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
        isOfTable = tuning.tuned.scheme == .random
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
            WrappedText.wrap(
                "Tested on \(searches.map { place($0.tested) }.joined(separator: ", ")), which the search did not see: \(NumberText.count(rows)) rows,"
                    + " \(NumberText.count(churned)) churned."
            )
        )
        parts.append(figures)
        parts.append(verdict)
        var steps = "To train it:\n  \(command)"
        if let features { steps += "\nwith this in the study:\n  \(features)" }
        parts.append(steps)
        return parts.joined(separator: "\n\n")
    }

    /// The best trials on the most customers.
    private func table(_ search: Outer) -> String {
        let names = Set(search.trials.flatMap { $0.configuration.values.keys }).sorted()
        let last = search.trials.filter { $0.share == search.chosenShare }
        func isSound(_ trial: Trial) -> Bool { trial.value != nil && trial.status?.isTrustworthy == true }
        let ranked = last.indices.sorted { first, second in
            guard isSound(last[first]), let a = last[first].value else { return false }
            guard isSound(last[second]), let b = last[second].value else { return true }
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
                        trial.value.map { NumberText.decimals($0, 5) } ?? (trial.failure == nil ? "none" : "failed"),
                        isSound(trial) ? NumberText.decimals(trial.standardError, 5) : trial.status?.rawValue ?? "",
                    ]
            )
        }
        let folds = search.innerFolds.joined(separator: ", ")
        var lines = [
            WrappedText.wrap(
                "\(NumberText.count(search.trials.count)) trials of \(model), cross-validated on \(isOfTable ? "folds " : "")\(folds)"
                    + " (to be tested on \(place(search.tested))):"
            ), table.text,
        ]
        let rest = last.count - shown.count
        let others = search.trials.count - last.count
        if rest > 0 { lines.append("and \(NumberText.count(rest)) more") }
        if others > 0 { lines.append("and \(NumberText.count(others)) on fewer customers") }
        if rule == .oneStandardError {
            lines.append("chosen: the strongest penalty within one standard error of the best")
        }
        if let failure = search.trials.compactMap(\.failure).first {
            lines.append(WrappedText.wrap("failed: \(failure)"))
        }
        return lines.joined(separator: "\n")
    }

    private func place(_ tested: String) -> String {
        isOfTable ? "fold \(tested) of the customers" : tested
    }

    private var figures: String {
        var table = TextTable(headers: ["", "tuned", "untuned", "difference", "95 % from", "to"])
        for metric in Self.told + (Self.told.contains(metric) ? [] : [metric]) {
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
        guard let after = tuned.figures[metric.rawValue]?.value else {
            return WrappedText.wrap("The tuned model has no finite \(metric.title) on these rows. Keep your settings.")
        }
        guard let before = untuned.figures[metric.rawValue]?.value else {
            return WrappedText.wrap(
                "Untuned, the model has no finite \(metric.title) on these rows: the search cured that."
            )
        }
        guard let p = differences.first(where: { $0.metric == metric })?.pValue else {
            return "What the search is worth cannot be told."
        }
        let words =
            p > 0.05
            ? "In \(metric.title) the difference is within chance: the search brought nothing that shows."
            : metric.advantage(of: after, over: before) > 0
                ? "The search made the \(metric.title) better by more than chance."
                : "The search made the \(metric.title) worse by more than chance: what it learned from was not like what came."
                    + " Keep your settings."
        let choices = Set(searches.map(\.chosen)).count
        let note =
            choices > 1 ? " The searches chose \(choices) different configurations; the last one's is printed." : ""
        return WrappedText.wrap(words + note)
    }
}

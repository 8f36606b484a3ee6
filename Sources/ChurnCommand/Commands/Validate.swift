import ArgumentParser
import ChurnKit

struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Cross-validate a kind of model: in time on a study, by customers on a flat table.",
        usage: "churn validate <study> [options]\n       churn validate <table> --label <column> [options]",
        discussion: """
            On a study: each of the last mature cutoffs is tested by a model of the cutoffs before it whose labels were known by then \
            (rolling origin). `validation` of the study says how many, and options overrule it. Figures are of all predictions \
            together, with intervals of 95 %: customers repeat, so AUC has the clustered form of DeLong's, the others a bootstrap of \
            customers.

            On a flat table: customers are dealt into folds at random, each class evenly. Figures are means over the folds, with the \
            variance that Nadeau and Bengio corrected. Random folds know nothing of time: where rows are of several dates, they flatter.

            Nothing is written to the registry. Everything that learns learns inside the fold.

            Examples:
              churn validate shop/study.yaml
              churn validate shop/study.yaml --model boosted --folds 6 --unseen-customers 5
              churn validate table.csv --label Churn --positive Yes --id customerID --folds 10 --predictions p.csv
            """
    )

    @Argument(help: "The study file, or a flat table.")
    var source: String

    @OptionGroup var folding: FoldOptions

    @Option(
        help: ArgumentHelp("Study: learn from so many of the latest cutoffs only (default: all).", valueName: "cutoffs")
    )
    var window: Int?

    @Option(
        help: ArgumentHelp(
            "Study: how long after its window's end a label is not learned from yet, such as 7d (default: what the study says, or 0d).",
            valueName: "period"
        )
    )
    var embargo: CalendarPeriod?

    @Option(
        help: ArgumentHelp(
            "Study: deal customers into so many groups, and test each by models that did not see it at any cutoff.",
            valueName: "groups"
        )
    )
    var unseenCustomers: Int?

    @Option(help: "Flat table: deal the customers so many times anew (default: 1).")
    var repetitions: Int?

    @Flag(
        help:
            "Flat table: deal customers as they come: the i-th of its class goes into fold i modulo the number of folds."
    )
    var asTheyCome = false

    @OptionGroup var sampling: DrawOptions

    @Option(help: ArgumentHelp("Write the prediction of each tested row to this CSV file.", valueName: "file"))
    var predictions: String?

    @OptionGroup var choice: ModelOptions
    @OptionGroup var features: FeatureOptions
    @OptionGroup(title: "Campaign") var campaign: CampaignOptions
    @OptionGroup var data: DataOptions
    @OptionGroup var format: OutputOptions

    func validate() throws {
        try data.validate(for: source)
        try features.validate(for: source, choice, data, command: "validate")
        try choice.validate(for: source)
        if choice.descent.parent != nil { throw ValidationError("--continue belongs to churn train.") }
        let isStudy = DataSource.isStudy(source)
        try folding.validate(for: source)
        if let window, !(1...1000).contains(window) { throw ValidationError("--window must be from 1 to 1000.") }
        if let unseenCustomers, !(2...100).contains(unseenCustomers) {
            throw ValidationError("--unseen-customers must be from 2 to 100.")
        }
        if let repetitions, !(1...1000).contains(repetitions) {
            throw ValidationError("--repetitions must be from 1 to 1000.")
        }
        let ofStudies: [(String, Bool)] = [
            ("--window", window != nil), ("--embargo", embargo != nil), ("--unseen-customers", unseenCustomers != nil),
        ]
        let ofTables: [(String, Bool)] = [("--repetitions", repetitions != nil), ("--as-they-come", asTheyCome)]
        if let option = (isStudy ? ofTables : ofStudies).first(where: \.1)?.0 {
            throw ValidationError("\(option) belongs to \(isStudy ? "flat tables" : "studies").")
        }
        if asTheyCome, repetitions ?? 1 > 1 {
            throw ValidationError("--as-they-come deals the customers in one way only: no --repetitions.")
        }
    }

    private struct Result: Encodable {
        let model: String
        let scheme: ValidationRows.Scheme
        let rows: Int
        let folds: [CrossValidation.Fold]
        let figures: FigureRows
    }

    func run() throws {
        let source = try data.source(source)
        let written = try predictions.map { path in
            var inputs = [self.source]
            if case .study(let study) = source { inputs = study.inputFiles }
            try AtomicFile.refuse(path, among: inputs)
            return try AtomicFile(path: path)
        }
        let validation =
            switch source {
            case .study(let study): try overTime(study)
            case .table(let table): try atRandom(table)
            }
        if let folds = folding.folds, validation.scheme != .random, validation.folds.count < folds {
            format.note(
                "\(validation.folds.count) of the \(folds) cutoffs can be tested: those before them have none to learn from."
            )
        }
        let estimates = try validation.estimates(draws: sampling.draws, seed: choice.seed, threads: data.threads.count)
        if let written {
            try validation.writeCSV(to: written)
            try written.commit()
        }
        for fold in validation.folds where !fold.status.isTrustworthy {
            format.notes.warn("the fit of fold \(fold.name) is \(fold.status.rawValue); its figures mean little.")
        }
        switch format.format {
        case .json:
            try ResultPrinter.json(
                Result(
                    model: choice.model.rawValue,
                    scheme: validation.scheme,
                    rows: validation.predictionCount,
                    folds: validation.folds,
                    figures: FigureRows(estimates)
                )
            )
        case .csv:
            try ResultPrinter.csv(
                header: ["metric", "value", "low", "high", "method"],
                rows: estimates.map { metric, estimate in
                    [
                        .text(metric.rawValue), .number(estimate.value), .number(estimate.low ?? .nan),
                        .number(estimate.high ?? .nan), .text(estimate.method?.rawValue ?? ""),
                    ]
                }
            )
            try ResultPrinter.flush()
        case .table: try ResultPrinter.text(text(validation, estimates))
        }
        if let predictions {
            format.note("Written: \(predictions), a row for each of \(validation.predictionCount) predictions.")
        }
    }

    private func overTime(_ study: Study) throws -> CrossValidation {
        let rules = folding.rules(study.validation, window: window, embargo: embargo)
        let threads = data.threads.count
        let options = try choice.options(study: study, parent: nil, threads: threads, telling: format.notes)
        let (table, candidate) = try candidate(study, options: options)
        let rows = ValidationRows(
            table,
            rules: rules,
            calendar: study.calendar,
            unseen: unseenCustomers,
            seed: choice.seed
        )
        return try CrossValidation(candidate, on: rows, economics: campaign.economics)
    }

    /// The features that the model takes, and what fits it.
    private func candidate(
        _ study: Study,
        options: TrainingOptions
    ) throws -> (FeatureTable, CrossValidation.Candidate) {
        guard let baseline = choice.model.baseline else {
            return (try features.table(study, data, telling: format.notes), .init(options))
        }
        let history = try data.data(of: study, telling: format.notes)
        try history.requireMatureCutoff()
        let parts = try baseline.parts(on: history, threads: options.threads)
        return (parts.table, .init(options, estimator: parts.estimator))
    }

    private func atRandom(_ table: FlatTable) throws -> CrossValidation {
        let options = try choice.options(
            table: table,
            parent: nil,
            testShare: 0,
            threads: data.threads.count,
            telling: format.notes
        )
        let rows = try ValidationRows(
            table,
            plan: choice.plan(of: table, parent: nil),
            folds: folding.count,
            repetitions: repetitions ?? 1,
            isShuffled: !asTheyCome,
            options: options
        )
        return try CrossValidation(.init(options), on: rows, economics: campaign.economics)
    }

    private func text(
        _ validation: CrossValidation,
        _ estimates: [(metric: Metric, estimate: MetricEstimate)]
    ) -> String {
        var folds = TextTable(headers: [
            "fold", "trained on", "rows", "churned", "AUC", "log loss", "Brier", "slope", "O/E",
        ])
        for fold in validation.folds {
            folds.append(
                [
                    fold.name, NumberText.count(fold.trainingRows), NumberText.count(fold.rows),
                    NumberText.count(fold.churned),
                ]
                    + [Metric.auc, .logLoss, .brier, .calibrationSlope, .observedOverExpected].map {
                        NumberText.decimals(fold.metrics[$0], 4)
                    }
            )
        }
        let isRandom = validation.scheme == .random
        var figures = TextTable(
            headers: [isRandom ? "mean over folds" : "all predictions", "value", "95 % from", "to"]
                + (isRandom ? ["SD"] : [])
        )
        for (metric, estimate) in estimates {
            var cells = [
                metric.title, NumberText.decimals(estimate.value, 4), NumberText.decimals(estimate.low, 4),
                NumberText.decimals(estimate.high, 4),
            ]
            if isRandom { cells.append(NumberText.decimals(validation.spread(of: metric)?.standardDeviation, 4)) }
            figures.append(cells)
        }
        return folds.text + "\n\n" + figures.text
    }
}

extension CalendarPeriod: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

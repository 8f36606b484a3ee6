import ArgumentParser
import ChurnKit

struct Tune: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Search for a model's hyperparameters and features, and say what the choice is worth.",
        usage: "churn tune <study> [options]\n       churn tune <table> --label <column> [options]",
        discussion: """
            The last mature cutoff of a study (or a fold of a table's customers) is kept back. On what trains before it, configurations are \
            cross-validated as churn validate does; the best one is then fitted and tested on what was kept back, beside the model \
            as its options were: the figures are of rows that the search did not see. With --outer-folds several cutoffs are kept back one by \
            one, each with a search of its own.

            Nothing is written to the registry: the command that trains the chosen model is printed. Trials are kept in a file, so that \
            a run that was stopped goes on where it was, and more trials can be added.

            Examples:
              churn tune shop/study.yaml --model boosted --trials 40
              churn tune shop/study.yaml --strategy path --alpha 0.5
              churn tune shop/study.yaml --search l2=0.1:1000 --search windows=30d+90d,30d+90d+365d+all
              churn tune table.csv --label Churn --positive Yes --strategy halving --time-budget 10m
            """
    )

    @Argument(help: "The study file, or a flat table.")
    var source: String

    @Option(
        help: """
            random, configurations drawn from the search space (all of them where they are few); halving, the same on a ninth of the customers \
            first and the best thirds on more; path, the strengths of an elastic net (--alpha) for --model logistic.
            """
    )
    var strategy = Tuning.Strategy.random

    @Option(help: "Configurations, or strengths of a path (default: 30, of a path 50).")
    var trials: Int?

    @Option(
        help: ArgumentHelp(
            "What is searched: an option of the model, or of a study `windows` or `families` (default: what usually matters to the model); can be given"
                + " more than once.",
            valueName: "name=low:high|a,b,…"
        )
    )
    var search: [String] = []

    @Option(
        help: ArgumentHelp(
            "The metric that decides (default: validation.primaryMetric of the study, or logLoss).",
            valueName: "metric"
        )
    )
    var by: Metric?

    @Option(
        help: """
            best, or oneStandardError: the strongest penalty whose figure is within a standard error of the best one (default: best, of a \
            path oneStandardError).
            """
    )
    var rule: Tuning.Rule?

    @OptionGroup var folding: FoldOptions

    @Option(help: "Cutoffs, or folds of customers, that are kept back one by one.")
    var outerFolds = 1

    @Option(
        help: ArgumentHelp(
            "Begin no trial after so long, such as 90s, 10m or 2h; earlier runs count.",
            valueName: "time"
        )
    )
    var timeBudget: TimeBudget?

    @Option(
        help: ArgumentHelp(
            "The file that keeps the trials (default: beside the source, another one for other settings, data or study).",
            valueName: "file"
        )
    )
    var ledger: String?

    @Flag(help: "Keep no trials.")
    var noLedger = false

    @OptionGroup var sampling: DrawOptions

    @OptionGroup var choice: ModelOptions
    @OptionGroup var features: FeatureOptions
    @OptionGroup(title: "Campaign") var campaign: CampaignOptions
    @OptionGroup var data: DataOptions
    @OptionGroup var format: OutputOptions

    // MARK: Checks

    func validate() throws {
        try data.validate(for: source)
        try features.validate(for: source, choice, data, command: "tune")
        try plainChoice.validate(for: source)
        if choice.descent.parent != nil { throw ValidationError("--continue belongs to churn train.") }
        try folding.validate(for: source)
        if !(1...100).contains(outerFolds) { throw ValidationError("--outer-folds must be from 1 to 100.") }
        if !DataSource.isStudy(source), outerFolds > folding.count {
            throw ValidationError(
                "--outer-folds must not be more than the \(folding.count) folds of a table."
            )
        }
        if let trials, !(1...100_000).contains(trials) { throw ValidationError("--trials must be from 1 to 100000.") }
        try by?.requireThatItDecides()
        if noLedger, ledger != nil { throw ValidationError("Name --ledger or --no-ledger, not both.") }
        try validateStrategy()
        try validateSpace()
    }

    private func validateStrategy() throws {
        if strategy == .path {
            guard choice.model == .logistic else { throw ValidationError("--strategy path is of --model logistic.") }
            if !search.isEmpty { throw ValidationError("--strategy path searches the penalty alone: no --search.") }
            let others: [(String, Bool)] = [
                ("--l2", choice.fit.l2 != nil), ("--l1", choice.fit.l1 != nil),
                ("--c", choice.fit.inverseStrength != nil), ("--lambda", choice.fit.lambda != nil),
                ("--firth", choice.fit.firth), ("--class-weight", choice.fit.classWeight != nil),
                ("--penalise-intercept", choice.fit.penaliseIntercept), ("--solver", choice.fit.solver != nil),
                ("--calibrate", choice.calibrate?.method != nil), ("--time-budget", timeBudget != nil),
                ("--tolerance", choice.fit.tolerance != nil), ("--max-iterations", choice.fit.maxIterations != nil),
            ]
            if let option = others.first(where: \.1)?.0 {
                throw ValidationError("\(option) does not go with --strategy path.")
            }
            if let alpha = choice.fit.alpha, !(alpha >= 0.001 && alpha <= 1) {
                throw ValidationError("--alpha must be from 0.001 to 1 with --strategy path.")
            }
        }
        guard chosenRule == .oneStandardError else { return }
        guard strategy == .path || strength != nil else {
            throw ValidationError(
                "--rule oneStandardError needs the strength of one penalty to be searched, and nothing else: --search l2=0.1:1000"
            )
        }
    }

    /// Over time an error is known of some metrics alone.
    private func requireError(of metric: Metric) throws {
        guard chosenRule == .oneStandardError, DataSource.isStudy(source), ![.logLoss, .brier, .auc].contains(metric)
        else { return }
        throw ValidationError(
            "--rule oneStandardError goes with --by logLoss, brier or auc, not with \(metric.rawValue)."
        )
    }

    private func validateSpace() throws {
        guard strategy != .path else { return }
        let space = try space
        if space.dimensions.isEmpty {
            throw ValidationError("--model \(choice.model.rawValue) has nothing that is searched: name it by --search.")
        }
        // What cannot be fitted is told before anything is.
        for configuration in space.probes { try choice.configured(by: configuration).validate(for: source) }
        for name in ["windows", "families"] where space.dimensions.contains(where: { $0.name == name }) {
            if !DataSource.isStudy(source) { throw ValidationError("--search \(name) belongs to studies.") }
            if features.from != nil { throw ValidationError("--search \(name) computes features: no --from.") }
            if choice.model.baseline != nil {
                throw ValidationError(
                    "--model \(choice.model.rawValue) takes features of its own: no --search \(name)."
                )
            }
        }
    }

    // MARK: Run

    func run() throws {
        let source = try data.source(source)
        let threads = data.threads.count
        let prepared =
            switch source {
            case .study(let study): try prepared(study)
            case .table(let table): try prepared(table)
            }
        try requireError(of: prepared.metric)
        var ledger = try openLedger(prepared.identity, source)
        let settings = Tuning.Settings(
            strategy: strategy,
            space: strategy == .path ? SearchSpace([]) : try space,
            trials: trials ?? (strategy == .path ? 50 : 30),
            metric: prepared.metric,
            rule: chosenRule,
            strength: strength,
            alpha: choice.fit.alpha ?? 1,
            outerFolds: outerFolds,
            budget: timeBudget?.seconds,
            seed: choice.seed,
            economics: try campaign.economics,
            threads: threads
        )
        let tuning = try Tuning(prepared.subject, settings, ledger: &ledger) { fold, done, planned in
            format.note("\(fold): \(done) of \(planned) trials")
        }
        let bootstrap = try tuning.bootstrap(
            draws: sampling.draws,
            seed: choice.seed,
            economics: settings.economics,
            threads: threads
        )
        for choice in tuning.choices where choice.isCutShort {
            format.notes.warn("the time was over before all was tried for \(choice.fold).")
        }
        let result = TuningResult(
            tuning,
            bootstrap,
            model: choice.model.rawValue,
            settings: settings,
            command: trainingCommand(tuning.chosen),
            features: Self.studyLines(tuning.chosen)
        )
        try result.print(format.format)
    }

    /// What a source makes of configurations.
    private struct Prepared {
        let subject: Tuning.Subject
        let identity: TuningLedger.Identity
        let metric: Metric
    }

    private func prepared(_ study: Study) throws -> Prepared {
        let rules = folding.rules(study.validation)
        let threads = data.threads.count
        let terms = choice.terms(of: study, telling: format.notes)
        func rows(_ table: FeatureTable) -> ValidationRows {
            ValidationRows(table, rules: rules, calendar: study.calendar, seed: choice.seed)
        }
        var known: [String: ValidationRows] = [:]
        var estimator: (@Sendable (Int) throws -> any ModelEstimator)?
        var (fingerprint, plan) = ("", "")
        var history: StudyData?
        func describe(_ table: FeatureTable) {
            fingerprint = table.dataFingerprint
            plan = (table.plan.featureNames + table.cutoffs.map(\.day.description)).joined(separator: " ")
        }
        if let baseline = choice.model.baseline {
            let data = try data.data(of: study, telling: format.notes)
            try data.requireMatureCutoff()
            let parts = try baseline.parts(on: data, threads: threads)
            estimator = parts.estimator
            describe(parts.table)
            known[""] = rows(parts.table)
        } else if features.from != nil || data.memory.memory != nil {
            let table = try features.table(study, data, telling: format.notes)
            describe(table)
            known[""] = rows(table)
        } else {
            let data = try data.data(of: study, telling: format.notes)
            try data.requireMatureCutoff()
            fingerprint = data.history.dataFingerprint
            plan = (try data.plan().featureNames + data.cutoffs.map(\.day.description)).joined(separator: " ")
            history = data
        }
        func rows(_ configuration: Configuration) throws -> (features: String, rows: ValidationRows) {
            let name = Self.featureSettings.compactMap { configuration.values[$0] }.joined(separator: " ")
            if let found = known[name] { return (name, found) }
            let (windows, families) = try Self.selection(configuration)
            guard let chosen = history?.choosing(windows: windows, families: families) else {
                throw ValidationError(
                    "--memory and --from leave the features as they are: no --search windows or families."
                )
            }
            let made = rows(try chosen.featureTable(plan: chosen.plan(), threads: threads))
            known[name] = made
            return (name, made)
        }
        return Prepared(
            subject: Tuning.Subject(rows: rows) { configuration in
                let options = try configured(configuration)
                    .options(terms, parent: nil, threads: threads, telling: format.notes)
                return CrossValidation.Candidate(options, estimator: estimator)
            },
            identity: identity(fingerprint, studyHash: study.hash, features: plan),
            metric: by ?? Metric(rules.primaryMetric)
        )
    }

    private func prepared(_ table: FlatTable) throws -> Prepared {
        let threads = data.threads.count
        func options(_ configuration: Configuration) throws -> TrainingOptions {
            try configured(configuration)
                .options(table: table, parent: nil, testShare: 0, threads: threads, telling: format.notes)
        }
        let rows = try ValidationRows(
            table,
            plan: choice.plan(of: table, parent: nil),
            folds: folding.count,
            options: options(.none)
        )
        return Prepared(
            subject: Tuning.Subject(
                rows: { _ in ("", rows) },
                candidate: { CrossValidation.Candidate(try options($0)) }
            ),
            identity: identity(table.digest, studyHash: nil, features: table.columnNames.joined(separator: " ")),
            metric: by ?? .logLoss
        )
    }
}

/// A length of time such as `90s`, `10m` or `2h`.
struct TimeBudget: ExpressibleByArgument {
    let seconds: Double

    init?(argument: String) {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
        guard let unit = argument.last.flatMap({ units[$0] }), let count = Double(argument.dropLast()), count > 0,
            count * unit <= 1e9
        else { return nil }
        seconds = count * unit
    }
}

extension Tuning.Strategy: ExpressibleByArgument {}
extension Tuning.Rule: ExpressibleByArgument {}

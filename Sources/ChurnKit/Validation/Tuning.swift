import ChurnEvaluation
import ChurnFeatures
import ChurnModels
import ChurnNumerics
import Foundation

/// A search for hyperparameters on folds of what trains, and what its choice is worth on rows that the search did not see.
///
/// Each outer fold has a search of its own among the rows that train in it (nested validation, Varma and Simon 2006): the figures are
/// of models whose every choice was made without the tested rows. The last fold's choice is the one to take.
public struct Tuning: Sendable {
    public enum Strategy: String, Sendable, Codable, CaseIterable {
        /// Configurations at random, each on all training customers.
        case random
        /// The same on few customers first, the best of them on more.
        case halving
        /// The strengths of an elastic-net penalty from that at which nothing is fitted downwards.
        case path
    }

    public enum Rule: String, Sendable, Codable, CaseIterable {
        case best
        /// The strongest penalty whose figure is within a standard error of the best one's.
        case oneStandardError
    }

    /// A configuration and how its models did on the inner folds.
    public struct Trial: Sendable, Equatable, Codable {
        /// The outer fold.
        public let fold: String
        public let configuration: Configuration
        /// Of the training customers.
        public let share: Double
        /// The deciding metric; `nil` where a fit failed or the metric is undefined.
        public let value: Double?
        public let standardError: Double?
        /// The worst of the fits.
        public let status: FitCertificate.Status?
        public let failure: String?
        /// What it took, of which nothing else depends.
        public let seconds: Double

        /// Whether the configuration may be taken.
        var isSound: Bool { value != nil && status?.isTrustworthy == true }
    }

    /// What an outer fold's search chose.
    public struct Choice: Sendable {
        /// The outer fold.
        public let fold: String
        public let innerFolds: [String]
        /// In the order in which they were asked for.
        public let trials: [Trial]
        public let chosen: Trial
        /// Whether the budget ended the search before all was tried.
        public let isCutShort: Bool
    }

    /// How is searched.
    public struct Settings: Sendable {
        public var strategy: Strategy
        public var space: SearchSpace
        /// Configurations, at most; strengths of a path.
        public var trials: Int
        public var metric: Metric
        public var rule: Rule
        /// A setting of the penalty's strength, for the rule of one standard error; whether more of it is a stronger penalty.
        public var strength: (name: String, isMoreStronger: Bool)?
        /// Of the path's penalty, the share of L1, in (0, 1].
        public var alpha: Double
        public var outerFolds: Int
        /// Seconds after which no further trial begins; `nil` for no bound.
        public var budget: Double?
        public var seed: UInt64
        public var economics: RetentionEconomics
        public var threads: Int

        public init(
            strategy: Strategy,
            space: SearchSpace,
            trials: Int,
            metric: Metric = .logLoss,
            rule: Rule = .best,
            strength: (name: String, isMoreStronger: Bool)? = nil,
            alpha: Double = 1,
            outerFolds: Int = 1,
            budget: Double? = nil,
            seed: UInt64 = 1,
            economics: RetentionEconomics = .standard,
            threads: Int
        ) {
            self.strategy = strategy
            self.space = space
            self.trials = trials
            self.metric = metric
            self.rule = rule
            self.strength = strength
            self.alpha = alpha
            self.outerFolds = outerFolds
            self.budget = budget
            self.seed = seed
            self.economics = economics
            self.threads = threads
        }
    }

    /// What configurations mean.
    public struct Subject {
        /// The rows with the features that a configuration chooses, and a name for that choice: the same for the same rows.
        let rows: (Configuration) throws -> (features: String, rows: ValidationRows)
        let candidate: (Configuration) throws -> CrossValidation.Candidate

        public init(
            rows: @escaping (Configuration) throws -> (features: String, rows: ValidationRows),
            candidate: @escaping (Configuration) throws -> CrossValidation.Candidate
        ) {
            self.rows = rows
            self.candidate = candidate
        }
    }

    /// By outer fold.
    public let choices: [Choice]
    /// The chosen models on the outer folds' tested rows, and those of no choice at all on the same.
    public let tuned: CrossValidation
    public let untuned: CrossValidation

    /// - Parameters:
    ///   - ledger: has the trials that are known; new ones are added to it.
    ///   - tell: hears of each outer fold's trials, how many are known and how many there will be at most.
    /// - Throws: `tooFewCutoffsToTune`, `noTrialSucceeded`, and where a predictor leaks.
    public init(
        _ subject: Subject,
        _ settings: Settings,
        ledger: inout TuningLedger,
        tell: (_ fold: String, _ done: Int, _ planned: Int) -> Void = { _, _, _ in }
    ) throws {
        let plain = try subject.rows(.none).rows
        let outer = try plain.outerFolds(settings.outerFolds)
        try plain.refuseLeaks(in: outer, subject.candidate(.none).options)
        var choices: [Choice] = []
        var (tuned, untuned): ([CrossValidation], [CrossValidation]) = ([], [])
        for fold in outer {
            var search = Search(
                subject: subject,
                settings: settings,
                fold: fold,
                inner: try Self.innerFolds(of: fold, plain),
                budget: settings.budget.map { $0 / Double(outer.count) }
            )
            let choice = try search.choice(&ledger) { done, planned in tell(fold.name, done, planned) }
            choices.append(choice)
            func test(_ configuration: Configuration) throws -> CrossValidation {
                var fits = CrossValidation.Fits(
                    [try subject.candidate(configuration)],
                    isCertified: true,
                    threads: settings.threads
                )
                return try CrossValidation.run(
                    1,
                    on: subject.rows(configuration).rows,
                    folds: [fold],
                    economics: settings.economics,
                    threads: settings.threads
                ) { train, last in fits.models(of: train, lastCutoff: last) }[0].get()
            }
            tuned.append(try test(choice.chosen.configuration))
            untuned.append(try test(.none))
        }
        self.choices = choices
        self.tuned = try CrossValidation(joining: tuned)
        self.untuned = try CrossValidation(joining: untuned)
    }

    /// The configuration to take: the last fold's.
    public var chosen: Configuration { choices.last?.chosen.configuration ?? .none }

    /// Tuned first, untuned second, on the same rows.
    /// - Parameter draws: of customers; positive.
    public func bootstrap(draws: Int, seed: UInt64, economics: RetentionEconomics, threads: Int) throws
        -> CustomerBootstrap
    {
        try CustomerBootstrap(
            [tuned.pooled, untuned.pooled],
            draws: draws,
            seed: seed,
            economics: economics,
            threads: threads
        )
    }

    private static func innerFolds(of fold: ValidationRows.Fold, _ rows: ValidationRows) throws -> [ValidationRows.Fold]
    {
        do {
            return try rows.folds(within: fold)
        } catch EvaluationError.noTrainingCutoff {
            throw WorkflowError.tooFewCutoffsToTune(trainingCutoffs: fold.trainingCutoffs.count, test: fold.name)
        }
    }
}

/// The search of an outer fold.
private struct Search {
    let subject: Tuning.Subject
    let settings: Tuning.Settings
    let fold: ValidationRows.Fold
    let inner: [ValidationRows.Fold]
    /// Seconds.
    let budget: Double?
    private var spent = 0.0

    init(
        subject: Tuning.Subject,
        settings: Tuning.Settings,
        fold: ValidationRows.Fold,
        inner: [ValidationRows.Fold],
        budget: Double?
    ) {
        self.subject = subject
        self.settings = settings
        self.fold = fold
        self.inner = inner
        self.budget = budget
    }

    private var isSpent: Bool { budget.map { spent >= $0 } ?? false }

    mutating func choice(
        _ ledger: inout TuningLedger,
        tell: (_ done: Int, _ planned: Int) -> Void
    ) throws -> Tuning.Choice {
        var trials: [Tuning.Trial] = []
        var last: [Tuning.Trial]
        var isCutShort = false
        switch settings.strategy {
        case .random:
            let asked = settings.space.configurations(settings.trials, seed: settings.seed)
            last = try tried(asked, share: 1, isFirst: true, &ledger) { tell($0, asked.count) }
            trials = last
            isCutShort = last.count < asked.count
        case .halving:
            var asked = settings.space.configurations(settings.trials, seed: settings.seed)
            let rounds = SuccessiveHalving(candidates: asked.count).rounds
            let planned = rounds.reduce(0) { $0 + $1.candidates }
            last = []
            for round in rounds {
                asked = Array(asked.prefix(round.candidates))
                let done = trials.count
                let found = try tried(asked, share: round.share, isFirst: last.isEmpty, &ledger) {
                    tell(done + $0, planned)
                }
                trials += found
                isCutShort = found.count < asked.count
                // A round that was not gone through says nothing of those that it left out.
                if isCutShort, !last.isEmpty { break }
                last = found
                asked = ranked(found).map(\.configuration)
                if isCutShort || asked.isEmpty { break }
            }
        case .path:
            last = try path(&ledger)
            trials = last
            tell(last.count, last.count)
        }
        guard let chosen = chosen(among: last) else {
            let words = trials.compactMap(\.failure).first ?? trials.compactMap(\.status).first?.rawValue
            throw WorkflowError.noTrialSucceeded(first: words ?? "\(settings.metric.title) is undefined")
        }
        return Tuning.Choice(
            fold: fold.name,
            innerFolds: inner.map(\.name),
            trials: trials,
            chosen: chosen,
            isCutShort: isCutShort
        )
    }

    // MARK: Choosing

    /// Sound trials, the best one first, those asked for earlier before their equals.
    private func ranked(_ trials: [Tuning.Trial]) -> [Tuning.Trial] {
        let sound = trials.filter(\.isSound)
        return sound.indices.sorted { first, second in
            let gain = settings.metric.advantage(of: sound[first].value ?? 0, over: sound[second].value ?? 0)
            return gain == 0 ? first < second : gain > 0
        }.map { sound[$0] }
    }

    private func chosen(among trials: [Tuning.Trial]) -> Tuning.Trial? {
        let ranked = ranked(trials)
        guard let best = ranked.first, settings.rule == .oneStandardError, let strength = settings.strength,
            let value = best.value, let error = best.standardError
        else { return ranked.first }
        func isNear(_ trial: Tuning.Trial) -> Bool {
            settings.metric.advantage(of: value, over: trial.value ?? .infinity) <= error
        }
        func penalty(_ trial: Tuning.Trial) -> Double {
            let number = trial.configuration.values[strength.name].flatMap { Double($0) } ?? 0
            return strength.isMoreStronger ? number : -number
        }
        return ranked.filter(isNear).max { penalty($0) < penalty($1) }
    }

    // MARK: Trying

    /// The trials of some configurations, as far as the budget goes: from the ledger, or made now and entered there.
    /// - Parameter isFirst: whether nothing was tried before, so that something must be.
    private mutating func tried(
        _ configurations: [Configuration],
        share: Double,
        isFirst: Bool,
        _ ledger: inout TuningLedger,
        tell: (Int) -> Void
    ) throws -> [Tuning.Trial] {
        var known = known(ledger, share: share)
        spent += configurations.compactMap { known[$0]?.seconds }.reduce(0, +)
        var unknown = configurations.filter { known[$0] == nil }[...]
        while !unknown.isEmpty, !isSpent || isFirst && known.isEmpty {
            // As many at once as there are threads; which are in one batch does not matter to any.
            let batch = Array(unknown.prefix(settings.threads))
            unknown = unknown.dropFirst(batch.count)
            let trials = try made(batch, share: share, since: ContinuousClock.now)
            spent += trials.reduce(0) { $0 + $1.seconds }
            try ledger.append(trials)
            for trial in trials { known[trial.configuration] = trial }
            tell(configurations.count - unknown.count)
        }
        return configurations.compactMap { known[$0] }
    }

    /// The ledger's trials of the fold.
    private func known(_ ledger: TuningLedger, share: Double) -> [Configuration: Tuning.Trial] {
        let trials = ledger.trials.filter { $0.fold == fold.name && $0.share == share }
        return Dictionary(trials.map { ($0.configuration, $0) }) { first, _ in first }
    }

    /// The trials of some configurations, made together where they have the same features.
    private func made(
        _ configurations: [Configuration],
        share: Double,
        since start: ContinuousClock.Instant
    ) throws -> [Tuning.Trial] {
        var byFeatures: [(features: String, rows: ValidationRows, members: [Configuration])] = []
        for configuration in configurations {
            let (features, rows) = try subject.rows(configuration)
            if let place = byFeatures.firstIndex(where: { $0.features == features }) {
                byFeatures[place].members.append(configuration)
            } else {
                byFeatures.append((features, rows, [configuration]))
            }
        }
        var results: [Configuration: Result<CrossValidation, any Error>] = [:]
        for (_, rows, members) in byFeatures {
            var fits = CrossValidation.Fits(try members.map(subject.candidate), threads: settings.threads)
            let validated = try CrossValidation.run(
                members.count,
                on: rows,
                folds: inner,
                share: share,
                economics: settings.economics,
                threads: settings.threads
            ) { train, last in fits.models(of: train, lastCutoff: last) }
            for (member, result) in zip(members, validated) { results[member] = result }
        }
        let seconds = (ContinuousClock.now - start).inSeconds / Double(configurations.count)
        return try configurations.map { configuration in
            guard let result = results[configuration] else { preconditionFailure("every configuration was tried") }
            return try trial(configuration, share: share, result, seconds: seconds)
        }
    }

    /// - Throws: what is no failure of the model.
    private func trial(
        _ configuration: Configuration,
        share: Double,
        _ result: Result<CrossValidation, any Error>,
        seconds: Double
    ) throws -> Tuning.Trial {
        let validation: CrossValidation
        do {
            validation = try result.get()
        } catch let error as ModelError {
            return Tuning.Trial(
                fold: fold.name,
                configuration: configuration,
                share: share,
                value: nil,
                standardError: nil,
                status: nil,
                failure: "\(error)",
                seconds: seconds
            )
        }
        let value = validation.value(of: settings.metric).flatMap { $0.isFinite ? $0 : nil }
        return Tuning.Trial(
            fold: fold.name,
            configuration: configuration,
            share: share,
            value: value,
            standardError: validation.standardError(of: settings.metric).flatMap { $0.isFinite ? $0 : nil },
            status: validation.worstStatus,
            failure: nil,
            seconds: seconds
        )
    }

    // MARK: Path

    private static let setting = "lambda"

    /// The trials of a whole path, whose fits follow each other: all at once, or none.
    private mutating func path(_ ledger: inout TuningLedger) throws -> [Tuning.Trial] {
        let rows = try subject.rows(.none).rows
        let candidate = try subject.candidate(.none)
        guard let specification = candidate.options.estimator as? FittedPipeline.Specification else {
            preconditionFailure("a path is of logistic regressions")
        }
        let path = try LogisticPath(alpha: settings.alpha, count: settings.trials, smallestRatio: Self.smallestRatio)
        let own = try FittedPipeline.lambdas(
            rows.selecting(fold.parts[0].train, threads: settings.threads),
            specification,
            path,
            threads: settings.threads
        )
        var configurations: [Configuration] = []
        for lambda in own {
            let next = Configuration([Self.setting: SearchSpace.text(lambda)])
            if next != configurations.last { configurations.append(next) }
        }
        let known = known(ledger, share: 1)
        let trials = configurations.compactMap { known[$0] }
        if trials.count == configurations.count, known.count == trials.count { return trials }
        let start = ContinuousClock.now
        let lambdas = configurations.compactMap { $0.values[Self.setting].flatMap { Double($0) } }
        let validated = try CrossValidation.run(
            lambdas.count,
            on: rows,
            folds: inner,
            economics: settings.economics,
            threads: settings.threads
        ) { train, _ in
            let found = try FittedPipeline.path(
                train,
                specification,
                path,
                lambdas: lambdas,
                threads: settings.threads
            )
            return lambdas.indices.map { number in
                // Where the path broke off, smaller penalties are without an optimum that was found.
                number < found.count
                    ? .success(CalibratedModel(found[number]))
                    : .failure(ModelError.diverged(advice: "raise the penalty"))
            }
        }
        let seconds = (ContinuousClock.now - start).inSeconds / Double(max(1, lambdas.count))
        let made = try zip(configurations, validated).map { configuration, result in
            try trial(configuration, share: 1, result, seconds: seconds)
        }
        // Those of a path with other strengths began elsewhere: one fit goes on from the one before it.
        try ledger.replace(fold: fold.name, by: made)
        return made
    }

    private static let smallestRatio = 1e-4
}

extension Duration {
    fileprivate var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

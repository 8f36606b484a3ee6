import ChurnEvaluation
import ChurnFeatures
import ChurnHistory
import ChurnModels
import ChurnRegistry
import ChurnScoring
import Foundation

/// What became of customers who were scored: past runs of a model whose labels are known by now.
///
/// The ledger has no customer: the scores are computed again, from events before their cutoff alone, and held against the run's digest.
public struct Backtest: Sendable, Codable {
    /// A run of which it is known who churned.
    public struct Outcome: Sendable, Codable, Equatable {
        public let run: Int
        public let asOf: String
        public let version: Int
        public let customers: Int
        public let churned: Int
        /// `nil` where all or none churned.
        public let auc: Double?
        /// 95 %, DeLong.
        public let aucInterval: ConfidenceInterval?
        /// The sum of the probabilities.
        public let expected: Double
        /// Of the tenth with the highest scores; `nil` where nobody churned.
        public let lift10: Double?
        /// How many standard errors more churned than expected, were the probabilities right and customers independent.
        public let calibrationZ: Double?
        /// Whether the scores are those of the run to the bit; `nil` where the run's digest cannot tell, since it has pseudonyms.
        public let isReproduced: Bool?
    }

    /// By cutoff, the newest last.
    public let outcomes: [Outcome]
    /// Cutoffs of runs whose labels are not known yet.
    public let immature: Int

    /// Cutoffs that are looked at, the newest.
    static let mostCutoffs = 26
    /// Days between one and the next: those of neighbouring days have nearly the same label windows.
    static let spacing = 7

    /// - Parameters:
    ///   - name: of the model, whose runs on this study are looked at, of whatever version.
    ///   - threads: positive; the result does not depend on it.
    public init(of name: ModelName, in registry: ModelRegistry, on data: StudyData, threads: Int) throws {
        let source = AtomicFile.absolute(data.study.path)
        let runs = try RunLedger(registry: registry).newest(.max, at: Date()) { run in
            run.start.model == name.text && run.start.source == source && run.end?.outcome == .done
                && run.start.asOf != nil
        }
        // Of each cutoff the newest run.
        var byDay: [CalendarDay: ScoringRun] = [:]
        for run in runs {
            guard let day = run.start.asOf.flatMap({ CalendarDay($0) }), byDay[day] == nil else { continue }
            byDay[day] = run
        }
        var chosen: [(cutoff: Cutoff, run: ScoringRun)] = []
        var immature = 0
        for (day, run) in byDay.sorted(by: { $0.key > $1.key }) {
            let cutoff = Cutoff(
                day: day,
                churn: data.study.churn,
                calendar: data.study.calendar,
                observedUntil: data.history.observedUntil
            )
            guard cutoff.isMature else {
                immature += 1
                continue
            }
            if let last = chosen.last, last.cutoff.day.number - day.number < Self.spacing { continue }
            if chosen.count < Self.mostCutoffs { chosen.append((cutoff, run)) }
        }
        self.immature = immature
        var outcomes: [Outcome] = []
        for (version, group) in Dictionary(grouping: chosen, by: \.run.start.version).sorted(by: { $0.key < $1.key }) {
            guard let model = try Self.model(name, version, registry) else { continue }
            outcomes += try Self.outcomes(model, group.sorted { $0.cutoff.instant < $1.cutoff.instant }, data, threads)
        }
        self.outcomes = outcomes.sorted { $0.asOf < $1.asOf }
    }

    /// A version; `nil` where it was deleted since.
    private static func model(
        _ name: ModelName,
        _ version: Int,
        _ registry: ModelRegistry
    ) throws(RegistryError) -> StoredModel? {
        do throws(RegistryError) {
            return try StoredModel(
                contents: registry.contents(name, version: version),
                path: "\(registry.path)/\(name)@\(version)"
            )
        } catch {
            switch error {
            case .gone, .noSuchVersion: return nil
            default: throw error
            }
        }
    }

    private static func outcomes(
        _ model: StoredModel,
        _ chosen: [(cutoff: Cutoff, run: ScoringRun)],
        _ data: StudyData,
        _ threads: Int
    ) throws -> [Outcome] {
        let table = try data.featureTable(plan: model.featurePlan, cutoffs: chosen.map(\.cutoff), threads: threads)
        return try chosen.enumerated().compactMap { number, chosen in
            let rows = table.rows(ofCutoffs: [number])
            if rows.isEmpty { return nil }
            let scores = try ScoreTable(
                model: model.model,
                predictors: table.predictors(rows: rows),
                customers: rows.map { table.customers[$0] },
                asOf: chosen.cutoff.day.description,
                keepsContributions: chosen.run.start.contributions,
                threads: threads
            )
            let start = chosen.run.start
            return try Outcome(
                scores,
                labels: rows.map { table.labels[$0] == 1 },
                run: chosen.run.number,
                version: start.version,
                isReproduced: start.pseudonymKey == nil ? chosen.run.end?.scores?.digest == scores.digest : nil
            )
        }
    }
}

extension Backtest.Outcome {
    /// - Parameter labels: one a row of the scores: whether the customer churned.
    public init(_ scores: ScoreTable, labels: [Bool], run: Int, version: Int, isReproduced: Bool? = nil) throws {
        let predictions = try Predictions(labels: labels, scores: scores.probabilities)
        let hasBoth = predictions.positives > 0 && predictions.positives < labels.count
        let estimate = hasBoth ? try DeLong.estimate(predictions) : nil
        let variance = scores.probabilities.reduce(0) { $0 + $1 * (1 - $1) }
        self.run = run
        asOf = scores.asOf ?? ""
        self.version = version
        customers = labels.count
        churned = predictions.positives
        auc = estimate?.auc
        aucInterval = estimate?.interval
        expected = scores.probabilities.reduce(0, +)
        lift10 = BinaryClassificationMetrics(of: predictions).lift.top10
        calibrationZ = variance > 0 ? (Double(churned) - expected) / variance.squareRoot() : nil
        self.isReproduced = isReproduced
    }
}

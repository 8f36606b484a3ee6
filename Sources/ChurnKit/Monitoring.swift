import ChurnEvaluation
import ChurnFeatures
import ChurnHistory
import ChurnModels
import ChurnRegistry
import ChurnScoring
import Foundation

/// Whether a model that is in use still fits the world: how far its customers have moved since training, and what became of those whom it
/// has scored.
public struct Monitoring: Sendable, Codable {
    /// What speaks for another look, or for training again.
    public enum Evidence: Sendable, Codable, Equatable {
        /// The scores lie further from training's than its own cutoffs and chance explain.
        case scoresHaveMoved(stabilityIndex: Double, threshold: Double)
        /// So do predictors that the model uses: those that move the mean customer most, and how many there are.
        case predictorsHaveMoved(names: [String], count: Int)
        /// A predictor that the model uses lost its values, or has texts that training did not know.
        case valuesAreMissing(predictor: String, inTraining: Double, now: Double)
        case textsAreUnknown(predictor: String, share: Double)
        /// Customers who churned are told from others worse than in the test at training.
        case rankingHasFallen(asOf: String, auc: Double, inTest: Double)
        /// More or fewer churned than the probabilities say.
        case probabilitiesAreOff(asOf: String, expected: Double, churned: Int)

        /// Whether the model is known to be worse, and labels that it could learn from are there.
        public var isLoss: Bool {
            switch self {
            case .rankingHasFallen, .probabilitiesAreOff: true
            case .scoresHaveMoved, .predictorsHaveMoved, .valuesAreMissing, .textsAreUnknown: false
            }
        }
    }

    public let asOf: String
    public let drift: DriftReport
    public let backtest: Backtest
    public let evidence: [Evidence]
    /// The day from which labels of customers scored at `asOf` are known.
    public let labelsKnownFrom: String

    public var suggestsTraining: Bool { evidence.contains(where: \.isLoss) }

    /// Predictors that are named.
    private static let named = 3
    /// Shares of rows by which missing values and unknown texts must have grown.
    private static let missingGrowth = 0.05
    /// Runs with known labels that must agree.
    private static let judgedRuns = 2
    /// Of a normal distribution, one-sided: one look in a thousand.
    private static let criticalZ = 3.09
    private static let smallestLoss = 0.02

    /// - Parameters:
    ///   - version: of the model, whose own runs alone tell whether it has become worse.
    ///   - level: of the stability index, below which nothing has moved.
    ///   - threads: positive; the result does not depend on it.
    public init(
        _ model: StoredModel,
        name: ModelName,
        version: Int,
        registry: ModelRegistry,
        on data: StudyData,
        asOf day: CalendarDay,
        level: Double = 0.1,
        threads: Int
    ) throws {
        let scoring = ModelScoring(model, on: .study(data, asOf: day), threads: threads)
        let rows = try scoring.rows()
        drift = try DriftReport(
            model,
            predictors: rows.predictors,
            probabilities: model.model.probabilities(rows.predictors, threads: threads),
            level: level,
            threads: threads
        )
        backtest = try Backtest(of: name, in: registry, on: data, threads: threads)
        asOf = day.description
        labelsKnownFrom = data.study.calendar.day(of: try data.scoringCutoff(asOf: day).labelEnd).description
        let own = backtest.outcomes.filter { $0.version == version }
        evidence = Self.evidence(drift) + Self.evidence(own, since: model.training)
    }

    /// What drift alone tells.
    public static func evidence(_ drift: DriftReport) -> [Evidence] {
        var evidence: [Evidence] = []
        if drift.scores.hasMoved {
            evidence.append(
                .scoresHaveMoved(stabilityIndex: drift.scores.stabilityIndex, threshold: drift.scores.threshold)
            )
        }
        let used = drift.moved.filter { $0.impact != 0 }
        if !used.isEmpty {
            evidence.append(.predictorsHaveMoved(names: used.prefix(named).map(\.name), count: used.count))
        }
        for predictor in used {
            if predictor.missing - predictor.missingInTraining > missingGrowth {
                evidence.append(
                    .valuesAreMissing(
                        predictor: predictor.name,
                        inTraining: predictor.missingInTraining,
                        now: predictor.missing
                    )
                )
            }
            if predictor.unseen > missingGrowth {
                evidence.append(.textsAreUnknown(predictor: predictor.name, share: predictor.unseen))
            }
        }
        return evidence
    }

    /// What the newest runs tell whose labels are known: two, so that one week in which chance or a season went too far is no evidence.
    /// - Parameters:
    ///   - outcomes: of one version, the newest last.
    ///   - training: without a test, ranking cannot be compared.
    public static func evidence(_ outcomes: [Backtest.Outcome], since training: TrainingRecord) -> [Evidence] {
        let test = training.metrics.test
        let fine = fineCalibration(training)
        let judged = outcomes.suffix(judgedRuns)
        guard let newest = judged.last else { return [] }
        var evidence: [Evidence] = []
        if let auc = newest.auc, let inTest = test?.auc,
            judged.allSatisfy({ hasFallen($0, below: test) })
        {
            evidence.append(.rankingHasFallen(asOf: newest.asOf, auc: auc, inTest: inTest))
        }
        if judged.allSatisfy({
            isOff($0, fine) && ($0.expected > Double($0.churned)) == (newest.expected > Double(newest.churned))
        }) {
            evidence.append(.probabilitiesAreOff(asOf: newest.asOf, expected: newest.expected, churned: newest.churned))
        }
        return evidence
    }

    private static func hasFallen(_ outcome: Backtest.Outcome, below test: BinaryClassificationMetrics?) -> Bool {
        guard let auc = outcome.auc, let interval = outcome.aucInterval, let test, let inTest = test.auc else {
            return false
        }
        let own = (interval.upper - interval.lower) / (2 * 1.96)
        let error = (own * own + variance(ofAUC: inTest, positives: test.positives, rows: test.rows)).squareRoot()
        return inTest - auc > max(smallestLoss, criticalZ * error)
    }

    private static func isOff(_ outcome: Backtest.Outcome, _ fine: ClosedRange<Double>) -> Bool {
        guard let z = outcome.calibrationZ else { return false }
        return abs(z) > criticalZ && !fine.contains(outcome.expected / Double(outcome.churned))
    }

    /// Expected over observed that is fine however many customers there are: by a quarter beyond what training's own cutoffs were off, as by
    /// seasons.
    private static func fineCalibration(_ training: TrainingRecord) -> ClosedRange<Double> {
        let ratios = (training.byCutoff ?? []).compactMap { $0.churned > 0 ? $0.expected / Double($0.churned) : nil }
        return min(1, ratios.min() ?? 1) / 1.25...max(1, ratios.max() ?? 1) * 1.25
    }

    /// The variance of an AUC of which nothing but the numbers of rows is known (Hanley and McNeil, Radiology 143, 1982).
    private static func variance(ofAUC auc: Double, positives: Int, rows: Int) -> Double {
        let (n, m) = (Double(positives), Double(rows - positives))
        guard n > 0, m > 0 else { return .infinity }
        let q1 = auc / (2 - auc)
        let q2 = 2 * auc * auc / (1 + auc)
        return (auc * (1 - auc) + (n - 1) * (q1 - auc * auc) + (m - 1) * (q2 - auc * auc)) / (n * m)
    }
}

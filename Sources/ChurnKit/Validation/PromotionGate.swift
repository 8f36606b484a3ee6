import ChurnEvaluation
import ChurnFeatures
import ChurnHistory
import ChurnModels
import ChurnRegistry

/// Whether a challenger may take the champion's place: both are looked at on rows that neither has seen.
public struct PromotionGate: Sendable, Encodable {
    /// Why it may not.
    public enum Refusal: Sendable, Equatable, Encodable {
        /// A predictor tells the label almost perfectly, and nobody said that it was known in time.
        case leak(String)
        /// The challenger's figure is worse by more than the margin, and not by chance.
        case worse(metric: Metric, by: Double, low: Double, high: Double)
        /// Its loss is infinite, and the champion's is not.
        case unboundedLoss(metric: Metric)
        /// An interval lies wholly outside of what can be borne.
        case miscalibrated(metric: Metric, low: Double, high: Double)
        /// Too little is known.
        case insufficientEvidence(String)
    }

    public let refusals: [Refusal]
    /// Of the rows that were looked at; 0 where there are none.
    public let rows: Int
    public let churned: Int
    public let cutoffs: [String]
    /// The challenger's primary metric less the champion's.
    public let difference: MetricEstimate?
    /// The primary metric with the challenger's value and the champion's.
    public let primary: (metric: Metric, challenger: Double, champion: Double)?

    private enum CodingKeys: String, CodingKey { case refusals, rows, churned, cutoffs, difference }

    public var allows: Bool { refusals.isEmpty }

    /// Within which the calibration slope and observed over expected may lie.
    public static let bearable = 0.8...1.25
    /// Customers who left, and who stayed, without which there is no evidence.
    public static let leastOfClass = 30

    /// What may be worse, and by how much.
    public struct Rules: Sendable {
        public let primaryMetric: Metric
        /// Not negative.
        public let margin: Double

        public static let standard = Rules(primaryMetric: .logLoss, margin: 0)

        public init(primaryMetric: Metric, margin: Double) {
            self.primaryMetric = primaryMetric
            self.margin = margin
        }

        public init(_ rules: ValidationRules) {
            self.init(primaryMetric: Metric(rules.primaryMetric), margin: rules.margin)
        }
    }

    /// - Parameters:
    ///   - challenger: first of the rows' models; the champion is the second.
    public init(
        challenger: StoredModel,
        on rows: UnseenRows,
        rules: Rules,
        economics: RetentionEconomics = .standard,
        draws: Int = CustomerBootstrap.standardDraws,
        seed: UInt64 = 1,
        threads: Int
    ) throws {
        precondition(rows.predictions.count == 2, "there are a challenger and a champion")
        self.rows = rows.count
        churned = rows.labels.count { $0 }
        cutoffs = rows.cutoffs
        let customers = rows.customersOfClasses
        guard rows.kind != .heldOutOfSome else {
            (difference, primary) = (nil, nil)
            refusals = [.insufficientEvidence("one of the two may have learned from rows that the other kept back")]
            return
        }
        guard min(customers.churned, customers.stayed) >= Self.leastOfClass else {
            (difference, primary) = (nil, nil)
            let words = "\(customers.churned) customers churned in the unseen rows and \(customers.stayed) stayed;"
            refusals = [.insufficientEvidence("\(words) \(Self.leastOfClass) of each kind are needed")]
            return
        }
        let allowed = challenger.training.allowedLeaks ?? []
        let leaks = LeakingPredictor.find(in: rows.predictors[0], labels: rows.labels, threads: threads)
        var refusals = leaks.filter { !allowed.contains($0.name) }.map { Refusal.leak($0.description) }
        let bootstrap = try rows.bootstrap(draws: draws, seed: seed, economics: economics, threads: threads)
        let metric = rules.primaryMetric
        primary = bootstrap.values[0][metric].flatMap { own in
            bootstrap.values[1][metric].map { (metric, own, $0) }
        }
        let found = bootstrap.difference(metric, 0, 1)?.estimate
        difference = found.flatMap { $0.value.isFinite ? $0 : nil }
        if let value = found?.value, value.isInfinite {
            // A loss without bound: a row of which the model was certain and that it got wrong.
            if metric.advantage(of: value, over: 0) < 0 {
                refusals.append(.unboundedLoss(metric: metric))
            }
        } else if let difference, let low = difference.low, let high = difference.high {
            let isWorse = metric.aim == .low ? low > 0 : high < 0
            if isWorse, abs(difference.value) > rules.margin {
                refusals.append(.worse(metric: metric, by: abs(difference.value), low: low, high: high))
            }
        } else {
            refusals.append(.insufficientEvidence("\(metric.title) has no interval on the unseen rows"))
        }
        for metric in [Metric.calibrationSlope, .observedOverExpected] {
            guard let estimate = bootstrap.estimate(metric, ofModel: 0), let low = estimate.low,
                let high = estimate.high
            else {
                refusals.append(.insufficientEvidence("\(metric.title) has no interval on the unseen rows"))
                continue
            }
            if high < Self.bearable.lowerBound || low > Self.bearable.upperBound {
                refusals.append(.miscalibrated(metric: metric, low: low, high: high))
            }
        }
        self.refusals = refusals
    }

    /// Nothing could be looked at.
    public init(unknownBecause reason: String) {
        refusals = [.insufficientEvidence(reason)]
        rows = 0
        churned = 0
        cutoffs = []
        (difference, primary) = (nil, nil)
    }
}

extension PromotionGate.Refusal: CustomStringConvertible {
    public var description: String {
        func text(_ value: Double) -> String { "\((value * 1e4).rounded() / 1e4)" }
        switch self {
        case .leak(let words): return "a predictor knows the outcome: \(words)"
        case .unboundedLoss(let metric):
            return "its \(metric.title) is infinite, and the champion's is not: it was certain of a row and wrong"
        case .worse(let metric, let by, let low, let high):
            return
                "its \(metric.title) is worse than the champion's by \(text(by)) (difference \(text(low)) to \(text(high)))"
        case .miscalibrated(let metric, let low, let high):
            return
                "its \(metric.title) is from \(text(low)) to \(text(high)), outside of \(PromotionGate.bearable.lowerBound) to"
                + " \(PromotionGate.bearable.upperBound)"
        case .insufficientEvidence(let words): return "there is not enough evidence: \(words)"
        }
    }
}

extension Metric {
    /// What decides between models by a study's rules.
    public init(_ primary: ValidationRules.PrimaryMetric) {
        self =
            switch primary {
            case .logLoss: .logLoss
            case .auc: .auc
            case .brier: .brier
            case .averagePrecision: .averagePrecision
            case .expectedMaximumProfit: .expectedMaximumProfit
            }
    }
}

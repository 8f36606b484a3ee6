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

    public var allows: Bool { refusals.isEmpty }

    /// Within which the calibration slope and observed over expected may lie.
    public static let bearable = 0.8...1.25
    /// Rows of each class without which there is no evidence.
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
            self.init(
                primaryMetric: Metric(rawValue: rules.primaryMetric.rawValue) ?? .logLoss,
                margin: rules.margin
            )
        }
    }

    /// - Parameters:
    ///   - challenger: first of the rows' models; the champion is the second.
    public init(
        challenger: StoredModel,
        on rows: UnseenRows,
        rules: Rules,
        draws: Int = CustomerBootstrap.standardDraws,
        seed: UInt64 = 1,
        threads: Int
    ) throws {
        precondition(rows.predictions.count == 2, "there are a challenger and a champion")
        self.rows = rows.count
        churned = rows.labels.count { $0 }
        cutoffs = rows.cutoffs
        guard min(churned, rows.count - churned) >= Self.leastOfClass else {
            difference = nil
            refusals = [
                .insufficientEvidence(
                    "\(churned) of \(rows.count) unseen rows churned; \(Self.leastOfClass) of each kind are needed"
                )
            ]
            return
        }
        let allowed = challenger.training.allowedLeaks ?? []
        let leaks = LeakingPredictor.find(in: rows.predictors[0], labels: rows.labels, threads: threads)
        var refusals = leaks.filter { !allowed.contains($0.name) }.map { Refusal.leak($0.description) }
        let bootstrap = try rows.bootstrap(draws: draws, seed: seed, threads: threads)
        let metric = rules.primaryMetric
        difference = bootstrap.difference(metric, 0, 1)?.estimate
        if let difference, let low = difference.low, let high = difference.high {
            let isWorse = metric.aim == .low ? low > 0 : high < 0
            if isWorse, abs(difference.value) > rules.margin {
                refusals.append(.worse(metric: metric, by: abs(difference.value), low: low, high: high))
            }
        } else {
            refusals.append(.insufficientEvidence("\(metric.title) is undefined on the unseen rows"))
        }
        for metric in [Metric.calibrationSlope, .observedOverExpected] {
            guard let estimate = bootstrap.estimate(metric, ofModel: 0), let low = estimate.low,
                let high = estimate.high
            else {
                refusals.append(.insufficientEvidence("\(metric.title) is undefined on the unseen rows"))
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
        difference = nil
    }
}

extension PromotionGate.Refusal: CustomStringConvertible {
    public var description: String {
        func text(_ value: Double) -> String { "\((value * 1e4).rounded() / 1e4)" }
        switch self {
        case .leak(let words): return "a predictor knows the outcome: \(words)"
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

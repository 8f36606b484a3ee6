/// How well scores tell positives from negatives, and how well they are calibrated.
///
/// With weights w, a row counts as w rows; below, P and N are the weights of all positives and negatives and n = P + N.
/// A metric that is undefined is `nil`, and null in JSON; no metric is ever NaN.
public struct BinaryClassificationMetrics: Sendable, Equatable {
    /// Rows that were evaluated, whatever their weights.
    public let rows: Int
    /// Those of them whose label is positive.
    public let positives: Int
    /// Rows left out because they have no label.
    public let skipped: Int

    /// P / n.
    public let baseRate: Double?

    /// Area under the ROC curve: the probability that a positive scores higher than a negative, ties counting half
    /// (Hanley, McNeil 1982). Undefined unless both classes are there.
    public let auc: Double?

    /// Σ (R_i - R_{i-1}) P_i over the distinct scores in descending order, with precision P_i and recall R_i of the
    /// rows at or above score i: the step-wise area, not interpolated (scikit-learn's `average_precision_score`).
    /// Undefined without positives.
    public let averagePrecision: Double?

    /// -1/n Σ w [y log p + (1-y) log(1-p)], natural logarithm, never clipped: a probability of exactly 0 for a
    /// positive or 1 for a negative makes it infinite. JSON has no infinity, so it is null there too. Undefined unless
    /// every score is in [0, 1].
    public let logLoss: Double?

    /// 1/n Σ w (p - y)² (Brier 1950). Undefined unless every score is in [0, 1].
    public let brier: Double?

    /// The largest |TPR - FPR| over the distinct scores (Kolmogorov, Smirnov). Undefined unless both classes are there.
    public let ks: Double?

    /// Expected calibration error: Σ_b n_b/n |mean y - mean p| over ten equal-width bins [b/10, (b+1)/10), the last
    /// one closed (Naeini, Cooper, Hauskrecht 2015). Undefined unless every score is in [0, 1].
    public let ece: Double?

    /// The rate of positives among the k rows with the highest scores, over `baseRate`.
    ///
    /// k is n times 5, 10 or 20 %, rounded half up, and at least 1. Rows tied at the cut count with their group's rate
    /// of positives. With weights, k is exactly that share of the weight, and the row at the cut counts in part: a
    /// depth is the one thing in which a row of weight 2 is not always the same as two rows. Undefined without
    /// positives.
    public let lift: DepthValues

    /// The share of all positives that are among those k rows. Undefined without positives.
    public let recall: DepthValues

    /// Ranking figures of one set of scores with probability figures of another, for the same rows: scores that were
    /// turned round keep their order exactly as -s, and are probabilities only as 1 - s, which rounds.
    public init(ranking: BinaryClassificationMetrics, probabilities: BinaryClassificationMetrics) {
        rows = ranking.rows
        positives = ranking.positives
        skipped = ranking.skipped
        baseRate = ranking.baseRate
        auc = ranking.auc
        averagePrecision = ranking.averagePrecision
        ks = ranking.ks
        lift = ranking.lift
        recall = ranking.recall
        logLoss = probabilities.logLoss
        brier = probabilities.brier
        ece = probabilities.ece
    }

    /// One sort by score and one pass: linear in the rows, and 32 bytes of memory a row while it runs.
    ///
    /// - Parameter skipped: rows that the caller left out because they have no label; must not be negative.
    public init(of predictions: Predictions, skipped: Int = 0) {
        precondition(skipped >= 0, "skipped must not be negative")
        self.init(predictions, TieGroups(predictions), isWeighted: predictions.weights != nil, skipped: skipped)
    }

    /// - Parameters:
    ///   - groups: of the predictions, with their weights or others.
    ///   - isWeighted: whether depths are shares of the weight rather than numbers of rows.
    init(_ predictions: Predictions, _ groups: consuming TieGroups, isWeighted: Bool, skipped: Int = 0) {
        let totals = groups.totals()
        let total = totals.positives + totals.negatives
        var ranking = RankingSums(
            totals: totals,
            rows: predictions.count,
            isWeighted: isWeighted
        )
        var probability = ProbabilitySums()
        let areProbabilities = predictions.scoresAreProbabilities
        while let group = groups.next() {
            // Rows of weight 0 are not there; their share at a cut would be 0/0.
            guard group.total > 0 else { continue }
            ranking.add(group)
            if areProbabilities { probability.add(group) }
        }

        self.rows = predictions.count
        self.positives = predictions.positives
        self.skipped = skipped
        baseRate = total > 0 ? totals.positives / total : nil
        auc = ranking.auc
        averagePrecision = ranking.averagePrecision
        ks = ranking.ks
        lift = ranking.lift
        recall = ranking.recall
        let isCalibratable = areProbabilities && total > 0
        logLoss = isCalibratable ? probability.logLoss(total: total) : nil
        brier = isCalibratable ? probability.brier(total: total) : nil
        ece = isCalibratable ? probability.calibrationError(total: total) : nil
    }
}

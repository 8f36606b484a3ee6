import ChurnNumerics

/// Hand's H: how much of the loss of a rule that looks at no customer a ranking saves, averaged over what mistakes may cost.
///
/// Hand: "Measuring classifier performance: a coherent alternative to the area under the ROC curve" (Machine Learning 2009). The share c of
/// a false alarm in the cost of both mistakes follows Beta(2, 1 + N/P), whose mode is the share of positives: the default of the packages
/// `hmeasure` of Anagnostopoulos and Hand, whose severity ratio is then P/N.
enum HMeasure {
    /// In [0, 1]: 0 where the ranking is no use, 1 where it is perfect.
    static func value(_ hull: ROCConvexHull) -> Double {
        let (positives, negatives) = (hull.positiveShare, hull.negativeShare)
        let costs = BetaDistribution(alpha: 2, beta: 1 + negatives / positives)
        /// ∫ of c·a + (1 - c)·b over the costs from `low` to `high`.
        func integral(_ a: Double, _ b: Double, _ low: Double, _ high: Double) -> Double {
            let mean = costs.partialMean(high) - costs.partialMean(low)
            let probability = costs.cumulative(high) - costs.cumulative(low)
            return a * mean + b * (probability - mean)
        }
        // The dearer false alarms are, the fewer are contacted: costs fall along the hull.
        var loss = CompensatedSum()
        var high = 1.0
        for (number, point) in hull.points.enumerated() {
            var low = 0.0
            if number + 1 < hull.points.count {
                let next = hull.points[number + 1]
                let found = positives * (next.truePositives - point.truePositives)
                let alarms = negatives * (next.falsePositives - point.falsePositives)
                low = min(max(found / (found + alarms), 0), high)
            }
            loss.add(integral(negatives * point.falsePositives, positives * (1 - point.truePositives), low, high))
            high = low
        }
        let blind = integral(negatives, 0, 0, positives) + integral(0, positives, positives, 1)
        return blind > 0 ? min(max(1 - loss.value / blind, 0), 1) : 0
    }
}

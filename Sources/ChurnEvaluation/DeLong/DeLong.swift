/// The sampling error of AUCs, without assumptions on how scores are distributed.
///
/// DeLong, DeLong, Clarke-Pearson: "Comparing the areas under two or more correlated receiver operating characteristic
/// curves" (Biometrics 1988), in the O(n log n) way of Sun and Xu (IEEE Signal Processing Letters 2014). Where rows
/// share clusters, such as a customer seen at several cutoffs, Obuchowski: "Nonparametric analysis of clustered ROC
/// curve data" (Biometrics 1997), which is the same where no cluster repeats. Results name the kind.
public enum DeLong {
    /// The AUC of one set of scores.
    ///
    /// - Throws: `EvaluationError.tooFewUnits` unless at least two rows (clusters) hold a positive and two a negative;
    ///   `.weightsNotSupported` for weighted rows.
    public static func estimate(_ predictions: Predictions) throws(EvaluationError) -> AUCEstimate {
        let units = try units(of: predictions)
        if case .independent = units.kind { return ClassScores(predictions).estimate() }
        return estimate(Placements(predictions, units: units), units: units)
    }

    /// Two sets of scores of the same rows.
    ///
    /// - Throws: as `estimate`; and when the two have not the same labels and clusters, row by row.
    public static func compare(
        _ first: Predictions,
        _ second: Predictions
    ) throws(EvaluationError) -> AUCComparison {
        guard first.weights == nil, second.weights == nil else { throw .weightsNotSupported }
        try first.requireSameRows(as: second)
        let units = try units(of: first)
        let placements = Placements(first, units: units)
        let otherPlacements = Placements(second, units: units)
        return AUCComparison(
            first: estimate(placements, units: units),
            second: estimate(otherPlacements, units: units),
            covariance: placements.covariance(otherPlacements, units: units),
            variance: placements.subtracting(otherPlacements).variance(units: units),
            kind: units.kind
        )
    }

    private static func estimate(_ placements: Placements, units: SamplingUnits) -> AUCEstimate {
        AUCEstimate(auc: placements.auc, variance: placements.variance(units: units), kind: units.kind)
    }

    private static func units(of predictions: Predictions) throws(EvaluationError) -> SamplingUnits {
        guard predictions.weights == nil else { throw .weightsNotSupported }
        let units = SamplingUnits(predictions)
        guard units.withPositives >= 2 else {
            throw .tooFewUnits(label: true, got: units.withPositives, required: 2)
        }
        guard units.withNegatives >= 2 else {
            throw .tooFewUnits(label: false, got: units.withNegatives, required: 2)
        }
        return units
    }
}

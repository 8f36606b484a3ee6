import ChurnEvaluation

/// Both undefined, or apart by no more than `tolerance` times the larger of 1 and the expected value.
func isClose(_ got: Double?, _ expected: Double?, tolerance: Double = 1e-12) -> Bool {
    guard let got, let expected else { return got == nil && expected == nil }
    return got == expected || abs(got - expected) <= tolerance * max(1, abs(expected))
}

func isClose(_ got: DepthValues, _ expected: DepthValues, tolerance: Double = 1e-12) -> Bool {
    isClose(got.top5, expected.top5, tolerance: tolerance)
        && isClose(got.top10, expected.top10, tolerance: tolerance)
        && isClose(got.top20, expected.top20, tolerance: tolerance)
}

/// All that a weight of k and k copies of a row have in common: everything but counts and depths.
func areCloseButForDepths(_ got: BinaryClassificationMetrics, _ expected: BinaryClassificationMetrics) -> Bool {
    isClose(got.baseRate, expected.baseRate) && isClose(got.auc, expected.auc)
        && isClose(got.averagePrecision, expected.averagePrecision) && isClose(got.logLoss, expected.logLoss)
        && isClose(got.brier, expected.brier) && isClose(got.ks, expected.ks) && isClose(got.ece, expected.ece)
}

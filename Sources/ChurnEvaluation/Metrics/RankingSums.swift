/// AUC, average precision and KS, gathered from groups of equal scores in descending order.
struct RankingSums {
    let positives: Double
    let negatives: Double
    private var positivesAbove = CompensatedSum()
    private var negativesAbove = CompensatedSum()
    private var orderedPairs = CompensatedSum()
    private var precision = CompensatedSum()
    private var largestGap = 0.0
    private var cuts: (DepthCut, DepthCut, DepthCut)

    /// - Parameters:
    ///   - totals: weights of all positives and of all negatives.
    ///   - rows: the number of rows.
    ///   - isWeighted: whether depths are shares of the weight rather than numbers of rows.
    init(totals: (positives: Double, negatives: Double), rows: Int, isWeighted: Bool) {
        positives = totals.positives
        negatives = totals.negatives
        let weight = isWeighted ? totals.positives + totals.negatives : nil
        cuts = (
            DepthCut(percent: 5, rows: rows, weight: weight),
            DepthCut(percent: 10, rows: rows, weight: weight),
            DepthCut(percent: 20, rows: rows, weight: weight)
        )
    }

    /// - Parameter group: not empty in weight.
    @inline(__always)
    mutating func add(_ group: TieGroup) {
        let before = positivesAbove.value
        let totalBefore = before + negativesAbove.value
        cuts.0.add(group, before: totalBefore, positivesBefore: before)
        cuts.1.add(group, before: totalBefore, positivesBefore: before)
        cuts.2.add(group, before: totalBefore, positivesBefore: before)

        orderedPairs.add(group.negatives * (before + group.positives / 2))
        positivesAbove.add(group.positives)
        negativesAbove.add(group.negatives)
        let truePositives = positivesAbove.value
        let falsePositives = negativesAbove.value
        if group.positives > 0 {
            precision.add(group.positives * (truePositives / (truePositives + falsePositives)))
        }
        if positives > 0, negatives > 0 {
            largestGap = max(largestGap, abs(truePositives / positives - falsePositives / negatives))
        }
    }

    /// Whether both classes have weight.
    private var hasBothClasses: Bool { positives > 0 && negatives > 0 }

    var auc: Double? { hasBothClasses ? min(orderedPairs.value / positives / negatives, 1) : nil }

    var averagePrecision: Double? { positives > 0 ? min(precision.value / positives, 1) : nil }

    var ks: Double? { hasBothClasses ? min(largestGap, 1) : nil }

    var recall: DepthValues { depthValues { $0.recall(positives: positives) } }

    var lift: DepthValues { depthValues { $0.lift(positives: positives, total: positives + negatives) } }

    private func depthValues(_ value: (DepthCut) -> Double) -> DepthValues {
        guard positives > 0 else { return DepthValues(top5: nil, top10: nil, top20: nil) }
        return DepthValues(top5: value(cuts.0), top10: value(cuts.1), top20: value(cuts.2))
    }
}

/// The upper convex hull of a ROC curve: the operating points that are best under some costs.
struct ROCConvexHull {
    /// A point of the curve: the share of positives and of negatives with at least a score.
    struct Point: Equatable {
        var truePositives: Double
        var falsePositives: Double
        /// The lowest score that is taken; infinite where nobody is.
        var score: Double
    }

    /// From (0, 0) to (1, 1), with falling slopes.
    let points: [Point]
    /// Shares of all rows by weight.
    let positiveShare: Double
    let negativeShare: Double

    /// - Returns: `nil` unless both classes have weight.
    init?(_ groups: consuming TieGroups) {
        let totals = groups.totals()
        guard totals.positives > 0, totals.negatives > 0 else { return nil }
        let total = totals.positives + totals.negatives
        positiveShare = totals.positives / total
        negativeShare = totals.negatives / total
        var hull = [Point(truePositives: 0, falsePositives: 0, score: .infinity)]
        var (positives, negatives) = (CompensatedSum(), CompensatedSum())
        while let group = groups.next() {
            guard group.total > 0 else { continue }
            positives.add(group.positives)
            negatives.add(group.negatives)
            let next = Point(
                truePositives: min(positives.value / totals.positives, 1),
                falsePositives: min(negatives.value / totals.negatives, 1),
                score: group.score
            )
            while hull.count >= 2, !Self.turnsRight(hull[hull.count - 2], hull[hull.count - 1], next) {
                hull.removeLast()
            }
            hull.append(next)
        }
        points = hull
    }

    /// Whether the middle point lies above the line between its neighbours.
    private static func turnsRight(_ first: Point, _ middle: Point, _ last: Point) -> Bool {
        let rise = (middle.truePositives - first.truePositives) * (last.falsePositives - first.falsePositives)
        let run = (last.truePositives - first.truePositives) * (middle.falsePositives - first.falsePositives)
        return rise > run
    }
}

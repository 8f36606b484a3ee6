/// The positives among the rows with the highest scores, down to a depth.
///
/// Of a group of equal scores that straddles the depth, only a part is taken, and that part holds the group's own rate
/// of positives: the mean over all orders in which the tied rows could stand.
struct DepthCut {
    /// Rows to take, or weight to take where rows have weights.
    let depth: Double
    private var captured: Double?

    /// - Parameters:
    ///   - percent: of the rows, or of the weight.
    ///   - rows: the number of rows.
    ///   - weight: the weight of all rows, or `nil` where rows have none. Depth is then a number of rows, rounded half
    ///     up and at least 1; else exactly `percent` of the weight, the row at the cut counting in part.
    init(percent: Int, rows: Int, weight: Double?) {
        if let weight {
            depth = weight * Double(percent) / 100
        } else {
            depth = Double(max(1, (rows * percent + 50) / 100))
        }
    }

    /// - Parameters:
    ///   - before: weight of the rows above the group.
    ///   - positivesBefore: weight of the positives above it.
    @inline(__always)
    mutating func add(_ group: TieGroup, before: Double, positivesBefore: Double) {
        guard captured == nil, before + group.total >= depth else { return }
        captured = positivesBefore + group.positives * ((depth - before) / group.total)
    }

    /// Share of all positives that are captured. `positives` must not be 0.
    func recall(positives: Double) -> Double {
        min((captured ?? positives) / positives, 1)
    }

    /// Rate of positives among the rows taken, over the rate among all.
    func lift(positives: Double, total: Double) -> Double {
        recall(positives: positives) * (total / depth)
    }
}

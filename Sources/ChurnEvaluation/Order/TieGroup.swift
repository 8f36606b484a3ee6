/// The rows that share one score.
struct TieGroup {
    var score: Double
    /// Weight of the group's positives; their number where rows have no weights.
    var positives: Double
    /// Weight of the group's negatives.
    var negatives: Double
    /// The group's part of `RadixOrder.entries`.
    var range: Range<Int>

    var total: Double { positives + negatives }
}

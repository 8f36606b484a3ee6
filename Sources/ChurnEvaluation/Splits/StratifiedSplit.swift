import ChurnNumerics

/// Rows split at random into training and test rows, each class by the same share.
///
/// For rows that stand for themselves. Customers seen at several cutoffs want `TimeSplit`.
public struct StratifiedSplit: Sendable, Equatable {
    /// Row indices, ascending.
    public let train: [Int]
    /// Row indices, ascending; empty for a share of 0.
    public let test: [Int]

    /// Of a class of n rows, n times `testShare`, rounded half up, go to the test rows; but at least one where the
    /// share is above 0 and n is at least 2, and at most n - 1.
    ///
    /// - Parameters:
    ///   - labels: one a row.
    ///   - testShare: in [0, 1).
    ///   - seed: the same seed, labels and share give the same split, on any machine.
    /// - Throws: `EvaluationError.invalidTestShare`.
    public init(labels: [Bool], testShare: Double, seed: UInt64) throws(EvaluationError) {
        guard testShare >= 0, testShare < 1 else { throw .invalidTestShare(got: testShare) }
        var isTest = [Bool](repeating: false, count: labels.count)
        for label in [false, true] {
            let members = labels.indices.filter { labels[$0] == label }
            let size = StratifiedSplit.testSize(of: members.count, share: testShare)
            var stream = RandomStream(seed: seed, purpose: "stratifiedSplit", index: label ? 1 : 0)
            for place in stream.permutation(members.count).prefix(size) { isTest[members[place]] = true }
        }
        train = labels.indices.filter { !isTest[$0] }
        test = labels.indices.filter { isTest[$0] }
    }

    private static func testSize(of count: Int, share: Double) -> Int {
        guard share > 0, count >= 2 else { return 0 }
        let rounded = (Double(count) * share).rounded(.toNearestOrAwayFromZero)
        return min(max(1, Int(rounded)), count - 1)
    }
}

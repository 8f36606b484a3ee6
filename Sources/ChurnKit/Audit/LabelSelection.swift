/// Whether a table lacks examples of its study by what became of them.
///
/// Cutoffs are compared each with itself, as churn rates drift: where a cutoff has N examples of which K churned, and the
/// table lacks m of them, K m / N of these are expected to have churned. What all cutoffs together stray from that is the sum
/// of (y - K/N) (z - m/N) over the examples, with y for churned and z for missing. A customer's examples stray together, so
/// the variance is that of the customers' sums.
struct LabelSelection {
    /// By customer of the index.
    private var sums: [Double]
    /// Examples of cutoffs of which the table has some and lacks some.
    private(set) var examples = 0
    /// Those that it lacks, those of them that churned, and how many of them would have as all at their cutoffs did.
    private(set) var missing = 0
    private(set) var missingChurned = 0
    private(set) var expectedChurned = 0.0

    /// Standard errors that are no chance any more.
    static let mostStandardErrors = 6.0

    init(customerCount: Int) { sums = Array(repeating: 0, count: customerCount) }

    /// Adds a cutoff.
    /// - Parameters:
    ///   - customers: by example, the number in the index.
    ///   - labels: 1 churned, 0 retained; others are left out.
    ///   - isPresent: whether the table has the example.
    mutating func add(customers: [Int32], labels: [Int8], isPresent: [Bool]) {
        let known = labels.indices.filter { labels[$0] >= 0 }
        let lacking = known.count { !isPresent[$0] }
        guard lacking > 0, lacking < known.count else { return }
        let churned = known.count { labels[$0] == 1 }
        let rate = Double(churned) / Double(known.count)
        let share = Double(lacking) / Double(known.count)
        for example in known {
            let residual = (labels[example] == 1 ? 1 : 0) - rate
            sums[Int(customers[example])] += residual * ((isPresent[example] ? 0 : 1) - share)
        }
        examples += known.count
        missing += lacking
        missingChurned += known.count { !isPresent[$0] && labels[$0] == 1 }
        expectedChurned += rate * Double(lacking)
    }

    /// By how many standard errors more, or less, of the missing examples churned than expected.
    /// - Parameter unknownRows: rows of ids that the data do not have, each of which may be an example that seems to be
    ///   missing, and move the sum by 1.
    func standardErrors(unknownRows: Int) -> Double {
        let squares = sums.reduce(0) { $0 + $1 * $1 }
        guard squares > 0 else { return 0 }
        let sum = (Double(missingChurned) - expectedChurned).magnitude
        return max(0, sum - Double(unknownRows)) / squares.squareRoot()
    }
}

/// Whether a table lacks examples of its study by what became of them.
///
/// Cutoffs are compared each with itself, as churn rates drift: where a cutoff has N examples of which K churned, and the
/// table lacks m of them, K m / N of these are expected to have churned. What all cutoffs together stray from that is the sum
/// of (y - K/N) (z - m/N) over the examples, with y for churned and z for missing. A customer's examples stray together, so
/// the variance is that of the customers' sums.
///
/// Where nearly all of the missing churned, these sums are the selection itself, and their variance hides it. So the sum is
/// compared, too, with what chance could do if rows or whole customers had been left out without regard to churn: a variance
/// v, and a tail as of few large sums, of at most b each (Bernstein's inequality: v + b/3 times the sum).
struct LabelSelection {
    /// By customer of the index.
    private var sums: [Double]
    /// By customer, the standard deviation of the sum where chance leaves out all of his examples or none.
    private var wholeSums: [Double]
    /// Of the sum where chance leaves out each row alone.
    private var varianceOfRows = 0.0
    /// Examples of cutoffs of which the table has some and lacks some.
    private(set) var examples = 0
    /// Those that it lacks, those of them that churned, and how many of them would have as all at their cutoffs did.
    private(set) var missing = 0
    private(set) var missingChurned = 0
    private(set) var expectedChurned = 0.0

    /// Standard errors that are no chance any more.
    static let mostStandardErrors = 6.0

    init(customerCount: Int) {
        sums = Array(repeating: 0, count: customerCount)
        wholeSums = sums
    }

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
        let variance = share * (1 - share)
        for example in known {
            let residual = (labels[example] == 1 ? 1 : 0) - rate
            let customer = Int(customers[example])
            sums[customer] += residual * ((isPresent[example] ? 0 : 1) - share)
            wholeSums[customer] += residual * variance.squareRoot()
            varianceOfRows += residual * residual * variance
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
        let variance = sums.reduce(0) { $0 + $1 * $1 }
        guard variance > 0 else { return 0 }
        let sum = max(0, (Double(missingChurned) - expectedChurned).magnitude - Double(unknownRows))
        let largest = sums.reduce(0) { max($0, abs($1)) }
        let ofChance = max(varianceOfRows, wholeSums.reduce(0) { $0 + $1 * $1 }) + largest * sum / 3
        return sum / min(variance, ofChance).squareRoot()
    }
}

/// What buy-till-you-die models know of customers: how often they came back, when last, and how long they have been known.
///
/// Purchases of one period (a day) count once, as does the first purchase, which makes somebody a customer. Times are in any
/// unit, the same for all; parameters of models and horizons are in that unit, too.
public struct PurchaseHistories: Sendable, Equatable {
    /// Purchases after the first: x.
    public let frequencies: [Int]
    /// From the first purchase to the last: t_x; 0 where there is only one.
    public let recencies: [Double]
    /// From the first purchase to the end of the observation: T.
    public let ages: [Double]

    public var count: Int { frequencies.count }

    /// - Throws: `rowCountMismatch`, `noRows`, or `invalidHistory` for the first customer whose numbers cannot be.
    public init(frequencies: [Int], recencies: [Double], ages: [Double]) throws(ModelError) {
        for (what, got) in [("recencies", recencies.count), ("ages", ages.count)] where got != frequencies.count {
            throw .rowCountMismatch(what: what, expected: frequencies.count, got: got)
        }
        if frequencies.isEmpty { throw .noRows }
        for row in frequencies.indices {
            let (frequency, recency, age) = (frequencies[row], recencies[row], ages[row])
            let isPossible =
                frequency >= 0 && age.isFinite && recency >= 0 && recency <= age && (frequency > 0) == (recency > 0)
            if !isPossible {
                throw .invalidHistory(row: row, frequency: frequency, recency: recency, age: age)
            }
        }
        self.frequencies = frequencies
        self.recencies = recencies
        self.ages = ages
    }

    /// Every `step`-th customer.
    func sample(every step: Int) -> PurchaseHistories {
        let rows = stride(from: 0, to: count, by: step)
        return PurchaseHistories(
            unchecked: rows.map { frequencies[$0] },
            rows.map { recencies[$0] },
            rows.map { ages[$0] }
        )
    }

    private init(unchecked frequencies: [Int], _ recencies: [Double], _ ages: [Double]) {
        self.frequencies = frequencies
        self.recencies = recencies
        self.ages = ages
    }

    /// The mean of the ages: what a time is, for a start.
    var meanAge: Double { ages.reduce(0, +) / Double(count) }
}

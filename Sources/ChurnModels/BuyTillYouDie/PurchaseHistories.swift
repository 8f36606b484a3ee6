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
    /// How many customers each stands for.
    let weights: [Double]

    public var count: Int { frequencies.count }

    /// Nobody buys more often.
    public static let mostPurchases = 1_000_000_000

    /// - Throws: `rowCountMismatch`, `noRows`, or `invalidHistory` for the first customer whose numbers cannot be.
    public init(frequencies: [Int], recencies: [Double], ages: [Double]) throws(ModelError) {
        for (what, got) in [("recencies", recencies.count), ("ages", ages.count)] where got != frequencies.count {
            throw .rowCountMismatch(what: what, expected: frequencies.count, got: got)
        }
        if frequencies.isEmpty { throw .noRows }
        for row in frequencies.indices {
            let (frequency, recency, age) = (frequencies[row], recencies[row], ages[row])
            let isPossible =
                frequency >= 0 && frequency <= Self.mostPurchases && age.isFinite && recency >= 0 && recency <= age
                && (frequency > 0) == (recency > 0)
            if !isPossible {
                throw .invalidHistory(row: row, frequency: frequency, recency: recency, age: age)
            }
        }
        self.frequencies = frequencies
        self.recencies = recencies
        self.ages = ages
        weights = [Double](repeating: 1, count: frequencies.count)
    }

    /// Every `step`-th customer, those with the same numbers as one.
    func grouped(every step: Int) -> PurchaseHistories {
        struct Key: Hashable {
            let frequency: Int
            let recency: Double
            let age: Double
        }
        var places: [Key: Int] = [:]
        var keys: [Key] = []
        var weights: [Double] = []
        for row in stride(from: 0, to: count, by: step) {
            let key = Key(frequency: frequencies[row], recency: recencies[row], age: ages[row])
            if let place = places[key] {
                weights[place] += self.weights[row]
            } else {
                places[key] = keys.count
                keys.append(key)
                weights.append(self.weights[row])
            }
        }
        return PurchaseHistories(
            unchecked: keys.map(\.frequency),
            keys.map(\.recency),
            keys.map(\.age),
            weights
        )
    }

    private init(unchecked frequencies: [Int], _ recencies: [Double], _ ages: [Double], _ weights: [Double]) {
        self.frequencies = frequencies
        self.recencies = recencies
        self.ages = ages
        self.weights = weights
    }

    /// The mean of the ages: what a time is, for a start.
    var meanAge: Double { ages.reduce(0, +) / Double(count) }
}

/// What was known of each customer from which date on: the rows of one entry of a study's `customers`.
///
/// A row says all of its attributes anew; a cell without a value means that the value is not known from then on.
public struct AttributeHistory: Sendable {
    /// The rows of customer i of the index are `customerStarts[i]..<customerStarts[i + 1]`, by date.
    public let customerStarts: [Int]
    /// Microseconds since 1970 UTC; `alwaysKnown` in every row where the source has no dates.
    public let validFrom: [Int64]
    /// Whether the source says since when a row is known. Without, a moving cutoff may see the future.
    public let hasValidFrom: Bool
    public let attributes: [EventIndex.AttributeColumn]

    /// Before every cutoff.
    public static let alwaysKnown = Int64.min

    /// The row that was known of a customer at a cutoff: the last one with `validFrom < cutoff`.
    public func row(ofCustomer customer: Int, asOf cutoff: Int64) -> Int? {
        let first = customerStarts[customer]
        var low = first
        var high = customerStarts[customer + 1]
        while low < high {
            let middle = (low + high) / 2
            if validFrom[middle] < cutoff { low = middle + 1 } else { high = middle }
        }
        return low > first ? low - 1 : nil
    }
}

/// Contracts of all customers: the rows of a study's `contracts`.
public struct ContractTable: Sendable {
    /// The contracts of customer i of the index are `customerStarts[i]..<customerStarts[i + 1]`, by start.
    public let customerStarts: [Int]
    /// All instants are microseconds since 1970 UTC. A contract is in force at `start <= t < end`.
    public let starts: [Int64]
    /// `never` for a contract without a term.
    public let plannedEnds: [Int64]
    /// `never` for a contract that runs.
    public let ends: [Int64]
    /// From when on the end is known: features may see it at cutoffs `c > endKnown`; `never` where there is no end.
    public let endsKnown: [Int64]
    /// NaN where a contract has none.
    public let values: [Double]

    public static let never = Int64.max

    public var count: Int { starts.count }
}

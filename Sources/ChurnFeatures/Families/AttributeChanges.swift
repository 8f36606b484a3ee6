import ChurnHistory

/// How often, and when last, what is known of a customer changed before a cutoff: over all entries of the study's
/// `customers` that have dates.
///
/// A row that says the same as the one before in its entry is no change, and neither is a customer's first row of an entry.
struct AttributeChanges: Equatable {
    /// Rows with `validFrom < c` that differ from the row before in any attribute.
    private(set) var count = 0
    /// When the last of them happened; where there is none, when anything was first known, and `nil` where nothing is.
    let since: Int64?

    /// Cost is O(rows of the customer).
    init(_ histories: [AttributeHistory], customer: Int, instant: Int64) {
        var oldest: Int64?
        var newest: Int64?
        for history in histories where history.hasValidFrom {
            let first = history.customerStarts[customer]
            for row in first..<history.customerStarts[customer + 1] {
                let time = history.validFrom[row]
                guard time < instant else { break }
                if row == first {
                    oldest = min(oldest ?? .max, time)
                } else if Self.differs(history, row, row - 1) {
                    count += 1
                    newest = max(newest ?? .min, time)
                }
            }
        }
        since = newest ?? oldest
    }

    private static func differs(_ history: AttributeHistory, _ row: Int, _ other: Int) -> Bool {
        for attribute in history.attributes where attribute.codes[row] != attribute.codes[other] { return true }
        return false
    }
}

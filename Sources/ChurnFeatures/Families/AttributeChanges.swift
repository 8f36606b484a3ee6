import ChurnHistory

/// How often, and when last, what is known of a customer changed before a cutoff: over all entries of the study's
/// `customers` that have dates.
///
/// A row that says the same as the one before is no change. A customer's first row is none either, but it is since then
/// that his attributes are as they are while no other comes.
struct AttributeChanges: Equatable {
    /// Rows with `validFrom < c` that differ from the row before in any attribute.
    private(set) var count = 0
    /// The instant since which all attributes are as they are; `nil` where nothing is known before c.
    private(set) var since: Int64?

    /// Cost is O(rows of the customer).
    init(_ histories: [AttributeHistory], customer: Int, instant: Int64) {
        for history in histories where history.hasValidFrom {
            let first = history.customerStarts[customer]
            for row in first..<history.customerStarts[customer + 1] {
                guard history.validFrom[row] < instant else { break }
                let isFirst = row == first
                if !isFirst, !Self.differs(history, row, row - 1) { continue }
                if !isFirst { count += 1 }
                since = max(since ?? .min, history.validFrom[row])
            }
        }
    }

    private static func differs(_ history: AttributeHistory, _ row: Int, _ other: Int) -> Bool {
        for attribute in history.attributes where attribute.codes[row] != attribute.codes[other] { return true }
        return false
    }
}

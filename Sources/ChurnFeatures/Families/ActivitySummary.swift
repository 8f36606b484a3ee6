/// A customer's activity before a cutoff: rows of the activity types. All zero where there is none.
struct ActivitySummary {
    var cutoffDay = 0
    /// Day of the last row.
    private(set) var lastDay = 0
    /// Days on which the first and the last transaction began.
    private(set) var firstStart = 0
    private(set) var lastStart = 0
    /// Transactions.
    private(set) var count = 0
    /// Sum of the squares of the gaps between the starts of neighbouring transactions, in days²; exact.
    private(set) var squaredGaps = 0

    /// Adds the next row.
    @inline(__always)
    mutating func add(day: Int, startsTransaction: Bool) {
        lastDay = day
        guard startsTransaction else { return }
        if count == 0 {
            firstStart = day
        } else {
            let gap = day &- lastStart
            squaredGaps &+= gap &* gap
        }
        lastStart = day
        count &+= 1
    }

    /// Days from the last row to the cutoff; 0 without any.
    @inline(__always)
    var recency: Int { count > 0 ? cutoffDay &- lastDay : 0 }

    /// Days from the first transaction to the cutoff; 0 without any.
    @inline(__always)
    var tenure: Int { count > 0 ? cutoffDay &- firstStart : 0 }
}

/// Rows that belong to customers, in the order of the source, before they are sorted.
struct CustomerRows {
    var customerCodes: [Int32] = []
    /// What rows of one customer are sorted by.
    var instants: [Int64] = []

    /// The rows by customer, and by instant within a customer; equal instants keep the source's order.
    /// - Parameter rank: position of each customer code in the index.
    func sorted(rank: [Int32], customerCount: Int) -> (order: [Int], starts: [Int]) {
        var starts = [Int](repeating: 0, count: customerCount + 1)
        for code in customerCodes { starts[Int(rank[Int(code)]) + 1] += 1 }
        for position in 0..<customerCount { starts[position + 1] += starts[position] }
        let order = customerCodes.indices.sorted { left, right in
            let a = rank[Int(customerCodes[left])]
            let b = rank[Int(customerCodes[right])]
            if a != b { return a < b }
            return instants[left] != instants[right] ? instants[left] < instants[right] : left < right
        }
        return (order, starts)
    }
}

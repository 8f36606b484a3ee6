import ChurnHistory

extension EventIndex {
    /// By customer, the first instant at which an event or a contract says that he is there; the largest where none does.
    func firstPresence() -> [Int64] {
        customers.indices.map { customer in
            var first = Int64.max
            if let row = rows(ofCustomer: customer).first { first = times[row] }
            if let contracts, contracts.customerStarts[customer] < contracts.customerStarts[customer + 1] {
                first = min(first, contracts.starts[contracts.customerStarts[customer]])
            }
            return first
        }
    }
}

import ChurnHistory

/// Customers whose history no buyer could make: many transactions in one instant, or gaps that are equal to the second.
enum CustomerRhythms {
    /// Transactions of one instant, where the data have times of day.
    private static let mostAtOnce = 20
    /// Equal gaps in a row.
    private static let mostEqualGaps = 20

    static func findings(_ index: EventIndex) -> [DataFinding] {
        let dayLength: Int64 = 86_400_000_000
        // Dates without times make every purchase of a day one instant; that says nothing.
        let hasTimes = index.times.prefix(10_000).contains { ($0 - index.times[0]) % (dayLength / 24) != 0 }
        guard hasTimes else { return [] }
        var crowded: [(customer: Int, count: Int)] = []
        var clockwork: [Int] = []
        for customer in index.customers.indices {
            let times = index.rows(ofCustomer: customer).filter { index.startsTransaction($0) }.map { index.times[$0] }
            var run = 1
            var longest = 1
            var equalGaps = 0
            var mostGaps = 0
            for position in times.indices.dropFirst() {
                let gap = times[position] - times[position - 1]
                run = gap == 0 ? run + 1 : 1
                longest = max(longest, run)
                let before = position > 1 ? times[position - 1] - times[position - 2] : -1
                equalGaps = gap > 0 && gap == before ? equalGaps + 1 : 0
                mostGaps = max(mostGaps, equalGaps)
            }
            if longest > mostAtOnce { crowded.append((customer, longest)) }
            if mostGaps >= mostEqualGaps { clockwork.append(customer) }
        }
        var findings: [DataFinding] = []
        if !crowded.isEmpty {
            findings.append(
                DataFinding(
                    .impossibleRhythm,
                    "\(crowded.count) customers have more than \(mostAtOnce) transactions in one instant: a collective account,"
                        + " a migration, or lines that `group` should join?",
                    count: crowded.count,
                    examples: crowded.sorted { ($0.count, $1.customer) > ($1.count, $0.customer) }
                        .map { "\(index.customers[$0.customer]): \($0.count) at once" }
                )
            )
        }
        if !clockwork.isEmpty {
            findings.append(
                DataFinding(
                    .impossibleRhythm,
                    "\(clockwork.count) customers have more than \(mostEqualGaps) gaps in a row that are equal to the second:"
                        + " a standing order, or a machine?",
                    count: clockwork.count,
                    examples: clockwork.map { index.customers[$0] }
                )
            )
        }
        return findings
    }
}

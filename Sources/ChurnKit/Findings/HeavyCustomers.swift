import ChurnHistory

/// Customers with so many of all events that they may be a collective account, a test or a placeholder.
enum HeavyCustomers {
    private static let share = 0.05
    private static let leastCustomers = 50

    static func findings(_ index: EventIndex) -> [DataFinding] {
        guard index.customers.count >= leastCustomers else { return [] }
        let heavy = index.customers.indices.filter {
            Double(index.rows(ofCustomer: $0).count) > share * Double(index.eventCount)
        }.sorted { index.rows(ofCustomer: $0).count > index.rows(ofCustomer: $1).count }
        guard !heavy.isEmpty else { return [] }
        return [
            DataFinding(
                .heavyCustomer,
                "\(heavy.count == 1 ? "One customer has" : "\(heavy.count) customers have each") more than 5 % of all events:"
                    + " a collective account, a test or a placeholder?",
                count: heavy.count,
                examples: heavy.map { "\(index.customers[$0]): \(index.rows(ofCustomer: $0).count) events" }
            )
        ]
    }
}

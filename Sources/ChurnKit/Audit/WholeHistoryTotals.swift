import ChurnFeatures
import ChurnHistory
import ChurnNumerics

/// Totals of each customer's events over all data, to be compared with numbers that claim to be known at a cutoff.
struct WholeHistoryTotals {
    /// One number of a customer, and the instant before which it claims to be known.
    struct Claim {
        let customer: Int
        let instant: Int64
        let value: Double
    }

    private let index: EventIndex
    /// Customers with something behind the instant who are needed for a finding, and the share of them that must agree.
    private static let leastCustomers = 20
    private static let leastShare = 0.9

    init(_ index: EventIndex) { self.index = index }

    /// What is counted or summed: `nil` for events of all types.
    private struct Total {
        enum Figure: CaseIterable {
            case rows, transactions, amount
        }

        let type: Int?
        let figure: Figure
        let names: [String]

        var name: String {
            let events = type.map { "\(names[$0]) events" } ?? "events"
            switch figure {
            case .rows: return "the number of rows of \(events)"
            case .transactions: return "the number of \(events)"
            case .amount: return "the sum of the amounts of \(events)"
            }
        }
    }

    /// The attributes of the study's customers that are such totals.
    func findings(study: Study, cutoffs: [Cutoff]) -> [AuditFinding] {
        guard let cutoff = cutoffs.last(where: \.isMature) ?? cutoffs.last else { return [] }
        return zip(study.sources.customers, index.attributeHistories).flatMap { source, history in
            history.attributes.compactMap { attribute in
                let numbers = attribute.numbers(source.dialect)
                let claims = (0..<history.customerStarts.count - 1).compactMap { customer -> Claim? in
                    guard let row = history.row(ofCustomer: customer, asOf: cutoff.instant),
                        attribute.codes[row] >= 0, !numbers[Int(attribute.codes[row])].isNaN
                    else { return nil }
                    return Claim(
                        customer: customer,
                        instant: cutoff.instant,
                        value: numbers[Int(attribute.codes[row])]
                    )
                }
                return finding(attribute.name, claims)
            }
        }
    }

    /// The total that a column of claims is, where it is one.
    func finding(_ name: String, _ claims: [Claim]) -> AuditFinding? {
        // Counts are asked first: where every event is a row, both say the same.
        for figure in [Total.Figure.transactions, .rows, .amount] {
            for type in [nil] + index.typeNames.indices.map(Optional.some) {
                let total = Total(type: type, figure: figure, names: index.typeNames)
                let (told, equal) = compare(claims, total)
                guard told >= Self.leastCustomers, Double(equal) >= Self.leastShare * Double(told) else { continue }
                return AuditFinding(
                    .wholeHistoryTotal,
                    name,
                    "it is \(total.name) over all data for \(equal) of \(told) rows whose customers have some behind the"
                        + " cutoff. Compute it from what was known at each cutoff.",
                    count: equal
                )
            }
        }
        return nil
    }

    /// How many claims could be told from what was known, and how many of them equal the whole.
    private func compare(_ claims: [Claim], _ total: Total) -> (told: Int, equal: Int) {
        var told = 0
        var equal = 0
        for claim in claims {
            let (whole, known) = totals(total, claim)
            let tolerance = max(0.005, whole.magnitude * 1e-9)
            guard (whole - known).magnitude > 2 * tolerance else { continue }
            told += 1
            if (claim.value - whole).magnitude <= tolerance { equal += 1 }
        }
        return (told, equal)
    }

    private func totals(_ total: Total, _ claim: Claim) -> (whole: Double, known: Double) {
        var whole = 0.0
        var known = 0.0
        for row in index.rows(ofCustomer: claim.customer) {
            if let type = total.type, Int(index.types[row]) != type { continue }
            let value: Double
            switch total.figure {
            case .rows: value = 1
            case .transactions: value = index.startsTransaction(row) ? 1 : 0
            case .amount: value = index.amounts[row].isNaN ? 0 : index.amounts[row]
            }
            whole += value
            if index.times[row] < claim.instant { known += value }
        }
        return (whole, known)
    }
}

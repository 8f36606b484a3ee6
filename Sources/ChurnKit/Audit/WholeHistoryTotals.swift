import ChurnFeatures
import ChurnHistory
import ChurnNumerics

/// Totals of customers' events over all data, to be compared with numbers that claim to be known at a cutoff.
struct WholeHistoryTotals {
    /// Which customer's number a row is, and the instant before which it claims to be known.
    struct Row {
        let customer: Int
        let instant: Int64
    }

    /// Numbers that claim to be known, one a row; NaN for none.
    struct Claims {
        let name: String
        let values: [Double]
    }

    private let index: EventIndex
    private let threads: Int
    /// Rows whose customers have something behind the instant that are needed for a finding, and the share that must agree.
    private static let leastRows = 20
    private static let leastShare = 0.9
    /// A number that most rows share says nothing: whoever did something once has 1.
    private static let largestShareOfOne = 0.5

    init(_ index: EventIndex, threads: Int) {
        self.index = index
        self.threads = threads
    }

    /// What is counted or summed: `nil` for events of all types.
    private struct Total {
        enum Figure {
            case rows, transactions, amount
        }

        let type: Int?
        let figure: Figure

        func name(_ types: [String]) -> String {
            let events = type.map { "\(types[$0]) events" } ?? "events"
            switch figure {
            case .rows: return "the number of rows of \(events)"
            case .transactions: return "the number of \(events)"
            case .amount: return "the sum of the amounts of \(events)"
            }
        }
    }

    /// The columns that are such totals, each with the first that it is.
    func findings(_ rows: [Row], _ columns: [Claims]) -> [AuditFinding] {
        guard rows.count >= Self.leastRows, !columns.isEmpty else { return [] }
        // Counts are asked first: where every event is a row, both say the same.
        let totals = [Total.Figure.transactions, .rows, .amount].flatMap { figure in
            ([nil] + index.typeNames.indices.map(Optional.some)).map { Total(type: $0, figure: figure) }
        }
        let found = Parallel.map(totals.count, threads: threads) { number -> [(told: Int, equal: Int)?] in
            let (whole, known) = sums(totals[number], rows)
            return columns.map { compare($0.values, whole, known) }
        }
        return columns.indices.compactMap { column in
            guard let number = totals.indices.first(where: { found[$0][column] != nil }),
                let (told, equal) = found[number][column]
            else { return nil }
            return AuditFinding(
                .wholeHistoryTotal,
                columns[column].name,
                "it is \(totals[number].name(index.typeNames)) over all data for \(equal) of \(told) rows whose customers have"
                    + " some behind the cutoff. Compute it from what was known at each cutoff.",
                count: equal
            )
        }
    }

    /// By row, the total of the customer's events over all data, and of those before the instant.
    private func sums(_ total: Total, _ rows: [Row]) -> (whole: [Double], known: [Double]) {
        var whole = [Double](repeating: 0, count: rows.count)
        var known = whole
        for (position, row) in rows.enumerated() {
            for event in index.rows(ofCustomer: row.customer) {
                if let type = total.type, Int(index.types[event]) != type { continue }
                let value: Double
                switch total.figure {
                case .rows: value = 1
                case .transactions: value = index.startsTransaction(event) ? 1 : 0
                case .amount: value = index.amounts[event].isNaN ? 0 : index.amounts[event]
                }
                whole[position] += value
                if index.times[event] < row.instant { known[position] += value }
            }
        }
        return (whole, known)
    }

    /// How many numbers could be told from what was known, and how many of them equal the whole; `nil` where that is chance.
    private func compare(_ values: [Double], _ whole: [Double], _ known: [Double]) -> (told: Int, equal: Int)? {
        var told = 0
        var equal = 0
        var counts: [Double: Int] = [:]
        for row in values.indices where !values[row].isNaN {
            let tolerance = max(0.005, whole[row].magnitude * 1e-9)
            guard (whole[row] - known[row]).magnitude > 2 * tolerance else { continue }
            told += 1
            counts[whole[row], default: 0] += 1
            if (values[row] - whole[row]).magnitude <= tolerance { equal += 1 }
        }
        guard told >= Self.leastRows, Double(equal) >= Self.leastShare * Double(told),
            Double(counts.values.max() ?? 0) <= Self.largestShareOfOne * Double(told)
        else { return nil }
        return (told, equal)
    }
}

extension WholeHistoryTotals {
    /// The attributes of the study's customers that are such totals, as they are known at the last mature cutoff.
    func findings(study: Study, cutoffs: [Cutoff]) -> [AuditFinding] {
        guard let cutoff = cutoffs.last(where: \.isMature) ?? cutoffs.last else { return [] }
        let rows = index.customers.indices.map { Row(customer: $0, instant: cutoff.instant) }
        let columns = zip(study.sources.customers, index.attributeHistories).flatMap { source, history in
            history.attributes.map { attribute in
                let numbers = attribute.numbers(source.dialect)
                return Claims(
                    name: attribute.name,
                    values: index.customers.indices.map { customer in
                        guard let row = history.row(ofCustomer: customer, asOf: cutoff.instant),
                            attribute.codes[row] >= 0
                        else { return .nan }
                        return numbers[Int(attribute.codes[row])]
                    }
                )
            }
        }
        return findings(rows, columns)
    }
}

import ChurnHistory

/// Amounts so far from the others of their type that a slip or a placeholder is likelier than a sale.
enum AbsurdAmounts {
    /// Times the median of the type's amounts, signs apart.
    static let factor = 1000.0

    static func findings(_ index: EventIndex) -> [DataFinding] {
        var findings: [DataFinding] = []
        var rowsOfType = [[Int]](repeating: [], count: index.typeNames.count)
        for row in index.types.indices where !index.amounts[row].isNaN && index.amounts[row] != 0 {
            rowsOfType[Int(index.types[row])].append(row)
        }
        for (type, rows) in rowsOfType.enumerated() where rows.count >= 20 {
            let magnitudes = rows.map { abs(index.amounts[$0]) }.sorted()
            let median = magnitudes[magnitudes.count / 2]
            let absurd = rows.filter { abs(index.amounts[$0]) > factor * median }
                .sorted { abs(index.amounts[$0]) > abs(index.amounts[$1]) }
            guard !absurd.isEmpty else { continue }
            findings.append(
                DataFinding(
                    .absurdAmounts,
                    "\(absurd.count) amounts of type \(index.typeNames[type]) are more than 1,000 times the median,"
                        + " \(median).",
                    count: absurd.count,
                    examples: absurd.prefix(DataFinding.examplesKept).map { row in
                        "\(index.amounts[row]) of customer \(index.customer(ofRow: row))"
                    }
                )
            )
        }
        return findings
    }
}

extension EventIndex {
    /// The id of the customer who owns a row.
    func customer(ofRow row: Int) -> String {
        var low = 0
        var high = customers.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if customerStarts[middle] <= row { low = middle } else { high = middle }
        }
        return customers[low]
    }
}

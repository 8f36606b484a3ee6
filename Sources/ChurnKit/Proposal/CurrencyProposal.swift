import ChurnHistory

/// What becomes of amounts of which a column names the currency, where there are several.
struct CurrencyProposal {
    let column: String
    let base: String
    let reason: String

    /// - Returns: `nil` for a column with one currency.
    init?(_ column: ColumnProfile) {
        guard let values = column.values, values.count > 1,
            let base = values.min(by: { ($1.value, $0.key) < ($0.value, $1.key) })
        else { return nil }
        let others = values.filter { $0.key != base.key }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        self.column = column.name
        self.base = base.key
        reason =
            "\(base.value) rows are in \(base.key); "
            + others.map { "\($0.value) in \($0.key)" }.joined(separator: ", ")
            + " are left out. `rates: {\(others[0].key): …}` with what one is worth in \(base.key) converts them instead"
    }

    /// Whether a column holds codes of currencies, by its name and its cells.
    static func isCurrency(_ column: ColumnProfile) -> Bool {
        guard ColumnMeaning(column.name).isCurrency, let values = column.values, !values.isEmpty else { return false }
        return values.keys.allSatisfy { code in
            code.utf8.count == 3 && code.utf8.allSatisfy { $0 >= 0x41 && $0 <= 0x5A } || ["€", "$", "£"].contains(code)
        }
    }

    /// As the study writes it.
    func yaml(_ name: (String) -> String) -> String {
        "{column: \(name(column)), base: \(YAMLText.scalar(base)), others: drop}"
    }
}

import ChurnHistory

/// How rows become event types, and which of the types are purchases.
struct TypeRuleProposal {
    /// As the study writes it.
    let yaml: String
    let reason: String
    let purchaseTypes: [String]

    init(roles: RoleProposal, facts: RowFacts, onlyType: String?) {
        if let (column, types, reason) = roles.type {
            let purchases = types.filter { $0.type == "purchase" }.map(\.type)
            let isPlain = types.allSatisfy { $0.text == $0.type }
            let pairs = types.map { "\(YAMLText.scalar($0.text)): \(YAMLText.scalar($0.type))" }
            yaml =
                isPlain
                ? "{column: \(YAMLText.scalar(column))}"
                : "{column: \(YAMLText.scalar(column)), equals: {\(pairs.joined(separator: ", "))}}"
            self.reason = reason
            // Without a word for purchases, what happens most often is what customers come for.
            purchaseTypes = purchases.isEmpty ? [types[0].type] : ["purchase"]
            return
        }
        if let onlyType, onlyType != "purchase" {
            yaml = "{always: \(YAMLText.scalar(onlyType))}"
            reason = "by the name of the file"
            purchaseTypes = []
            return
        }
        purchaseTypes = ["purchase"]
        if let group = roles.group, let (prefix, counts) = Self.returnPrefix(facts) {
            yaml =
                "{column: \(YAMLText.scalar(group)), startsWith: {\(YAMLText.scalar(prefix)): return}, otherwise: purchase}"
            reason =
                "\(counts.negative) of \(counts.rows) rows whose \(group) starts with \(prefix) are negative; of the \(facts.rows - counts.rows) others, \(facts.negative - counts.negative)"
            return
        }
        yaml = "{always: purchase}"
        reason =
            facts.negative == 0
            ? "no column tells kinds of events apart"
            : "no column tells kinds of events apart; \(facts.negative) rows are negative, perhaps returns, and count as purchases"
    }

    /// The letters in front of order numbers that go with negative rows: cancellations, credit notes.
    private static func returnPrefix(_ facts: RowFacts) -> (prefix: String, counts: RowFacts.SignCount)? {
        let returns = facts.byPrefix.filter { prefix, count in
            !prefix.isEmpty && count.negative * 100 >= count.rows * 95 && count.rows * 2 < facts.rows
        }
        guard let most = returns.max(by: { ($0.value.rows, $1.key) < ($1.value.rows, $0.key) }) else { return nil }
        // Where returns look like everything else, the letters mean something else.
        let others = facts.rows - most.value.rows
        return (facts.negative - most.value.negative) * 10 <= others ? (most.key, most.value) : nil
    }
}

import ChurnHistory

/// How rows become event types, and which of the types are purchases.
struct TypeRuleProposal {
    /// As the study writes it.
    let yaml: String
    let reason: String
    let purchaseTypes: [String]

    init(
        roles: RoleProposal,
        facts: RowFacts,
        sourceFile: String?,
        _ options: ProposalOptions,
        _ answers: any StudyAnswering
    ) throws(DataError) {
        if let (column, known, reason) = roles.type {
            var types = known
            let purchases = known.filter { $0.type == "purchase" }
            if purchases.count == 1, options.purchase == nil {
                purchaseTypes = ["purchase"]
            } else {
                let chosen = try Self.purchase(column, purchases.isEmpty ? known : purchases, options, answers)
                // The stages of one sale, from order to invoice, must not count as several purchases.
                types = known.map {
                    (
                        $0.text,
                        $0.text == chosen && !purchases.isEmpty ? "purchase" : $0.type == "purchase" ? $0.text : $0.type
                    )
                }
                purchaseTypes = [purchases.isEmpty ? chosen : "purchase"]
            }
            let isPlain = types.allSatisfy { $0.text == $0.type }
            let pairs = types.map { "\(YAMLText.scalar($0.text)): \(YAMLText.scalar($0.type))" }
            yaml =
                isPlain
                ? "{column: \(YAMLText.scalar(column))}"
                : "{column: \(YAMLText.scalar(column)), equals: {\(pairs.joined(separator: ", "))}}"
            let ends = types.filter { $0.type == "cancellation" }.map(\.text)
            self.reason =
                ends.isEmpty
                ? reason
                : "\(reason); \(ends.joined(separator: ", ")) may be what churn means here:"
                    + " `definition: event, of: [cancellation], active: [purchase]` in `churn` is the other possible label"
            return
        }
        if let sourceFile {
            let (type, reason) = try Self.type(ofFile: sourceFile, options, answers)
            if type != "purchase" {
                yaml = "{always: \(YAMLText.scalar(type))}"
                self.reason = reason
                purchaseTypes = type == options.purchase ? [type] : []
                return
            }
        }
        if let purchase = options.purchase, purchase != "purchase", sourceFile == nil {
            throw DataError(
                .contradictoryFormats,
                "has no column that tells kinds of events apart; --purchase \(purchase) says otherwise",
                fix: "name the column with --type, or leave --purchase out"
            )
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
        let none = roles.typeDoubt ?? "no column tells kinds of events apart"
        reason =
            facts.negative == 0
            ? none : "\(none); \(facts.negative) rows are negative, perhaps returns, and count as purchases"
    }

    /// What a row of one of several files is.
    private static func type(
        ofFile path: String,
        _ options: ProposalOptions,
        _ answers: any StudyAnswering
    ) throws(DataError) -> (type: String, reason: String) {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        if let given = options.eventTypes[file] ?? options.eventTypes[path] { return (given, "your answer") }
        if let known = EventVocabulary.type(of: file) { return (known, "by the name of the file") }
        let answer = try answers.answer(
            StudyQuestion(
                text: "What kind of event is a row of \(file)?",
                evidence: ["Neither its name nor a column says so. A word such as purchase, visit or ticket."],
                choices: [],
                defaultAnswer: nil,
                isDefaultSafe: false,
                option: "--event-type \(file)="
            )
        )
        return (answer, "your answer")
    }

    /// The text of the event that customers come for, where none means a purchase for certain, or several do.
    private static func purchase(
        _ column: String,
        _ types: [(text: String, type: String)],
        _ options: ProposalOptions,
        _ answers: any StudyAnswering
    ) throws(DataError) -> String {
        let several = types.allSatisfy { $0.type == "purchase" }
        let question = StudyQuestion(
            text: several
                ? "Which event of \(column) is the purchase?"
                : "Which event of \(column) shows that a customer is still there?",
            evidence: [
                several
                    ? "\(types.map(\.text).joined(separator: ", ")) can be stages of one sale, which counts once."
                    : "None of its texts is known to mean a purchase."
            ],
            choices: types.map { .init(answer: $0.text, meaning: "the rows with \($0.text)") },
            defaultAnswer: types[0].text,
            isDefaultSafe: false,
            option: "--purchase"
        )
        let given = if let purchase = options.purchase { purchase } else { try answers.answer(question) }
        guard types.contains(where: { $0.text == given }) else {
            throw DataError(
                .needsAnswer,
                "is no text of this column, which has \(types.map(\.text).joined(separator: ", "))",
                column: column,
                value: given,
                fix: "choose one of them with --purchase"
            )
        }
        return given
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

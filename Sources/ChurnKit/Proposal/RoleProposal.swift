import ChurnHistory

/// Which column is what in a source: customer, amount, quantity, group and attributes, each with the reason.
struct RoleProposal {
    struct Choice {
        let column: String
        let reason: String
    }

    let customer: Choice
    let amount: AmountProposal
    let amountReason: String
    let quantity: Choice?
    /// The column of order numbers, which may join the lines of an order; the rows decide.
    let group: String?
    /// A column with few values that may be the type of the event, and the words its values stand for.
    let type: (column: String, types: [(text: String, type: String)], reason: String)?
    /// A column with several currencies.
    let currency: CurrencyProposal?
    /// Why a column that is called a type is not used; `nil` where there is none.
    let typeDoubt: String?
    let attributes: [(name: String, column: String)]

    /// - Returns: `nil` where no column names customers that come again.
    init?(
        _ table: TableProfile,
        time: TimeProposal,
        options: ProposalOptions,
        answers: any StudyAnswering
    ) throws(DataError) {
        guard let customer = try Self.customer(table, time: time, options, answers) else { return nil }
        self.customer = customer
        let rest = table.columns.filter { $0.name != customer.column && $0.name != time.column }
        let isNamed = table.layout.hasHeader || table.layout.isHeaderMended
        let (type, typeDoubt) = try Self.type(rest, options, answers)
        self.typeDoubt = typeDoubt
        self.type = type
        let group = rest.first { column in
            column.name != type?.column && ColumnMeaning(column.name).isGroup && column.numbers.canBeIdentifiers
                && column.filled * 10 > table.rows * 9
                && (ColumnMeaning(column.name).isIdentifier || (column.values?.count ?? .max) > 20)
        }
        self.group = group?.name
        let numeric = rest.filter { $0.numbers.isNumeric && $0.times.best.isEmpty && $0.name != group?.name }
        let measured = isNamed ? Self.namedMeasures(numeric) : Self.unnamedMeasures(numeric)
        amount = AmountProposal(rest, factors: measured.amount)
        amountReason = amount.reason ?? measured.reason
        quantity = measured.quantity
        let currencies = rest.filter { CurrencyProposal.isCurrency($0) }
        currency = amount.columns.isEmpty ? nil : currencies.lazy.compactMap { CurrencyProposal($0) }.first
        let taken = Set(
            amount.columns + amount.signColumns + currencies.map(\.name)
                + [quantity?.column, group?.name, type?.column].compactMap { $0 }
        )
        attributes = isNamed ? Self.attributes(rest.filter { !taken.contains($0.name) }, customer: customer.column) : []
    }

    // MARK: Customer

    /// A column that can be the customers': filled, with values that come again.
    private static func canBeCustomer(_ column: ColumnProfile) -> Bool {
        column.distinct > 1 && column.repetition > 1.02 && column.numbers.canBeIdentifiers && column.filled > 0
            && column.times.best.isEmpty
    }

    private static func customer(
        _ table: TableProfile,
        time: TimeProposal,
        _ options: ProposalOptions,
        _ answers: any StudyAnswering
    ) throws(DataError) -> Choice? {
        if let named = options.customer, table.column(named) != nil {
            return Choice(column: named, reason: "your answer")
        }
        let possible = table.columns.filter { $0.name != time.column && canBeCustomer($0) }
        let hinted = possible.filter { ColumnMeaning($0.name).customer > 0 }
            .sorted { ColumnMeaning($0.name).customer > ColumnMeaning($1.name).customer }
        if let best = hinted.first {
            let points = ColumnMeaning(best.name).customer
            let rivals = hinted.filter {
                $0.name == best.name || ($0.distinct != best.distinct && points - ColumnMeaning($0.name).customer <= 1)
            }
            if points == 1 || rivals.count > 1 {
                let evidence =
                    rivals.count > 1
                    ? "\(rivals.map(\.name).joined(separator: ", ")) could all be meant."
                    : "\(best.name) may name something else."
                return try askForCustomer(rivals, evidence, answers)
            }
            return Choice(column: best.name, reason: "\(amount(of: best)); the name says so\(zeros(best))")
        }
        if table.columns.contains(where: { ColumnMeaning($0.name).customer > 0 && $0.isUnique }) { return nil }
        // Numbers with zeros in front are ids, not measures.
        let zeroed = possible.filter { $0.numbers.leadingZeros > 0 && $0.numbers.isWhole }
        if let first = zeroed.first, zeroed.allSatisfy({ $0.distinct == first.distinct }) {
            let twins = zeroed.dropFirst().map(\.name)
            let also = twins.isEmpty ? "" : "; \(twins.joined(separator: ", ")) has as many and would do as well"
            return Choice(column: first.name, reason: "\(amount(of: first))\(zeros(first))\(also)")
        }
        let ranked = possible.filter { $0.values == nil }.sorted { $0.distinct > $1.distinct }
        guard let first = ranked.first else { return nil }
        if ranked.count == 1, !ColumnMeaning(first.name).isGroup {
            return Choice(
                column: first.name,
                reason: "\(amount(of: first)): the only column with many values that come again"
            )
        }
        return try askForCustomer(ranked, "No name says so.", answers)
    }

    private static func askForCustomer(
        _ ranked: [ColumnProfile],
        _ evidence: String,
        _ answers: any StudyAnswering
    ) throws(DataError) -> Choice {
        let first = ranked[0]
        let question = StudyQuestion(
            text: "Which column names the customer?",
            evidence: [evidence],
            choices: ranked.map { .init(answer: $0.name, meaning: "\(amount(of: $0))") },
            defaultAnswer: first.name,
            isDefaultSafe: false,
            option: "--customer"
        )
        let answer = try answers.answer(question)
        return Choice(column: ranked.first { $0.name == answer }?.name ?? first.name, reason: "your answer")
    }

    private static func amount(of column: ColumnProfile) -> String {
        let count = column.isDistinctExact ? "\(column.distinct)" : "more than \(column.distinct)"
        return "\(count) different values in \(column.filled) rows"
    }

    private static func zeros(_ column: ColumnProfile) -> String {
        column.numbers.leadingZeros > 0 ? "; zeros in front are kept: ids are texts" : ""
    }

    // MARK: Amount and quantity

    private static func namedMeasures(
        _ columns: [ColumnProfile]
    ) -> (amount: [String], reason: String, quantity: Choice?) {
        let quantity =
            columns.first { ColumnMeaning($0.name).isQuantity && !ColumnMeaning($0.name).isIdentifier }
            ?? columns.first { ColumnMeaning($0.name).isQuantity && $0.numbers.leadingZeros == 0 }
        let quantityChoice = quantity.map { Choice(column: $0.name, reason: "the name says so\(negatives($0))") }
        let rest = columns.filter { $0.name != quantity?.name }
        let price = rest.first { ColumnMeaning($0.name).isPrice }
        // A sum of money is more often written with decimals than not.
        let amounts = rest.filter { ColumnMeaning($0.name).isAmount }
        let named = amounts.first { !$0.numbers.isWhole } ?? amounts.first
        // Whole numbers beside quantities and prices with decimals are seldom sums of money.
        let isDoubtful = named?.numbers.isWhole == true && quantity != nil && price?.numbers.isWhole == false
        if let amount = named, !isDoubtful {
            let others = amounts.filter { $0.name != amount.name }.map(\.name)
            let also = others.isEmpty ? "" : "; \(others.joined(separator: ", ")) could be too"
            return ([amount.name], "the name says so\(negatives(amount))\(also)", quantityChoice)
        }
        if let price {
            if let quantity {
                return (
                    [quantity.name, price.name],
                    "\(price.name) is the price of one piece, by its name\(negatives(price))",
                    quantityChoice
                )
            }
            return ([price.name], "the only column with a price\(negatives(price))", nil)
        }
        let decimals = rest.filter { $0.numbers.decimals > 0 }
        if decimals.count == 1 {
            return (
                [decimals[0].name], "the only column of numbers with decimals\(negatives(decimals[0]))", quantityChoice
            )
        }
        return ([], "no column is named like an amount", quantityChoice)
    }

    private static func unnamedMeasures(
        _ columns: [ColumnProfile]
    ) -> (amount: [String], reason: String, quantity: Choice?) {
        let decimals = columns.filter { $0.numbers.decimals > 0 }
        let whole = columns.filter { $0.numbers.isWhole && $0.numbers.leadingZeros == 0 && $0.numbers.largest < 10_000 }
        return (
            decimals.last.map { [$0.name] } ?? [],
            decimals.last.map { "numbers with decimals\(negatives($0))" } ?? "no column has numbers with decimals",
            whole.first.map { Choice(column: $0.name, reason: "small whole numbers\(negatives($0))") }
        )
    }

    private static func negatives(_ column: ColumnProfile) -> String {
        column.numbers.negative == 0 ? "" : "; \(column.numbers.negative) are negative"
    }

    // MARK: Type and attributes

    private typealias TypeColumn = (column: String, types: [(text: String, type: String)], reason: String)

    /// The column of the type, or why one that is called so is not used.
    private static func type(
        _ columns: [ColumnProfile],
        _ options: ProposalOptions,
        _ answers: any StudyAnswering
    ) throws(DataError) -> (TypeColumn?, doubt: String?) {
        if let given = options.typeColumn {
            if given == "none" { return (nil, "your answer") }
            if let column = columns.first(where: { $0.name == given }) {
                return (try typeColumn(column, "your answer; "), nil)
            }
        }
        let called = columns.filter { ColumnMeaning($0.name).isType && $0.distinct > 1 && $0.times.best.isEmpty }
        if let column = called.first(where: { $0.values != nil && ($0.numbers.decimals == 0) }) {
            return (try typeColumn(column, ""), nil)
        }
        if let column = called.first(where: { !$0.numbers.isNumeric }) {
            // More texts than a study should list: only the user knows which matter.
            let answer = try answers.answer(
                typeQuestion(
                    [],
                    "\(column.name) is called so, but has \(amount(of: column)), too many to list.",
                    "Are the rows to count as one kind of event?"
                )
            )
            return (nil, "\(column.name) has too many different texts (\(answer): your answer)")
        }
        // Words for purchases under another name: perhaps kinds of events, perhaps kinds of something else.
        let perhaps = columns.filter { column in
            guard !ColumnMeaning(column.name).isManner, !column.numbers.isNumeric, let values = column.values,
                (2...12).contains(values.count)
            else { return false }
            let known = values.keys.compactMap { EventVocabulary.type(of: $0) }
            return known.contains("purchase") && known.count * 2 >= values.count
        }
        guard let first = perhaps.first else { return (nil, nil) }
        let texts = (first.values ?? [:]).keys.sorted().joined(separator: ", ")
        let answer = try answers.answer(
            typeQuestion(perhaps, "\(first.name) has \(texts).", "Which column tells kinds of events apart?")
        )
        guard let chosen = perhaps.first(where: { $0.name == answer }) else { return (nil, "your answer") }
        return (try typeColumn(chosen, "your answer; "), nil)
    }

    private static func typeQuestion(_ columns: [ColumnProfile], _ evidence: String, _ text: String) -> StudyQuestion {
        StudyQuestion(
            text: text,
            evidence: [evidence],
            choices: columns.map { .init(answer: $0.name, meaning: "its texts are kinds of events") }
                + [.init(answer: "none", meaning: "all rows are of one kind")],
            defaultAnswer: "none",
            isDefaultSafe: false,
            option: "--type"
        )
    }

    private static func typeColumn(_ column: ColumnProfile, _ prefix: String) throws(DataError) -> TypeColumn {
        guard let values = column.values else {
            throw DataError(
                .needsAnswer,
                "has more than 40 different texts, too many for kinds of events",
                column: column.name,
                fix: "choose another column with --type, or none"
            )
        }
        let ordered = values.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        // Purchases, returns and cancellations get the words of studies; what else there is keeps the data's.
        let types = ordered.map { text, _ in
            let word = EventVocabulary.type(of: text)
            return (text, ["purchase", "return", "cancellation"].contains(word) ? word ?? text : text)
        }
        let counts = ordered.map { "\($0.key) \($0.value)" }
        return (column.name, types, "\(prefix)rows: \(counts.joined(separator: ", "))")
    }

    private static let maximumAttributes = 6

    private static func attributes(_ columns: [ColumnProfile], customer: String) -> [(name: String, column: String)] {
        var attributes: [(name: String, column: String)] = []
        for column in columns where column.times.best.isEmpty && column.numbers.canBeIdentifiers {
            let meaning = ColumnMeaning(column.name)
            // What is different in every row or the same in all teaches nothing; names and free texts are left where they are.
            guard column.distinct > 1, column.repetition > 1.5, !meaning.isPersonal || meaning.attribute == "product",
                meaning.customer == 0, attributes.count < maximumAttributes,
                meaning.attribute != nil || (column.values != nil && !column.numbers.isNumeric)
            else { continue }
            if meaning.holds(["description", "bezeichnung", "name"]) { continue }
            let name = meaning.attribute ?? column.name
            if !attributes.contains(where: { $0.name == name }) { attributes.append((name, column.name)) }
        }
        return attributes
    }
}

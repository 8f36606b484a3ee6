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
        let type = Self.type(rest)
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
        let taken = Set(
            amount.columns + amount.signColumns + [quantity?.column, group?.name, type?.column].compactMap { $0 }
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
        let question = StudyQuestion(
            text: "Which column names the customer?",
            evidence: ["No name says so."],
            choices: ranked.map { .init(answer: $0.name, meaning: "\(amount(of: $0))") },
            defaultAnswer: first.name,
            isDefaultSafe: false,
            option: "--customer"
        )
        let answer = try answers.answer(question)
        return Choice(column: ranked.first { $0.name == answer }?.name ?? first.name, reason: "your answer")
    }

    private static func amount(of column: ColumnProfile) -> String {
        let count = column.isDistinctBounded ? "\(column.distinct)" : "more than \(column.distinct)"
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
        // A sum of money is more often written with decimals than not.
        let amounts = rest.filter { ColumnMeaning($0.name).isAmount }
        if let amount = amounts.first(where: { !$0.numbers.isWhole }) ?? amounts.first {
            let others = amounts.filter { $0.name != amount.name }.map(\.name)
            let also = others.isEmpty ? "" : "; \(others.joined(separator: ", ")) could be too"
            return ([amount.name], "the name says so\(negatives(amount))\(also)", quantityChoice)
        }
        if let price = rest.first(where: { ColumnMeaning($0.name).isPrice }) {
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

    private static func type(
        _ columns: [ColumnProfile]
    ) -> (column: String, types: [(text: String, type: String)], reason: String)? {
        for column in columns {
            guard let values = column.values, (2...12).contains(values.count), !column.numbers.isNumeric else {
                continue
            }
            let known = values.keys.compactMap { EventVocabulary.type(of: $0) }
            let hasPurchase = known.contains("purchase")
            guard ColumnMeaning(column.name).isType || (hasPurchase && known.count * 2 >= values.count) else {
                continue
            }
            // Purchases and returns get the words of studies; what else there is keeps the data's.
            let types = values.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { text, _ in
                let word = EventVocabulary.type(of: text)
                return (text, word == "purchase" || word == "return" ? word ?? text : text)
            }
            let counts = values.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
            return (column.name, types, "rows: \(counts.joined(separator: ", "))")
        }
        return nil
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

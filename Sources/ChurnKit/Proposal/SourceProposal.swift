import ChurnHistory

/// One entry of `events` as it is proposed: the files of one layout, and what their columns mean.
struct SourceProposal {
    let table: TableProfile
    /// What the study says as `file`: a path or pattern, or several.
    let fileNames: [String]
    let time: TimeProposal
    let roles: RoleProposal
    let numbers: NumberProposal
    let facts: RowFacts
    let typeRule: TypeRuleProposal
    /// What repeated rows mean, where there are any.
    let duplicates: (value: EventSource.Duplicates, reason: String)?
    /// What joins rows to one purchase.
    let merging: Merging

    enum Merging {
        case separate(String?)
        case group(column: String, reason: String)
        /// To be decided by the events: times have no clock.
        case perhapsSameDay
    }

    /// - Returns: `nil` where the table is no history: no times, or no customer who comes again.
    /// - Parameter sourceFile: its first file where it is one of several sources, to be told what a row is.
    init?(
        _ table: TableProfile,
        fileNames: [String],
        sourceFile: String?,
        options: ProposalOptions,
        answers: any StudyAnswering
    ) throws(DataError) {
        guard let time = try TimeProposal(table, options: options, answers: answers),
            let roles = try RoleProposal(table, time: time, options: options, answers: answers)
        else { return nil }
        self.table = table
        self.fileNames = fileNames
        self.time = time
        self.roles = roles
        let usedNames = Set(roles.amount.columns + [roles.quantity?.column].compactMap { $0 })
        let used = table.columns.filter { usedNames.contains($0.name) }
        let others = table.columns.filter {
            $0.numbers.isNumeric && !usedNames.contains($0.name) && $0.times.best.isEmpty
        }
        guard let customer = table.column(roles.customer.column) else { return nil }
        numbers = try NumberProposal(
            used: used,
            others: others,
            customer: customer,
            blanksAreZero: roles.amount.isDifference,
            file: table.files.first ?? "",
            options: options,
            answers: answers
        )
        var columns = RowFacts.Columns(customer: customer.name)
        columns.signed = used.map(\.name)
        columns.type = roles.type?.column
        columns.group = roles.group
        let facts = try RowFacts(table, columns: columns)
        self.facts = facts
        typeRule = try TypeRuleProposal(roles: roles, facts: facts, sourceFile: sourceFile, options, answers)
        merging = Self.merging(table, roles, facts, time)
        duplicates = try Self.duplicates(table, customer: customer.name, options, answers)
    }

    private static func merging(
        _ table: TableProfile,
        _ roles: RoleProposal,
        _ facts: RowFacts,
        _ time: TimeProposal
    ) -> Merging {
        guard let group = roles.group else { return time.hasClock ? .separate(nil) : .perhapsSameDay }
        if facts.groups == facts.groupedRows { return .separate("\(group) is different in every row") }
        if facts.groupsOfSeveralCustomers * 50 > facts.groups {
            return .separate(
                "\(group) is no order: \(facts.groupsOfSeveralCustomers) of its values belong to several customers"
            )
        }
        let damage =
            table.column(group)?.numbers.exponents.map {
                "; but \($0.count) cells such as \"\($0.first.text)\" at line \($0.first.line) were ids once, before a spreadsheet rounded them"
            } ?? ""
        return .group(
            column: group,
            reason: "\(facts.groupedRows) rows in \(facts.groups) groups: the lines of one are one purchase\(damage)"
        )
    }

    // MARK: Repeated rows

    private static func duplicates(
        _ table: TableProfile,
        customer: String,
        _ options: ProposalOptions,
        _ answers: any StudyAnswering
    ) throws(DataError) -> (value: EventSource.Duplicates, reason: String)? {
        guard table.duplicates > 0 else {
            return options.duplicates.map { ($0, "no row repeats another yet; your answer") }
        }
        let least = table.areDuplicatesExact ? "" : "at least "
        let place = table.firstDuplicate.map { ", the first at line \($0.line) of \($0.file)" } ?? ""
        let count = "\(least)\(table.duplicates) rows repeat an earlier one to the byte\(place)"
        if let given = options.duplicates { return (given, "\(count); your answer") }
        let proposed: EventSource.Duplicates
        let reason: String
        let identifier = try identifier(table, customer: customer)
        if table.duplicatesAcrossFiles * 2 > table.duplicates {
            proposed = .drop
            reason = "\(table.duplicatesAcrossFiles) stand in different files: exports that overlap"
        } else if let identifier {
            proposed = .drop
            reason = "\(identifier.name) is different in all other rows: the same event was written twice"
        } else {
            proposed = .keep
            reason = "nothing in them says that the same event was written twice"
        }
        let answer = try answers.answer(
            StudyQuestion(
                text: "Are equal rows separate events (keep), or one that was exported twice (drop)?",
                evidence: ["\(count).", "\(reason.prefix(1).uppercased())\(reason.dropFirst())."],
                choices: [
                    .init(answer: "keep", meaning: "they are separate events"),
                    .init(answer: "drop", meaning: "each is one event"),
                ],
                defaultAnswer: proposed.rawValue,
                isDefaultSafe: true,
                option: "--duplicates"
            )
        )
        let value = EventSource.Duplicates(rawValue: answer) ?? proposed
        return (value, value == proposed ? "\(count); \(reason)" : "\(count); your answer")
    }

    /// A column that is different in all rows but the repeated ones: the name of the event.
    private static func identifier(_ table: TableProfile, customer: String) throws(DataError) -> ColumnProfile? {
        let events = table.rows - table.malformed - table.duplicates
        for column in table.columns where column.name != customer && ColumnMeaning(column.name).isIdentifier {
            if column.isDistinctExact {
                if column.distinct == events { return column }
            } else if table.areDuplicatesExact, try table.countDistinct(column.name) == events {
                // More values than a profile keeps: they are counted in a reading of their own.
                return column
            }
        }
        return nil
    }
}

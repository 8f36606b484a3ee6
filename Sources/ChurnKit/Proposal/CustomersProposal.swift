import ChurnHistory

/// A file with one row a customer as a study's `customers`.
struct CustomersProposal {
    let table: TableProfile
    let fileName: String
    let customer: String
    /// The column that says from when a row is true, and its format.
    let validFrom: (column: String, format: String)?
    let attributes: [String]
    /// Columns that tell of the leaving itself, which nobody knows beforehand.
    let leftOut: [String]
    let numbers: NumberProposal

    /// - Parameter eventCustomer: what the events call the customer.
    /// - Throws: `needsAnswer` for dates that leave their order open, and what reading throws.
    init(
        path: String,
        fileName: String,
        eventCustomer: String,
        options: ProposalOptions,
        answers: any StudyAnswering
    ) throws(DataError) {
        let encoding = try EncodingEvidence(path: path)
        let table = try TableProfile(
            files: [path],
            layout: try FileLayout(path: path, encoding: encoding.encoding),
            encoding: encoding
        )
        self.table = table
        self.fileName = fileName
        let named = table.columns.filter { ColumnMeaning($0.name).customer > 0 && $0.numbers.canBeIdentifiers }
            .sorted { ColumnMeaning($0.name).customer > ColumnMeaning($1.name).customer }
        let unnamed = table.columns.filter { $0.isUnique && $0.filled == table.rows && $0.times.best.isEmpty }
        guard let customer = table.column(eventCustomer) ?? named.first ?? unnamed.first else {
            throw DataError(
                .notAHistory,
                "has no column that names each customer once",
                file: path,
                fix: "name the column \(eventCustomer), as the events do"
            )
        }
        self.customer = customer.name
        // A row counts from the day that says so; the day of the signup says it only of rows that follow each other.
        let since = table.columns.first { column in
            guard !column.times.best.isEmpty, column.name != customer.name else { return false }
            let meaning = ColumnMeaning(column.name)
            return meaning.holds(["valid", "gueltig"])
                || (!customer.isUnique
                    && meaning.holds(["since", "seit", "from", "signup", "registr", "created", "angelegt", "start"]))
        }
        if let since {
            let best = since.times.best
            let chosen = best.count > 1 ? try TimeProposal.chooseOrder(since, options, answers) : best[0]
            validFrom = (since.name, chosen.format.pattern)
        } else {
            validFrom = nil
        }
        let usable = table.columns.filter { column in
            column.name != customer.name && column.times.best.isEmpty && column.distinct > 1
                && !ColumnMeaning(column.name).isPersonal && (column.values != nil || column.numbers.isNumeric)
                && column.numbers.leadingZeros == 0
        }
        let telling = usable.filter { ColumnMeaning($0.name).tellsOfLeaving }
        leftOut = telling.map(\.name)
        let kept = usable.filter { column in !telling.contains { $0.name == column.name } }
        attributes = kept.map(\.name)
        numbers = try NumberProposal(
            used: kept.filter(\.numbers.isNumeric),
            others: [],
            customer: customer,
            blanksAreZero: true,
            file: path,
            options: ProposalOptions(decimal: options.decimal),
            answers: answers
        )
    }

    var lines: [CommentedLine] {
        guard !attributes.isEmpty else {
            return [
                CommentedLine("", "no `customers`: no column of \(fileName) has few values or numbers to learn from")
            ]
        }
        var lines = [
            CommentedLine("customers:"),
            CommentedLine("  - file: \(YAMLText.scalar(fileName))", "\(table.rows) rows"),
        ]
        var format = "delimiter: \(YAMLText.scalar(table.layout.delimiterName)), encoding: \(table.encoding.rawValue)"
        if table.layout.skippedLines > 0 { format += ", skipLines: \(table.layout.skippedLines)" }
        if !table.layout.hasHeader {
            format +=
                ", header: false, columns: [\(table.layout.columnNames.map(YAMLText.scalar).joined(separator: ", "))]"
        }
        if numbers.decimal != "." { format += ", decimal: \(YAMLText.quoted(numbers.decimal))" }
        if let mark = numbers.thousands { format += ", thousands: \(YAMLText.quoted(mark))" }
        if !numbers.negative.isEmpty { format += ", negative: [\(numbers.negative.joined(separator: ", "))]" }
        if !numbers.currencies.isEmpty {
            format += ", currency: [\(numbers.currencies.map(YAMLText.quoted).joined(separator: ", "))]"
        }
        if !numbers.nullTexts.isEmpty {
            let texts = [""] + numbers.nullTexts.filter { !$0.isEmpty }
            format += ", null: [\(texts.map(YAMLText.quoted).joined(separator: ", "))]"
        }
        lines.append(.pair(4, "format", "{\(format)}", table.layout.delimiterReason))
        let customers = table.column(customer)?.distinct ?? 0
        lines.append(.pair(4, "customer", YAMLText.scalar(customer), "\(customers) customers"))
        if let (column, format) = validFrom {
            lines.append(
                .pair(
                    4,
                    "validFrom",
                    "{column: \(YAMLText.scalar(column)), format: \(YAMLText.quoted(format))}",
                    "a row counts from this day on"
                )
            )
        } else {
            lines.append(
                CommentedLine(
                    "    ",
                    "no `validFrom`: no column says since when a row is true, so that it counts at every cutoff; mind values that changed later"
                )
            )
        }
        lines.append(
            .pair(
                4,
                "attributes",
                "[\(attributes.map(YAMLText.scalar).joined(separator: ", "))]",
                "columns with few values or numbers; names and addresses are left out"
            )
        )
        if !leftOut.isEmpty {
            lines.append(
                CommentedLine("    ", "left out: \(leftOut.joined(separator: ", ")), which tell of the leaving itself")
            )
        }
        return lines
    }
}

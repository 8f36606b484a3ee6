import ChurnHistory

/// A file with one row a customer as a study's `customers`.
struct CustomersProposal {
    let table: TableProfile
    let fileName: String
    let customer: String
    /// The column that says from when a row is true, and its format.
    let validFrom: (column: String, format: String)?
    let attributes: [String]

    /// - Parameter eventCustomer: what the events call the customer.
    init(path: String, fileName: String, eventCustomer: String) throws(DataError) {
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
        let dates = table.columns.filter { !$0.times.best.isEmpty && $0.name != customer.name }
        let since = dates.first {
            ColumnMeaning($0.name).holds([
                "valid", "gueltig", "since", "seit", "from", "signup", "registr", "created", "angelegt", "start",
            ])
        }
        validFrom = since.flatMap { column in column.times.best.first.map { (column.name, $0.format.pattern) } }
        attributes = table.columns.filter { column in
            column.name != customer.name && column.times.best.isEmpty && column.distinct > 1
                && !ColumnMeaning(column.name).isPersonal && (column.values != nil || column.numbers.isNumeric)
                && column.numbers.leadingZeros == 0
        }.map(\.name)
    }

    var lines: [CommentedLine] {
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
        return lines
    }
}

import ChurnHistory

extension SourceProposal {
    /// The entry of `events` as lines of a study.
    /// - Parameters:
    ///   - mergesSameDay: whether rows of a day are one purchase, with the reason; `nil` where that is no question.
    ///   - zone: the zone of the times where it is not the study's.
    func lines(mergesSameDay: (Bool, reason: String)?) -> [CommentedLine] {
        var lines = fileLines()
        lines += formatLines()
        lines.append(.pair(4, "customer", name(roles.customer.column), roles.customer.reason))
        lines += emptyCustomerLines()
        if let duplicates {
            lines.append(.pair(4, "duplicates", duplicates.value.rawValue, duplicates.reason))
        } else {
            lines.append(
                CommentedLine(
                    "    ",
                    "no row repeats another; where one ever does, reading stops and asks for `duplicates: keep` or `drop`"
                )
            )
        }
        lines.append(
            .pair(4, "time", "{column: \(name(time.column)), format: \(YAMLText.quoted(time.format))}", time.reason)
        )
        lines.append(.pair(4, "type", typeRule.yaml, typeRule.reason))
        if let amount = roles.amount.yaml(name) {
            lines.append(.pair(4, "amount", amount, roles.amountReason))
        } else {
            lines.append(CommentedLine("    ", "no `amount`: \(roles.amountReason)"))
        }
        if let currency = roles.currency { lines.append(.pair(4, "currency", currency.yaml(name), currency.reason)) }
        if let quantity = roles.quantity { lines.append(.pair(4, "quantity", name(quantity.column), quantity.reason)) }
        switch merging {
        case .group(let column, let reason): lines.append(.pair(4, "group", name(column), reason))
        case .separate(let reason?): lines.append(CommentedLine("    ", "no `group`: \(reason)"))
        case .separate(nil), .perhapsSameDay: break
        }
        if let (merges, reason) = mergesSameDay, merges { lines.append(.pair(4, "mergeSameDay", "true", reason)) }
        if !roles.attributes.isEmpty {
            let pairs = roles.attributes.map { "\(YAMLText.scalar($0.name)): \(name($0.column))" }
            lines.append(
                .pair(
                    4,
                    "attributes",
                    "{\(pairs.joined(separator: ", "))}",
                    "columns whose values come again; names, addresses and free texts are left out"
                )
            )
        }
        return lines
    }

    /// A column's name as the study writes it: what it is used for where the file does not name it.
    func name(_ column: String) -> String { YAMLText.scalar(shownName(column)) }

    private func shownName(_ column: String) -> String {
        guard !table.layout.hasHeader, !table.layout.isHeaderMended else { return column }
        if column == roles.customer.column { return "customer" }
        if column == time.column { return "time" }
        if column == roles.quantity?.column { return "quantity" }
        return roles.amount.columns == [column] ? "amount" : column
    }

    private func fileLines() -> [CommentedLine] {
        let count = "\(table.rows) rows"
        guard fileNames.count > 1 else {
            let many = table.files.count > 1 ? "\(table.files.count) files, \(count)" : count
            return [CommentedLine("  - file: \(YAMLText.scalar(fileNames.first ?? ""))", many)]
        }
        return [CommentedLine("  - file:", "\(table.files.count) files of the same columns, \(count)")]
            + fileNames.map { CommentedLine("      - \(YAMLText.scalar($0))") }
    }

    private func formatLines() -> [CommentedLine] {
        let layout = table.layout
        var lines = [CommentedLine("    format:")]
        lines.append(.pair(6, "delimiter", YAMLText.scalar(layout.delimiterName), layout.delimiterReason))
        lines.append(
            .pair(6, "decimal", YAMLText.quoted(numbers.decimal), numbers.reason ?? "no number says otherwise")
        )
        if let thousands = numbers.thousands {
            lines.append(.pair(6, "thousands", YAMLText.quoted(thousands), numbers.thousandsReason))
        }
        if !numbers.negative.isEmpty {
            lines.append(.pair(6, "negative", "[\(numbers.negative.joined(separator: ", "))]", numbers.negativeReason))
        }
        if !numbers.currencies.isEmpty {
            let texts = numbers.currencies.map(YAMLText.quoted).joined(separator: ", ")
            lines.append(
                .pair(6, "currency", "[\(texts)]", "stands beside numbers; amounts are taken to be of one currency")
            )
        }
        lines.append(
            .pair(
                6,
                "encoding",
                table.encoding.rawValue,
                table.encodingReason ?? "plain ASCII, which every encoding reads alike"
            )
        )
        if layout.skippedLines > 0 {
            let reason =
                layout.isHeaderMended
                ? "the header is left out: names are empty or repeated there"
                : "lines in front of the \(layout.hasHeader ? "header" : "rows")"
            lines.append(.pair(6, "skipLines", "\(layout.skippedLines)", reason))
        }
        if let footer = table.footerRows {
            lines.append(
                .pair(6, "skipFooter", "\(footer)", "the last rows have another number of fields than the others")
            )
        }
        if !layout.hasHeader {
            lines.append(.pair(6, "header", "false", layout.isHeaderMended ? "see `skipLines`" : layout.headerReason))
            let names = layout.columnNames.map(name).joined(separator: ", ")
            lines.append(
                .pair(6, "columns", "[\(names)]", layout.isHeaderMended ? "its names, mended" : "names made here")
            )
        }
        if !numbers.nullTexts.isEmpty {
            let texts = numbers.nullTexts.map(YAMLText.quoted).joined(separator: ", ")
            lines.append(.pair(6, "null", "[\(texts)]", numbers.nullReason))
        }
        return lines
    }

    private func emptyCustomerLines() -> [CommentedLine] {
        guard let column = table.column(roles.customer.column) else { return [] }
        let missing = column.cells - column.filled
        if missing == 0 { return [] }
        return [.pair(4, "emptyCustomer", "drop", "\(missing) rows have no customer: they can teach nothing of one")]
    }
}

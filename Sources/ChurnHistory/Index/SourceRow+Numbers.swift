extension SourceRow {
    /// The question that a cell such as `1.234` asks where nobody said which mark is the decimal one.
    func ambiguousNumber(_ position: Int, _ dialect: DelimitedDialect, path: String) -> DataError {
        Self.ambiguousNumber(
            file: path,
            line: record.line,
            field: position,
            column: columnNames[position],
            value: text(position),
            dialect
        )
    }

    static func ambiguousNumber(
        file: String,
        line: Int,
        field: Int,
        column: String,
        value: String,
        _ dialect: DelimitedDialect
    ) -> DataError {
        DataError(
            .ambiguousNumber,
            "may be a unit and some or a thousand and some, and no other cell of the column tells",
            file: file,
            line: line,
            field: field + 1,
            column: column,
            value: value,
            fix: "if the point is the decimal mark, \(dialect.settings.set([.decimal(0x2E)])); if it marks thousands,"
                + " \(dialect.settings.set([.decimal(0x2C), .thousands(0x2E)]))"
        )
    }
}

extension RowFate {
    /// What becomes of a row whose number cannot be read: it stops the run where a setting that nobody made could read it.
    static func malformedNumber(_ row: SourceRow, _ position: Int, _ dialect: DelimitedDialect) -> RowFate {
        let doubt = row.withCell(position) { NumberDoubt($0, under: dialect) }
        let error = row.fault(
            .notANumber,
            "is not a number",
            at: position,
            fix: doubt?.fix(dialect.settings)
                ?? "correct the cell; if the text means \"no value\", name it in `null` in `format`"
        )
        return doubt == nil ? .rejected(error) : .undecided(error)
    }
}

/// Puts the amount of a row together from its cells, by the source's rule and in its currency.
struct AmountReading {
    /// The part of a numeric column in the amount.
    enum Role: Sendable {
        case factor, plus, minus

        init?(of column: String, in rule: AmountRule) {
            switch rule {
            case .none: return nil
            case .product(let columns):
                guard columns.contains(column) else { return nil }
                self = .factor
            case .difference(let plus, let minus):
                if column == plus { self = .plus } else if column == minus { self = .minus } else { return nil }
            case .signed(let magnitude, _, _, _):
                guard column == magnitude else { return nil }
                self = .factor
            }
        }
    }

    /// Why a row has no amount that can be trusted.
    struct Failure: Error {
        let fate: RowFate
    }

    private let rule: AmountRule
    private let currency: CurrencyRule?
    private let dialect: DelimitedDialect
    private let nullTexts: NullTexts
    private let negativeSigns: [[UInt8]]
    private let positiveSigns: [[UInt8]]
    /// The first currency that stood beside an amount, where the study has no rule for several.
    private(set) var firstCurrency: String?
    private var total = Double.nan
    private var filled = 0
    private var nulls = 0

    /// - Parameter firstCurrency: the one that rows before have shown.
    init(_ source: EventSource, firstCurrency: String?) {
        self.firstCurrency = firstCurrency
        rule = source.amount
        currency = source.currency
        dialect = source.dialect
        nullTexts = NullTexts(source.dialect)
        if case .signed(_, _, let negative, let positive) = source.amount {
            negativeSigns = negative.map { Array($0.utf8) }
            positiveSigns = positive.map { Array($0.utf8) }
        } else {
            negativeSigns = []
            positiveSigns = []
        }
    }

    /// Forgets the row before.
    mutating func begin() {
        filled = 0
        nulls = 0
        switch rule {
        case .none: total = .nan
        case .product, .signed: total = 1
        case .difference: total = 0
        }
    }

    /// Whether a blank cell is as good as a zero.
    func allowsBlank(_ role: Role) -> Bool { role != .factor }

    mutating func take(_ value: Double, _ role: Role) {
        filled += 1
        switch role {
        case .factor: total *= value
        case .plus: total += value
        case .minus: total -= value
        }
    }

    mutating func takeNull(_ role: Role) {
        nulls += 1
        if role == .factor { total = .nan }
    }

    /// The amount of the row; NaN where it has none.
    mutating func value(of row: SourceRow, _ fields: EventFields) -> Result<Double, Failure> {
        if case .none = rule { return .success(.nan) }
        if case .difference(let plus, let minus) = rule, filled == 0 {
            if nulls > 0 { return .success(.nan) }
            return failure(
                .missingValue,
                "neither \(plus) nor \(minus) has a value",
                row,
                nil,
                "fill one of them; if the row has no amount, name how that is written in `null`"
            )
        }
        if let sign = fields.sign {
            if total < 0 {
                return failure(
                    .notANumber,
                    "has a minus of its own beside the column of signs",
                    row,
                    fields.numeric.first { $0.role != nil }?.position,
                    "if the minus is the sign, set `amount` to the column alone"
                )
            }
            if row.withCell(sign, { cell in negativeSigns.contains { cell.elementsEqual($0) } }) {
                total = -total
            } else if !row.withCell(sign, { cell in positiveSigns.contains { cell.elementsEqual($0) } }) {
                return failure(
                    .unknownType,
                    "is neither a positive nor a negative sign",
                    row,
                    sign,
                    "add it to `positive` or `negative` of the amount's `sign`"
                )
            }
        }
        if total.isInfinite {
            return failure(
                .numberOutOfRange,
                "the amount is too large for a number",
                row,
                nil,
                "correct the factors of the amount"
            )
        }
        if total.isNaN { return .success(.nan) }
        return converted(row, fields)
    }

    // MARK: Currency

    private mutating func converted(_ row: SourceRow, _ fields: EventFields) -> Result<Double, Failure> {
        let found: (name: String, position: Int)?
        switch currencyOfRow(row, fields) {
        case .success(let currency): found = currency
        case .failure(let failure): return .failure(failure)
        }
        guard let found else { return .success(total) }
        guard let currency else { return checkOneCurrency(found, row) }
        if let factor = currency.factor(found.name) {
            let value = total * factor
            return value.isFinite
                ? .success(value)
                : failure(.numberOutOfRange, "the amount is too large for a number", row, nil, "correct the amount")
        }
        if currency.others == .drop { return .failure(.init(fate: .droppedOtherCurrency)) }
        return .failure(
            .init(
                fate: .undecided(
                    row.fault(
                        .severalCurrencies,
                        "is a currency for which the study has no rate",
                        at: found.position,
                        fix: "add it to `rates` of `currency`; `others: drop` leaves such rows out"
                    )
                )
            )
        )
    }

    /// The currency of a row's amount and where it stands; `nil` where none is written.
    private func currencyOfRow(
        _ row: SourceRow,
        _ fields: EventFields
    ) -> Result<(name: String, position: Int)?, Failure> {
        if let column = fields.currency {
            guard !row.withCell(column, { isBlank($0) || nullTexts.contains($0) }) else {
                return .failure(
                    .init(
                        fate: .rejected(
                            row.fault(.missingValue, "the amount has no currency", at: column, fix: "fill the cell")
                        )
                    )
                )
            }
            return .success((row.text(column).trimmedOfBlanks, column))
        }
        var found: (name: String, position: Int)?
        for numeric in fields.numeric where numeric.role != nil {
            guard let index = row.withCell(numeric.position, dialect.numbers.currency) else { continue }
            let name = dialect.numbers.currencies[index]
            if let found, CurrencyRule.code(found.name) != CurrencyRule.code(name) {
                return .failure(
                    .init(
                        fate: .undecided(
                            row.fault(
                                .severalCurrencies,
                                "is in another currency than the other part of the amount (\(found.name))",
                                at: numeric.position,
                                fix: "the parts of one amount must be in one currency"
                            )
                        )
                    )
                )
            }
            found = found ?? (name, numeric.position)
        }
        return .success(found)
    }

    /// Amounts in two currencies cannot be added: the study must say what to do with them.
    private mutating func checkOneCurrency(
        _ found: (name: String, position: Int),
        _ row: SourceRow
    ) -> Result<Double, Failure> {
        let first = firstCurrency ?? found.name
        firstCurrency = first
        guard CurrencyRule.code(first) != CurrencyRule.code(found.name) else { return .success(total) }
        return .failure(
            .init(
                fate: .undecided(
                    row.fault(
                        .severalCurrencies,
                        "is in another currency than the amounts before (\(first))",
                        at: found.position,
                        fix:
                            "beside `amount`, set `currency: {base: \(first), rates: {\(found.name): …}}` to convert, or"
                            + " `currency: {base: \(first), others: drop}` to leave such rows out"
                    )
                )
            )
        )
    }

    private func failure(
        _ code: DataErrorCode,
        _ problem: String,
        _ row: SourceRow,
        _ position: Int?,
        _ fix: String
    ) -> Result<Double, Failure> {
        .failure(.init(fate: .rejected(row.fault(code, problem, at: position, fix: fix))))
    }
}

extension String {
    /// The text without blanks and tabs at its ends.
    var trimmedOfBlanks: String {
        var text = self[...]
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}

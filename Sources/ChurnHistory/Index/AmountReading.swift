/// Puts the amount of a row together from its cells, by the source's rule and in its currency.
struct AmountReading {
    /// The part of a numeric column in the amount.
    enum Role {
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
    private let negativeSigns: [[UInt8]]
    private let positiveSigns: [[UInt8]]
    /// The first currency that stood beside an amount, where the study has no rule for several.
    private var firstCurrency: String?
    private var total = Double.nan
    private var filled = 0
    private var nulls = 0

    init(_ source: EventSource) {
        rule = source.amount
        currency = source.currency
        dialect = source.dialect
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
    mutating func value(
        of row: SourceRow,
        _ fields: EventFields,
        _ nullTexts: NullTexts
    ) -> Result<Double, Failure> {
        if case .none = rule { return .success(.nan) }
        if case .difference(let plus, let minus) = rule, filled == 0 {
            if nulls > 0 { return .success(.nan) }
            return .failure(
                .init(
                    fate: .rejected(
                        row.fault(
                            .missingValue,
                            "neither \(plus) nor \(minus) has a value",
                            fix: "fill one of them; if the row has no amount, name how that is written in `null`"
                        )
                    )
                )
            )
        }
        if let sign = fields.sign {
            if row.withCell(sign, { cell in negativeSigns.contains { cell.elementsEqual($0) } }) {
                total = -total
            } else if !row.withCell(sign, { cell in positiveSigns.contains { cell.elementsEqual($0) } }) {
                return .failure(
                    .init(
                        fate: .rejected(
                            row.fault(
                                .unknownType,
                                "is neither a positive nor a negative sign",
                                at: sign,
                                fix: "add it to `positive` or `negative` of the amount's `sign`"
                            )
                        )
                    )
                )
            }
        }
        if total.isInfinite {
            return .failure(
                .init(
                    fate: .rejected(
                        row.fault(
                            .numberOutOfRange,
                            "the amount is too large for a number",
                            fix: "correct the factors of the amount"
                        )
                    )
                )
            )
        }
        if total.isNaN { return .success(.nan) }
        return converted(row, fields)
    }

    // MARK: Currency

    private mutating func converted(_ row: SourceRow, _ fields: EventFields) -> Result<Double, Failure> {
        guard let currency else { return checkOneCurrency(row, fields) }
        let name: String?
        let place: Int?
        if let column = fields.currency {
            name = row.text(column).trimmedOfBlanks
            place = column
        } else {
            (name, place) = currencyBesideAmount(row, fields)
        }
        guard let name else { return .success(total) }
        if let factor = currency.factor(name) { return .success(total * factor) }
        if currency.others == .drop { return .failure(.init(fate: .droppedOtherCurrency)) }
        return .failure(
            .init(
                fate: .undecided(
                    row.fault(
                        .severalCurrencies,
                        "is a currency for which the study has no rate",
                        at: place,
                        fix: "add it to `rates` of `currency`; `others: drop` leaves such rows out"
                    )
                )
            )
        )
    }

    private func currencyBesideAmount(_ row: SourceRow, _ fields: EventFields) -> (String?, Int?) {
        for numeric in fields.numeric where numeric.role != nil {
            if let index = row.withCell(numeric.position, dialect.numbers.currency) {
                return (dialect.numbers.currencies[index], numeric.position)
            }
        }
        return (nil, nil)
    }

    /// Amounts in two currencies cannot be added: the study must say what to do with them.
    private mutating func checkOneCurrency(_ row: SourceRow, _ fields: EventFields) -> Result<Double, Failure> {
        guard dialect.numbers.currencies.count > 1 else { return .success(total) }
        let (name, place) = currencyBesideAmount(row, fields)
        guard let name else { return .success(total) }
        let first = firstCurrency ?? name
        firstCurrency = first
        guard CurrencyRule.code(first) != CurrencyRule.code(name) else { return .success(total) }
        return .failure(
            .init(
                fate: .undecided(
                    row.fault(
                        .severalCurrencies,
                        "is in another currency than the amounts before (\(first))",
                        at: place,
                        fix: "set `currency: {base: \(first), rates: {\(name): …}}`, or `others: drop` there"
                    )
                )
            )
        )
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

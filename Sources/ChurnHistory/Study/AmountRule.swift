/// How the amount of an event comes from the columns of its row.
public enum AmountRule: Sendable, Equatable {
    /// Events have no amount.
    case none
    /// The product of one or more columns.
    case product([String])
    /// One column minus another, as with Soll and Haben; a blank cell counts as zero, but not two of them.
    case difference(plus: String, minus: String)
    /// A column without sign, and one whose text gives the sign, such as S and H.
    case signed(column: String, signColumn: String, negative: [String], positive: [String])

    /// The columns that hold numbers, each once.
    public var numericColumns: [String] {
        switch self {
        case .none: []
        case .product(let columns): columns
        case .difference(let plus, let minus): [plus, minus]
        case .signed(let column, _, _, _): [column]
        }
    }

    /// Reads the `amount` of a source: a column, `{multiply: […]}`, `{plus, minus}` or `{column, sign: {…}}`.
    init(_ node: StudyNode) throws(DataError) {
        guard node.isMapping else {
            self = .product([try node.text()])
            return
        }
        try node.requireKeys(["multiply", "plus", "minus", "column", "sign"])
        if let factors = node.optional("multiply") {
            try node.requireKeys(["multiply"])
            let columns = try factors.texts()
            if Set(columns).count != columns.count { throw factors.error("names a column twice") }
            if columns.isEmpty { throw factors.error("names no column", fix: "multiply: [Quantity, UnitPrice]") }
            self = .product(columns)
        } else if node.optional("plus") != nil || node.optional("minus") != nil {
            try node.requireKeys(["plus", "minus"])
            let plus = try node.required("plus", example: "Soll").text()
            let minus = try node.required("minus", example: "Haben")
            guard try minus.text() != plus else { throw minus.error("is the column of `plus` too") }
            self = .difference(plus: plus, minus: try minus.text())
        } else {
            let column = try node.required("column", example: "Umsatz").text()
            let sign = try node.required("sign", example: "{column: Kennzeichen, negative: [H], positive: [S]}")
            try sign.requireKeys(["column", "negative", "positive"])
            let negative = try sign.required("negative", example: "[H]").texts()
            let positive = try sign.required("positive", example: "[S]")
            if let both = try positive.texts().first(where: negative.contains) {
                throw positive.error("is in `negative` too", value: both)
            }
            self = .signed(
                column: column,
                signColumn: try sign.required("column", example: "Kennzeichen").text(),
                negative: negative,
                positive: try positive.texts()
            )
        }
    }
}

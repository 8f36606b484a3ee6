extension DelimitedDialect {
    /// Reads the `format` of a source.
    public init(_ node: StudyNode) throws(DataError) {
        self.init()
        try node.requireKeys([
            "delimiter", "decimal", "thousands", "currency", "negative", "encoding", "header", "columns", "skipLines",
            "skipFooter", "null",
        ])
        if let delimiter = node.optional("delimiter") {
            guard let value = Delimiter(name: try delimiter.text()) else {
                throw delimiter.error(
                    "is not a delimiter",
                    value: try delimiter.text(),
                    fix: #"use ",", ";", "|", tab or blanks"#
                )
            }
            self.delimiter = value
        }
        numbers = try NumberFormat(
            decimal: node.optional("decimal"),
            thousands: node.optional("thousands"),
            currency: node.optional("currency"),
            negative: node.optional("negative")
        )
        decimalIsDecided = node.optional("decimal") != nil || node.optional("thousands") != nil
        decidedEncoding = try node.optional("encoding")?.choice(Encoding.self)
        let hasHeader = try node.optional("header")?.boolean() ?? true
        columnNames = try node.optional("columns")?.texts()
        if !hasHeader, columnNames == nil {
            throw node.error(.missingKey, "a file without a header needs `columns`", fix: "columns: [id, date, amount]")
        }
        if hasHeader, columnNames != nil {
            throw node.error("names `columns` although the file has a header", fix: "header: false, or no `columns`")
        }
        if let columns = node.optional("columns"), let names = columnNames, Set(names).count != names.count {
            throw columns.error("names a column twice", fix: "give every column a name of its own")
        }
        skipLines = try node.optional("skipLines")?.count() ?? 0
        skipFooter = try node.optional("skipFooter")?.count() ?? 0
        if skipFooter > Self.maximumFooter, let footer = node.optional("skipFooter") {
            throw footer.error("must not be more than \(Self.maximumFooter)", value: "\(skipFooter)")
        }
        nullTexts = try node.optional("null")?.texts() ?? []
    }
}

extension DelimitedDialect.Delimiter {
    /// From the name that studies and options use.
    public init?(name: String) {
        switch name {
        case "blanks": self = .blanks
        case "tab", "\t": self = .byte(UInt8(ascii: "\t"))
        case ",", ";", "|", ":": self = .byte(name.utf8.first ?? UInt8(ascii: ","))
        case "comma": self = .byte(UInt8(ascii: ","))
        case "semicolon": self = .byte(UInt8(ascii: ";"))
        default: return nil
        }
    }
}

extension NumberFormat {
    init(
        decimal: StudyNode?,
        thousands: StudyNode?,
        currency: StudyNode?,
        negative: StudyNode?
    ) throws(DataError) {
        func mark(_ node: StudyNode?) throws(DataError) -> UInt8? {
            guard let node else { return nil }
            let text = try node.text()
            guard let byte = text.utf8.first, text.utf8.count == 1, [".", ",", " ", "'"].contains(text) else {
                throw node.error(
                    "is not a mark",
                    value: text,
                    fix: #"use "." or ","; thousands may also be " " or "'""#
                )
            }
            return byte
        }
        let decimalMark = try mark(decimal) ?? UInt8(ascii: ".")
        let thousandsMark = try mark(thousands)
        if decimalMark == thousandsMark, let thousands {
            throw thousands.error("is the decimal mark too", fix: "set `decimal` to the other one")
        }
        var currencies: [String] = []
        for node in currency?.elements() ?? [] {
            let text = try node.text()
            guard NumberFormat.isCurrency(text) else {
                throw node.error("is not the sign of a currency", value: text, fix: #"such as EUR or "€""#)
            }
            currencies.append(text)
        }
        var styles: Set<NegativeStyle> = []
        for node in negative?.elements() ?? [] { styles.insert(try node.choice(NegativeStyle.self)) }
        self.init(
            decimalMark: decimalMark,
            thousandsMark: thousandsMark,
            currencies: currencies,
            negativeStyles: styles
        )
    }
}

import Foundation

/// Where events are and which columns they are read from: one entry of a study's `events`.
public struct EventSource: Sendable {
    /// Where the type of an event comes from.
    public enum TypeRule: Sendable, Equatable {
        /// The same type for every row.
        case always(String)
        /// The cell itself is the type.
        case cell(column: String)
        /// The first prefix that the cell has decides; without one, `otherwise`.
        case startsWith(column: String, types: [PatternType], otherwise: String?)
        /// The cell's whole text decides; without a match, `otherwise`.
        case equals(column: String, types: [PatternType], otherwise: String?)
    }

    public struct PatternType: Sendable, Equatable {
        public let pattern: [UInt8]
        public let type: String
    }

    /// What happens to rows without a customer.
    public enum EmptyCustomer: String, Sendable, CaseIterable {
        case reject, drop
    }

    /// What happens to rows that repeat an earlier row of the source to the byte.
    public enum Duplicates: String, Sendable, CaseIterable {
        case keep, drop
    }

    /// A named attribute and the column it is read from.
    public struct Attribute: Sendable, Equatable {
        public let name: String
        public let column: String
    }

    /// Files, in the order in which they are read.
    public let files: [String]
    public let dialect: DelimitedDialect
    public let customer: String
    public let emptyCustomer: EmptyCustomer
    /// `nil` where the study does not say: then a repeated row stops the reading.
    public let duplicates: Duplicates?
    public let timeColumn: String
    public let timeFormat: TimeFormat
    /// The zone of times without an offset where it is not the study's.
    public let timeZone: StudyCalendar?
    public let type: TypeRule
    /// The columns whose product is the amount; empty when events have none.
    public let amount: [String]
    public let quantity: String?
    /// Rows of one customer and type with the same text in this column are one transaction.
    public let group: String?
    /// Rows of one customer and type on one calendar day are one transaction.
    public let mergeSameDay: Bool
    public let attributes: [Attribute]

    /// Reads an element of `events` in a study.
    /// - Parameter folder: what relative file names start from: the study's folder.
    public init(_ node: StudyNode, folder: String, calendar: StudyCalendar) throws(DataError) {
        try node.requireKeys([
            "file", "format", "customer", "emptyCustomer", "duplicates", "time", "type", "amount", "quantity", "group",
            "mergeSameDay", "attributes",
        ])
        files = try SourceFiles.expand(try node.required("file", example: "orders.csv"), folder: folder)
        dialect = try node.optional("format").map { (n) throws(DataError) in try DelimitedDialect(n) } ?? .init()
        customer = try node.required("customer", example: "CustomerID").text()
        emptyCustomer = try node.optional("emptyCustomer")?.choice(EmptyCustomer.self) ?? .reject
        duplicates = try node.optional("duplicates")?.choice(Duplicates.self)
        let time = try node.required("time", example: "{column: date, format: yyyy-MM-dd}")
        if time.isMapping {
            try time.requireKeys(["column", "format", "zone"])
            timeColumn = try time.required("column", example: "date").text()
            timeFormat = try Self.timeFormat(time.optional("format"))
            timeZone = try time.optional("zone").map { (zone) throws(DataError) in
                try StudyCalendar(zone, sameAs: calendar)
            }
        } else {
            timeColumn = try time.text()
            timeFormat = try Self.timeFormat(nil)
            timeZone = nil
        }
        type = try TypeRule(try node.required("type", example: "{always: purchase}"))
        amount = try Self.amountColumns(node.optional("amount"))
        quantity = try node.optional("quantity")?.text()
        group = try node.optional("group")?.text()
        mergeSameDay = try node.optional("mergeSameDay")?.boolean() ?? false
        var attributes: [Attribute] = []
        for (name, column) in try node.optional("attributes")?.pairs() ?? [] {
            attributes.append(Attribute(name: name, column: try column.text()))
        }
        self.attributes = attributes
    }

    private static func timeFormat(_ node: StudyNode?) throws(DataError) -> TimeFormat {
        guard let node else { return .iso8601 }
        let pattern = try node.text()
        guard let format = TimeFormat(pattern) else {
            throw node.error(
                "is not a time format",
                value: pattern,
                fix: "use yyyy, MM, dd, HH, mm, ss, SSS and XXX, or iso8601: `dd.MM.yyyy HH:mm`"
            )
        }
        return format
    }

    private static func amountColumns(_ node: StudyNode?) throws(DataError) -> [String] {
        guard let node else { return [] }
        guard node.isMapping else { return [try node.text()] }
        try node.requireKeys(["multiply"])
        let factors = try node.required("multiply", example: "[Quantity, UnitPrice]")
        let columns = try factors.texts()
        if Set(columns).count != columns.count { throw factors.error("names a column twice") }
        return columns
    }
}

extension EventSource.TypeRule {
    init(_ node: StudyNode) throws(DataError) {
        guard node.isMapping else {
            self = .cell(column: try node.text())
            return
        }
        try node.requireKeys(["always", "column", "startsWith", "equals", "otherwise"])
        if let always = node.optional("always") {
            self = .always(try always.text())
            return
        }
        let column = try node.required("column", example: "InvoiceNo").text()
        let otherwise = try node.optional("otherwise")?.text()
        func patterns(_ node: StudyNode) throws(DataError) -> [EventSource.PatternType] {
            var patterns: [EventSource.PatternType] = []
            for (pattern, type) in try node.pairs() {
                patterns.append(.init(pattern: Array(pattern.utf8), type: try type.text()))
            }
            return patterns
        }
        if let prefixes = node.optional("startsWith") {
            self = .startsWith(column: column, types: try patterns(prefixes), otherwise: otherwise)
        } else if let texts = node.optional("equals") {
            self = .equals(column: column, types: try patterns(texts), otherwise: otherwise)
        } else {
            self = .cell(column: column)
        }
    }

    var column: String? {
        switch self {
        case .always: nil
        case .cell(let column), .startsWith(let column, _, _), .equals(let column, _, _): column
        }
    }
}

extension StudyCalendar {
    /// The calendar of a zone that a study names.
    public init(_ node: StudyNode) throws(DataError) {
        let name = try node.text()
        guard let calendar = StudyCalendar(timeZoneName: name) else {
            throw node.error("is not a time zone", value: name, fix: "use an IANA name such as Europe/Berlin")
        }
        self = calendar
    }

    init(_ node: StudyNode, sameAs other: StudyCalendar) throws(DataError) {
        if try node.text() == other.timeZoneName { self = other } else { self = try StudyCalendar(node) }
    }
}

extension DelimitedDialect {
    /// Reads the `format` of a source.
    public init(_ node: StudyNode) throws(DataError) {
        self.init()
        try node.requireKeys([
            "delimiter", "decimal", "thousands", "encoding", "header", "columns", "skipLines", "null",
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
        numbers = try NumberFormat(decimal: node.optional("decimal"), thousands: node.optional("thousands"))
        encoding = try node.optional("encoding")?.choice(Encoding.self) ?? .utf8
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
        if let skip = node.optional("skipLines") {
            skipLines = try skip.wholeNumber()
            if skipLines < 0 { throw skip.error("must not be negative", value: "\(skipLines)") }
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
    init(decimal: StudyNode?, thousands: StudyNode?) throws(DataError) {
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
        self.init(decimalMark: decimalMark, thousandsMark: thousandsMark)
    }
}

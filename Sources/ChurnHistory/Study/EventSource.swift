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
    public let time: TimeColumn
    public let type: TypeRule
    public let amount: AmountRule
    /// What becomes of amounts in several currencies.
    public let currency: CurrencyRule?
    public let quantity: String?
    /// The column that names each event; one name with two contents stops the reading.
    public let id: String?
    /// Rows of one customer and type with the same text in this column are one transaction.
    public let group: String?
    /// Rows of one customer and type on one calendar day are one transaction.
    public let mergeSameDay: Bool
    public let attributes: [Attribute]

    /// Reads an element of `events` in a study.
    /// - Parameter folder: what relative file names start from: the study's folder.
    public init(_ node: StudyNode, folder: String, calendar: StudyCalendar) throws(DataError) {
        try node.requireKeys([
            "file", "format", "customer", "emptyCustomer", "duplicates", "id", "time", "type", "amount", "currency",
            "quantity", "group", "mergeSameDay", "attributes",
        ])
        files = try SourceFiles.expand(try node.required("file", example: "orders.csv"), folder: folder)
        dialect = try node.optional("format").map { (n) throws(DataError) in try DelimitedDialect(n) } ?? .init()
        customer = try node.required("customer", example: "CustomerID").text()
        emptyCustomer = try node.optional("emptyCustomer")?.choice(EmptyCustomer.self) ?? .reject
        duplicates = try node.optional("duplicates")?.choice(Duplicates.self)
        id = try node.optional("id")?.text()
        time = try TimeColumn(
            try node.required("time", example: "{column: date, format: yyyy-MM-dd}"),
            keys: ["column", "format", "zone"],
            calendar: calendar
        )
        type = try TypeRule(try node.required("type", example: "{always: purchase}"))
        amount = try node.optional("amount").map { (n) throws(DataError) in try AmountRule(n) } ?? .none
        currency = try node.optional("currency").map { (n) throws(DataError) in try CurrencyRule(n) }
        if let rule = node.optional("currency"), currency?.column == nil, dialect.numbers.currencies.isEmpty {
            throw rule.error(
                .missingKey,
                "has nothing to go by: neither a `column` nor currencies beside the amounts",
                fix: "name the `column`, or set `currency: [EUR, USD]` in `format`"
            )
        }
        quantity = try node.optional("quantity")?.text()
        group = try node.optional("group")?.text()
        mergeSameDay = try node.optional("mergeSameDay")?.boolean() ?? false
        attributes = try node.optional("attributes").map { (n) throws(DataError) in try Attribute.list(n) } ?? []
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

    /// Whether a row can become an event of a type.
    public func canMake(_ type: String) -> Bool {
        switch self {
        case .always(let only): only == type
        case .cell: true
        case .startsWith(_, let types, let otherwise), .equals(_, let types, let otherwise):
            otherwise == type || types.contains { $0.type == type }
        }
    }

    var column: String? {
        switch self {
        case .always: nil
        case .cell(let column), .startsWith(let column, _, _), .equals(let column, _, _): column
        }
    }
}

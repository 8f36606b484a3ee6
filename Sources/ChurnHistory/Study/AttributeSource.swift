import ChurnNumerics

/// Where attributes of customers are: one entry of a study's `customers`.
public struct AttributeSource: Sendable {
    public let files: [String]
    public let dialect: DelimitedDialect
    public let customer: String
    /// The column with the date from which a row is known; `nil` where the file has none, and what it says today is taken to
    /// have been so always.
    public let validFrom: TimeColumn?
    public let attributes: [EventSource.Attribute]
    /// Names of attributes that never change, so that a row of today says what was true at any cutoff.
    public let constant: [String]
    /// The attribute that holds the year in which a company was founded, where there is one.
    public let foundingYear: String?
    /// The attribute that names the group of companies that a customer belongs to, where there is one. It is always dated.
    public let group: String?

    /// Reads an element of `customers` in a study.
    /// - Parameter folder: what relative file names start from: the study's folder.
    public init(_ node: StudyNode, folder: String, calendar: StudyCalendar) throws(DataError) {
        try node.requireKeys([
            "file", "format", "customer", "validFrom", "attributes", "constant", "foundingYear", "group",
        ])
        files = try SourceFiles.expand(try node.required("file", example: "customers.csv"), folder: folder)
        dialect = try node.optional("format").map { (n) throws(DataError) in try DelimitedDialect(n) } ?? .init()
        customer = try node.required("customer", example: "id").text()
        validFrom = try node.optional("validFrom").map { (n) throws(DataError) in
            try TimeColumn(n, keys: ["column", "format", "zone"], calendar: calendar)
        }
        let attributes = try node.required("attributes", example: "[industry, country]")
        self.attributes = try EventSource.Attribute.list(attributes)
        if self.attributes.isEmpty { throw attributes.error("names no attribute") }
        let names = self.attributes.map(\.name)
        constant = try Self.names(node.optional("constant"), among: names)
        foundingYear = try Self.name(node.optional("foundingYear"), among: names)
        group = try Self.name(node.optional("group"), among: names)
        if let group, !isDated(group), let key = node.optional("group") {
            throw key.error(
                .undatedAttribute,
                "has no date from which it is known: today's groups would tell the future at cutoffs of the past",
                value: group,
                fix: "name the date's column in `validFrom`, or list the attribute in `constant` if it never changes"
            )
        }
    }

    /// Reads the name of one attribute, which must be one of the source's.
    private static func name(_ node: StudyNode?, among known: [String]) throws(DataError) -> String? {
        guard let node else { return nil }
        _ = try node.text()
        return try names(node, among: known).first
    }

    /// Reads names of attributes, each of which must be one of the source's.
    private static func names(_ node: StudyNode?, among known: [String]) throws(DataError) -> [String] {
        guard let node else { return [] }
        let names = try node.texts()
        if let unknown = names.first(where: { !known.contains($0) }) {
            let suggestion = NearestName.of(unknown, among: known).map { "did you mean \"\($0)\"? " } ?? ""
            throw node.error(
                "is not among the attributes",
                value: unknown,
                fix: "\(suggestion)known are \(known.joined(separator: ", "))"
            )
        }
        return names
    }

    /// Whether it is known since when an attribute's values are known: by a date, or because they never change. What has no
    /// date says today's values of all cutoffs, those of the past too, and tells the future there.
    public func isDated(_ attribute: String) -> Bool { validFrom != nil || constant.contains(attribute) }
}

extension EventSource.Attribute {
    /// Reads `[industry, country]`, where column and attribute have one name, or `{industry: Branche, …}`.
    static func list(_ node: StudyNode) throws(DataError) -> [EventSource.Attribute] {
        var attributes: [EventSource.Attribute] = []
        if node.isMapping {
            for (name, column) in try node.pairs() { attributes.append(.init(name: name, column: try column.text())) }
        } else {
            for element in node.elements() {
                let name = try element.text()
                attributes.append(.init(name: name, column: name))
            }
        }
        if let twice = attributes.indices.first(where: { index in
            attributes[..<index].contains { $0.name == attributes[index].name }
        }) {
            throw node.error("names an attribute twice", value: attributes[twice].name)
        }
        return attributes
    }
}

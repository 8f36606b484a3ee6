/// Where attributes of customers are: one entry of a study's `customers`.
public struct AttributeSource: Sendable {
    public let files: [String]
    public let dialect: DelimitedDialect
    public let customer: String
    /// The column with the date from which a row is known; `nil` where the file has none, and what it says today is taken to
    /// have been so always.
    public let validFrom: TimeColumn?
    public let attributes: [EventSource.Attribute]

    /// Reads an element of `customers` in a study.
    /// - Parameter folder: what relative file names start from: the study's folder.
    public init(_ node: StudyNode, folder: String, calendar: StudyCalendar) throws(DataError) {
        try node.requireKeys(["file", "format", "customer", "validFrom", "attributes"])
        files = try SourceFiles.expand(try node.required("file", example: "customers.csv"), folder: folder)
        dialect = try node.optional("format").map { (n) throws(DataError) in try DelimitedDialect(n) } ?? .init()
        customer = try node.required("customer", example: "id").text()
        validFrom = try node.optional("validFrom").map { (n) throws(DataError) in
            try TimeColumn(n, keys: ["column", "format", "zone"], calendar: calendar)
        }
        let attributes = try node.required("attributes", example: "[industry, country]")
        self.attributes = try EventSource.Attribute.list(attributes)
        if self.attributes.isEmpty { throw attributes.error("names no attribute") }
    }
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

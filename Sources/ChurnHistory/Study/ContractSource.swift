/// Where contracts are: one entry of a study's `contracts`.
public struct ContractSource: Sendable {
    public let files: [String]
    public let dialect: DelimitedDialect
    public let customer: String
    public let start: TimeColumn
    /// When the contract ends if nobody does anything; blank cells are contracts without a term.
    public let plannedEnd: TimeColumn?
    /// When it did end; blank cells are contracts that run.
    public let end: TimeColumn?
    /// When the end became known, such as the date of the notice; where there is none, the end itself.
    public let endKnown: TimeColumn?
    /// A column of numbers: what the contract brings in a period.
    public let value: String?

    /// Reads an element of `contracts` in a study.
    /// - Parameter folder: what relative file names start from: the study's folder.
    public init(_ node: StudyNode, folder: String, calendar: StudyCalendar) throws(DataError) {
        try node.requireKeys(["file", "format", "customer", "start", "plannedEnd", "end", "endKnown", "value"])
        files = try SourceFiles.expand(try node.required("file", example: "contracts.csv"), folder: folder)
        dialect = try node.optional("format").map { (n) throws(DataError) in try DelimitedDialect(n) } ?? .init()
        customer = try node.required("customer", example: "id").text()
        func time(_ node: StudyNode) throws(DataError) -> TimeColumn {
            try TimeColumn(node, keys: ["column", "format", "zone"], calendar: calendar)
        }
        start = try time(try node.required("start", example: "from"))
        plannedEnd = try node.optional("plannedEnd").map(time)
        end = try node.optional("end").map(time)
        endKnown = try node.optional("endKnown").map(time)
        value = try node.optional("value")?.text()
        guard plannedEnd != nil || end != nil else {
            throw node.error(.missingKey, "a contract needs `plannedEnd` or `end`", fix: "plannedEnd: termEnd")
        }
    }
}

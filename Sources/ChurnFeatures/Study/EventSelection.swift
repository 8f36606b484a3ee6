import ChurnHistory
import ChurnNumerics

/// Events of one type that a study means: all of them, or those whose attributes have certain values.
///
/// Written `purchase`, or `{type: purchase, where: {productGroup: [wine, spirits]}}`.
public struct EventSelection: Sendable, Equatable {
    /// An event meets it when it has the attribute and its value is one of some.
    public struct Condition: Sendable, Equatable {
        public let attribute: String
        public let values: [String]

        public init(attribute: String, values: [String]) {
            self.attribute = attribute
            self.values = values
        }
    }

    public let type: String
    /// All must hold; empty where all events of the type are meant.
    public let conditions: [Condition]

    public init(type: String, conditions: [Condition] = []) {
        self.type = type
        self.conditions = conditions
    }

    /// - Parameter sources: the study's events.
    init(_ node: StudyNode, sources: [EventSource]) throws(DataError) {
        guard node.isMapping else {
            type = try node.text()
            conditions = []
            return
        }
        try node.requireKeys(["type", "where"])
        let type = try node.required("type", example: "purchase").text()
        self.type = type
        let filter = try node.required("where", example: "{productGroup: [wine]}")
        var conditions: [Condition] = []
        // An attribute that only events of other types have is met by none of these.
        let attributes = sources.filter { $0.type.canMake(type) }.flatMap { $0.attributes.map(\.name) }
        for (name, values) in try filter.pairs() {
            guard attributes.contains(name) else {
                throw filter.unknownName(
                    name,
                    "is not an attribute of the events of type \(type)",
                    among: attributes,
                    fix: "name its column in `attributes` of `events`"
                )
            }
            let texts = try values.texts()
            if texts.isEmpty { throw values.error("names no value", fix: "\(name): [wine]") }
            conditions.append(Condition(attribute: name, values: texts))
        }
        if conditions.isEmpty { throw filter.error("names no attribute", fix: "where: {productGroup: [wine]}") }
        self.conditions = conditions
    }

    /// Reads a list of selections; a single one counts as a list of one.
    static func list(_ node: StudyNode, sources: [EventSource]) throws(DataError) -> [EventSelection] {
        var selections: [EventSelection] = []
        for element in node.elements() { selections.append(try EventSelection(element, sources: sources)) }
        if selections.isEmpty { throw node.error("names no event type", fix: "of: [purchase]") }
        return selections
    }
}

extension StudyNode {
    /// A name that stands in the study for something that the study does not have.
    func unknownName(_ name: String, _ problem: String, among known: [String], fix: String) -> DataError {
        let suggestion = NearestName.of(name, among: known).map { "did you mean \"\($0)\"? " } ?? ""
        let list = known.isEmpty ? "" : "; known are \(known.joined(separator: ", "))"
        return error(problem, value: name, fix: "\(suggestion)\(fix)\(list)")
    }
}

import ChurnHistory
import ChurnNumerics

/// Horizons by a customer's group: `{attribute: size, horizons: {large: 180d, small: 60d}, otherwise: 90d}`.
///
/// A customer's group is what the attribute says of him as of the cutoff: by the last row with `validFrom < c`.
public struct GroupHorizons: Sendable, Equatable {
    public struct Group: Sendable, Equatable {
        /// The attribute's value.
        public let value: String
        public let horizon: CalendarPeriod
    }

    /// One of the customers' attributes.
    public let attribute: String
    public let groups: [Group]
    /// For customers with another value, or with none.
    public let otherwise: CalendarPeriod

    init(_ node: StudyNode, sources: StudySources) throws(DataError) {
        try node.requireKeys(["attribute", "horizons", "otherwise"])
        let name = try node.required("attribute", example: "size")
        attribute = try name.text()
        try Self.check(attribute, name, sources)
        let horizons = try node.required("horizons", example: "{large: 180d, small: 60d}")
        var groups: [Group] = []
        for (value, horizon) in try horizons.pairs() {
            groups.append(Group(value: value, horizon: try horizon.length(example: "\(value): 90d")))
        }
        if groups.isEmpty { throw horizons.error("names no group", fix: "horizons: {large: 180d, small: 60d}") }
        self.groups = groups
        otherwise = try node.required("otherwise", example: "90d").length(example: "otherwise: 90d")
    }

    /// The attribute must be one that the study has, and one of which it is known since when it is known: else today's group
    /// would decide yesterday's label.
    private static func check(_ attribute: String, _ node: StudyNode, _ sources: StudySources) throws(DataError) {
        let known = sources.customers.flatMap { $0.attributes.map(\.name) }
        let holders = sources.customers.filter { $0.attributes.contains { $0.name == attribute } }
        guard let source = holders.first else {
            throw node.unknownName(
                attribute,
                "is not an attribute of the customers",
                among: known,
                fix: "name its column in `attributes` of `customers`"
            )
        }
        if holders.count > 1 {
            throw node.error(
                "is an attribute of two entries of `customers`",
                value: attribute,
                fix: "give one of them another name: {\(attribute)2: COLUMN}"
            )
        }
        guard source.isDated(attribute) else {
            throw node.error(
                .undatedAttribute,
                "has no date from which it is known: today's value would decide labels of the past",
                value: attribute,
                fix: "name the date's column in `validFrom`, or list the attribute in `constant` if it never changes"
            )
        }
    }

    /// Which of the label window's lengths the customers with a value have.
    func lengthPosition(_ value: String) -> Int {
        groups.firstIndex { $0.value == value }.map { $0 + 1 } ?? 0
    }
}

import ChurnHistory

/// What a study calls churn: which events tell, and where the label window lies.
///
/// A label at cutoff c looks at `c + lead <= t < c + lead + horizon`, in calendar days of the study's zone.
public struct ChurnDefinition: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// No event of the named types in the label window.
        case inactivity
        /// An event of the named types in the label window.
        case event
        /// A label column of a flat table; has no place in a study of events.
        case column
    }

    public let kind: Kind
    /// The event types whose absence (`inactivity`) or presence (`event`) is churn.
    public let eventTypes: [String]
    /// The types that show that a customer is there: `eventTypes` under `inactivity`, under `event` those that the study
    /// names as `active`.
    public let activityTypes: [String]
    public let horizon: CalendarPeriod
    public let lead: CalendarPeriod
    /// Customers whose last activity lies further back can no longer churn; `nil` for no limit.
    public let activeWithin: CalendarPeriod?

    public init(_ node: StudyNode) throws(DataError) {
        try node.requireKeys(["definition", "of", "active", "horizon", "lead", "activeWithin"])
        let definition = try node.required("definition", example: "inactivity")
        kind = try definition.choice(Kind.self)
        if kind == .column {
            throw definition.error(
                "belongs to flat tables, which need no study",
                value: kind.rawValue,
                fix: "churn train TABLE.csv --label COLUMN --positive VALUE --model logistic --name NAME"
            )
        }
        eventTypes = try node.required("of", example: "[purchase]").texts()
        if eventTypes.isEmpty { throw node.error("`of` names no event type", fix: "of: [purchase]") }
        let horizonNode = try node.required("horizon", example: "90d")
        horizon = try horizonNode.period()
        if horizon.isZero { throw horizonNode.error("must be longer than nothing", fix: "horizon: 90d") }
        if let leadNode = node.optional("lead"), try leadNode.text().hasPrefix("-") {
            throw leadNode.error(
                "would let the label window begin before the cutoff, inside the feature windows",
                value: try leadNode.text(),
                fix: "lead: 0d, or longer"
            )
        }
        lead = try node.optional("lead")?.period() ?? CalendarPeriod()
        activeWithin = try node.optional("activeWithin")?.period()
        switch kind {
        case .inactivity, .column:
            if let active = node.optional("active") {
                throw active.error("is `of` under `inactivity`", fix: "leave it out")
            }
            activityTypes = eventTypes
        case .event:
            // Not "every other type": which types there are depends on the data, those of the future too.
            activityTypes = try node.required("active", example: "[purchase]").texts()
        }
    }
}

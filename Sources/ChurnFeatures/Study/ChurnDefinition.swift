import ChurnHistory

/// What a study calls churn: which events or contracts tell, and where the label window lies.
///
/// A label at cutoff c looks at `c + lead <= t < c + lead + length`, in calendar days of the study's zone.
public struct ChurnDefinition: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// No event of the named types in the label window.
        case inactivity
        /// An event of the named types in the label window.
        case event
        /// A contract ends in the label window, and no other follows it.
        case contractEnd
        /// No event of the named types for longer than the customer's own rhythm explains.
        case ownRhythm
        /// A label column of a flat table; has no place in a study of events.
        case column
    }

    public let kind: Kind
    /// The events whose absence (`inactivity`, `ownRhythm`) or presence (`event`) is churn; none under `contractEnd`.
    public let of: [EventSelection]
    /// The types that show that a customer is there, and that activity features tell of: those of `of`, whatever its filters,
    /// under `inactivity` and `ownRhythm`; else those that the study names as `active`.
    public let activityTypes: [String]
    public let window: LabelWindow
    public let lead: CalendarPeriod
    /// Customers whose last activity lies further back can no longer churn; `nil` for no limit.
    public internal(set) var activeWithin: CalendarPeriod?
    /// Under `contractEnd`, how many days after an end another contract still renews it.
    public let grace: CalendarPeriod

    /// Reads the study's `churn`.
    /// - Parameter sources: the study's, which a definition may need.
    public init(_ node: StudyNode, sources: StudySources) throws(DataError) {
        try node.requireKeys(Self.keys)
        let definition = try node.required("definition", example: "inactivity")
        kind = try definition.choice(Kind.self)
        if kind == .column {
            throw definition.error(
                "belongs to flat tables, which need no study",
                value: kind.rawValue,
                fix: "churn train TABLE.csv --label COLUMN --positive VALUE --model logistic --name NAME"
            )
        }
        try Self.refuseMisplacedKeys(node, kind)
        of =
            kind == .contractEnd
            ? [] : try EventSelection.list(try node.required("of", example: "[purchase]"), sources: sources.events)
        window =
            kind == .ownRhythm
            ? .ownRhythm(try OwnRhythm(node)) : try LabelWindow(horizonOf: node, sources: sources)
        if let leadNode = node.optional("lead"), try leadNode.text().hasPrefix("-") {
            throw leadNode.error(
                "would let the label window begin before the cutoff, inside the feature windows",
                value: try leadNode.text(),
                fix: "lead: 0d, or longer"
            )
        }
        lead = try node.optional("lead")?.period() ?? CalendarPeriod()
        activeWithin = try node.optional("activeWithin")?.period()
        grace = try node.optional("grace")?.period() ?? CalendarPeriod()
        switch kind {
        case .inactivity, .ownRhythm, .column:
            if let active = node.optional("active") {
                throw active.error("is `of` under `\(kind.rawValue)`", fix: "leave it out")
            }
            activityTypes = Self.types(of)
        case .event:
            // Not "every other type": which types there are depends on the data, those of the future too.
            activityTypes = try node.required("active", example: "[purchase]").texts()
        case .contractEnd:
            activityTypes = try node.optional("active")?.texts() ?? []
            try Self.requireEnds(definition, sources)
        }
    }

    private static let keys =
        ["definition", "of", "active", "horizon", "horizonBy", "lead", "activeWithin", "grace"] + OwnRhythm.keys

    /// The event types that `of` names, each once.
    public var eventTypes: [String] { Self.types(of) }

    private static func types(_ selections: [EventSelection]) -> [String] {
        var types: [String] = []
        for selection in selections where !types.contains(selection.type) { types.append(selection.type) }
        return types
    }

    /// A key that has a meaning under another definition only would be overlooked, and something else than meant computed.
    private static func refuseMisplacedKeys(_ node: StudyNode, _ kind: Kind) throws(DataError) {
        let owners: [(key: String, kinds: [Kind])] =
            [
                ("of", [.inactivity, .event, .ownRhythm]), ("activeWithin", [.inactivity, .event, .ownRhythm]),
                ("horizon", [.inactivity, .event, .contractEnd]), ("horizonBy", [.inactivity, .event, .contractEnd]),
                ("grace", [.contractEnd]),
            ] + OwnRhythm.keys.map { ($0, [.ownRhythm]) }
        for (key, kinds) in owners where !kinds.contains(kind) {
            guard let misplaced = node.optional(key) else { continue }
            let names = kinds.map { "`\($0.rawValue)`" }.joined(separator: ", ")
            throw misplaced.error(
                .misplacedKey,
                "has no meaning under `\(kind.rawValue)`; it belongs to \(names)",
                fix: "leave it out, or choose another `definition`"
            )
        }
    }

    /// Labels are told by `end`: without it, no contract ever ends.
    private static func requireEnds(_ definition: StudyNode, _ sources: StudySources) throws(DataError) {
        if sources.contracts.isEmpty {
            throw definition.error(
                .missingSource,
                "needs contracts, and the study names none",
                value: Kind.contractEnd.rawValue,
                fix: "contracts: [{file: contracts.csv, customer: id, start: from, end: actualEnd}]"
            )
        }
        if let source = sources.contracts.first(where: { $0.end == nil }) {
            throw definition.error(
                .missingSource,
                "needs the date at which contracts ended, and the contracts of \(source.files.first ?? "the study") have none",
                value: Kind.contractEnd.rawValue,
                fix: "name its column in `end`; blank cells are contracts that run"
            )
        }
    }

    /// The first day about which no label at a cutoff asks: the end of the longest label window and, where contracts that end
    /// in it can be renewed behind it, of the days in which they can.
    func knownFrom(labelDay: CalendarDay) -> CalendarDay {
        let end = window.longestEnd(from: labelDay)
        if kind != .contractEnd { return end }
        return CalendarDay(number: CalendarDay(number: end.number - 1).adding(grace).number + 1)
    }
}

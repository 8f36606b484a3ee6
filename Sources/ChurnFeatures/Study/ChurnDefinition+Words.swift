import ChurnHistory

extension ChurnDefinition {
    /// The whole definition in words, the same for the same definition.
    public var words: String {
        let events = of.map(\.words).joined(separator: " or ")
        var parts: [String]
        switch kind {
        case .inactivity: parts = ["no \(events) for \(window.words)"]
        case .event: parts = ["\(events) within \(window.words)"]
        case .contractEnd:
            parts = ["the last contract ends within \(window.words)"]
            if !grace.isZero { parts.append("none follows within \(grace)") }
        case .ownRhythm: parts = ["no \(events) for \(window.words)"]
        case .column: parts = ["as a column says"]
        }
        if !lead.isZero { parts.append("from \(lead) on") }
        if let activeWithin { parts.append("of customers active within \(activeWithin)") }
        return parts.joined(separator: ", ")
    }
}

extension EventSelection {
    fileprivate var words: String {
        let filters = conditions.map { "\($0.attribute) \($0.values.joined(separator: "/"))" }
        return filters.isEmpty ? type : "\(type) (\(filters.joined(separator: ", ")))"
    }
}

extension LabelWindow {
    fileprivate var words: String {
        switch self {
        case .horizon(let horizon): return "\(horizon)"
        case .horizonBy(let groups):
            let lengths = groups.groups.map { "\($0.horizon) for \($0.value)" }
            return (lengths + ["\(groups.otherwise)"]).joined(separator: ", ") + " by \(groups.attribute)"
        case .ownRhythm(let rhythm):
            return "\(rhythm.factor) times the customer's median gap (\(rhythm.minimum) to \(rhythm.maximum),"
                + " \(rhythm.minimumGaps) gaps)"
        }
    }
}

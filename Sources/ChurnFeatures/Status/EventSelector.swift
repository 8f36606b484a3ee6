import ChurnHistory

/// The events that a study selects, resolved against an index: codes in place of names.
///
/// A type or a value that the data do not have is one that no event has.
struct EventSelector: Sendable {
    private enum Choice {
        case none, all
        /// Only those that meet all conditions of one of some selections.
        case some([[Condition]])
    }

    private struct Condition {
        /// The attribute's code of each row of the index.
        let codes: [Int32]
        /// By code.
        let accepted: [Bool]

        @inline(__always)
        func holds(_ row: Int) -> Bool {
            let code = Int(codes[row])
            return code >= 0 && accepted[code]
        }
    }

    /// By type code.
    private let choices: [Choice]

    init(_ selections: [EventSelection], index: EventIndex) {
        choices = index.typeNames.map { name in
            let ofType = selections.filter { $0.type == name }
            if ofType.isEmpty { return .none }
            if ofType.contains(where: \.conditions.isEmpty) { return .all }
            return .some(ofType.map { selection in selection.conditions.map { Self.condition($0, index) } })
        }
    }

    private static func condition(_ condition: EventSelection.Condition, _ index: EventIndex) -> Condition {
        guard let column = index.attributes.first(where: { $0.name == condition.attribute }) else {
            return Condition(codes: [Int32](repeating: -1, count: index.eventCount), accepted: [])
        }
        let values = Set(condition.values)
        return Condition(codes: column.codes, accepted: column.values.map(values.contains))
    }

    /// Whether an event is one of those selected.
    @inline(__always)
    func selects(_ row: Int, of index: EventIndex) -> Bool {
        switch choices[Int(index.types[row])] {
        case .none: false
        case .all: true
        case .some(let selections): Self.meets(selections, row)
        }
    }

    private static func meets(_ selections: [[Condition]], _ row: Int) -> Bool {
        for conditions in selections where conditions.allSatisfy({ $0.holds(row) }) { return true }
        return false
    }
}

import ChurnHistory

/// The events that a study selects, resolved against an index: codes in place of names.
///
/// A type or a value that the data do not have is one that no event has.
struct EventSelector: Sendable {
    /// What is asked of the events of a type.
    private enum Choice: UInt8 {
        case none, all
        /// Only those that meet all conditions of one of some selections.
        case some
    }

    private struct Condition: Sendable {
        /// The attribute's number in the index.
        let attribute: Int
        /// By code.
        let accepted: [Bool]
    }

    /// By the codes that a type can have.
    private let choices: [Choice]
    /// By type code.
    private let selections: [[[Condition]]]
    /// The types whose events are all selected, where no type has conditions.
    private let wholeTypes: TypeTable?

    init(_ selections: [EventSelection], index: EventIndex) {
        var choices = [Choice](repeating: .none, count: 256)
        self.selections = index.typeNames.enumerated().map { code, name in
            let ofType = selections.filter { $0.type == name }
            if ofType.isEmpty { return [] }
            choices[code] = ofType.contains(where: \.conditions.isEmpty) ? .all : .some
            return ofType.compactMap { selection in
                let conditions = selection.conditions.compactMap { Self.condition($0, index) }
                return conditions.count == selection.conditions.count ? conditions : nil
            }
        }
        self.choices = choices
        let names = Set(selections.map(\.type))
        wholeTypes = choices.contains(.some) ? nil : TypeTable(TypeSet(Array(names), index: index))
    }

    /// - Returns: `nil` where the data do not have the attribute, so that no event meets the condition.
    private static func condition(_ condition: EventSelection.Condition, _ index: EventIndex) -> Condition? {
        guard let number = index.attributes.firstIndex(where: { $0.name == condition.attribute }) else { return nil }
        let values = Set(condition.values)
        return Condition(attribute: number, accepted: index.attributes[number].values.map(values.contains))
    }

    /// Whether an event is one of those selected.
    @inline(__always)
    func selects(_ row: Int, of memory: EventMemory) -> Bool {
        switch choices[Int(memory.types[row])] {
        case .none: false
        case .all: true
        case .some: meets(row, memory)
        }
    }

    /// The instants of a customer's events that are selected.
    func instants(_ rows: Range<Int>, of memory: EventMemory, in buffer: ScratchBuffer<Int64>) -> Instants {
        // One place more than rows: what does not belong is written there.
        let times = buffer.reserve(rows.count + 1)
        var count = 0
        if let wholeTypes {
            for row in rows {
                times[count] = memory.times[row]
                count &+= wholeTypes[memory.types[row]]
            }
        } else {
            for row in rows {
                times[count] = memory.times[row]
                count &+= selects(row, of: memory) ? 1 : 0
            }
        }
        return Instants(times, count: count)
    }

    private func meets(_ row: Int, _ memory: EventMemory) -> Bool {
        for conditions in selections[Int(memory.types[row])] {
            let holds = conditions.allSatisfy { condition in
                let code = Int(memory.attributes[condition.attribute][row])
                return code >= 0 && condition.accepted[code]
            }
            if holds { return true }
        }
        return false
    }
}

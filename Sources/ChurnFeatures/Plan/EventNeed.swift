/// What events must have for a feature to say anything of them.
public enum EventNeed: Sendable, Equatable {
    /// Nothing but to be there.
    case events
    case amounts, quantities
    /// An attribute of the events.
    case attribute(String)

    /// What is needed of some types, in words.
    func words(_ types: [String]) -> String {
        let types = types.joined(separator: " or ")
        return switch self {
        case .events: "events of the type \(types)"
        case .amounts: "amounts of \(types)"
        case .quantities: "quantities of \(types)"
        case .attribute(let name): "the attribute \"\(name)\" of \(types)"
        }
    }

    /// Which key of a source gives it.
    var fix: String {
        switch self {
        case .events: "`type`"
        case .amounts: "`amount`"
        case .quantities: "`quantity`"
        case .attribute: "`attributes`"
        }
    }
}

extension FeaturePlan.Feature {
    /// What the feature needs of its events; `nil` for features of contracts and of customers' attributes.
    var need: EventNeed? {
        switch primitive {
        case .sum, .mean, .minimum, .maximum, .deviation, .last, .amountTrend, .amountVersusBefore, .amountVersusYear,
            .monetaryScore, .expectedValue, .groupSum:
            .amounts
        case .quantity: .quantities
        case .distinct: attribute.map(EventNeed.attribute)
        default: eventTypes.isEmpty ? nil : .events
        }
    }
}

import ChurnHistory

/// Why a world cannot be simulated.
public enum SimulationError: Error, Equatable, Sendable {
    /// A parameter outside what it may be.
    case outOfRange(parameter: String, got: Int, allowed: ClosedRange<Int>)
    /// A day outside the years that can be simulated.
    case dayOutOfRange(parameter: String, got: CalendarDay, allowed: ClosedRange<CalendarDay>)
    /// Too few days between the first day and the end for a warm-up and one whole label window.
    case historyTooShort(firstDay: CalendarDay, observedUntil: CalendarDay, earliestEnd: CalendarDay)
}

extension SimulationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .outOfRange(let parameter, let got, let allowed):
            "\(parameter) is \(got), but must be between \(allowed.lowerBound) and \(allowed.upperBound)."
        case .dayOutOfRange(let parameter, let got, let allowed):
            "\(parameter) is \(got), but must be between \(allowed.lowerBound) and \(allowed.upperBound)."
        case .historyTooShort(let firstDay, let observedUntil, let earliestEnd):
            """
            A history from \(firstDay) to \(observedUntil) is too short for a first year and one label window. \
            Fix: let it end on \(earliestEnd) or later.
            """
        }
    }
}

import ChurnHistory

/// Why a world cannot be simulated.
public enum SimulationError: Error, Equatable, Sendable {
    /// A parameter outside what it may be.
    case outOfRange(parameter: SimulationParameter, got: Int, allowed: ClosedRange<Int>)
    /// A number outside what it may be, or none at all.
    case numberOutOfRange(parameter: SimulationParameter, got: Double, allowed: ClosedRange<Double>)
    /// A day outside the years that can be simulated.
    case dayOutOfRange(parameter: SimulationParameter, got: CalendarDay, allowed: ClosedRange<CalendarDay>)
    /// Too few days between the first day and the end for a warm-up and one whole label window.
    case historyTooShort(firstDay: CalendarDay, observedUntil: CalendarDay, earliestEnd: CalendarDay)
    /// Something that should happen on a day before or after the history.
    case dayOutsideHistory(
        parameter: SimulationParameter,
        got: CalendarDay,
        firstDay: CalendarDay,
        observedUntil: CalendarDay
    )
    /// More of something than a world can have.
    case tooMany(parameter: SimulationParameter, got: Int, maximum: Int)
    /// Two campaigns on one day, or two price rises.
    case repeatedDay(parameter: SimulationParameter, day: CalendarDay)
    /// Prices that would rise to more than `maximum` times what they were.
    case pricesTooHigh(factor: Double, maximum: Double)
    /// A rate that the world cannot have together with the others.
    case unreachable(parameter: SimulationParameter, asked: Double, reached: Double)
}

extension SimulationError: CustomStringConvertible {
    public var description: String { message { $0.description } }

    /// The message with the parameters under the names by which a reader knows them, such as a command's options.
    public func message(naming name: (SimulationParameter) -> String) -> String {
        switch self {
        case .outOfRange(let parameter, let got, let allowed):
            "\(name(parameter)) is \(got), but must be between \(allowed.lowerBound) and \(allowed.upperBound)."
        case .numberOutOfRange(let parameter, let got, let allowed):
            "\(name(parameter)) is \(got), but must be between \(allowed.lowerBound) and \(allowed.upperBound)."
        case .dayOutOfRange(let parameter, let got, let allowed):
            "\(name(parameter)) is \(got), but must be between \(allowed.lowerBound) and \(allowed.upperBound)."
        case .historyTooShort(let firstDay, let observedUntil, let earliestEnd):
            """
            A history from \(firstDay) to \(observedUntil) is too short for a first year and one label window. \
            Fix: let it end on \(earliestEnd) or later.
            """
        case .dayOutsideHistory(let parameter, let got, let firstDay, let observedUntil):
            """
            \(name(parameter)) is \(got), which lies outside the history. Fix: choose a day from \(firstDay) on and \
            before \(observedUntil).
            """
        case .tooMany(let parameter, let got, let maximum):
            "\(got) of \(name(parameter)) are too many. Fix: give at most \(maximum)."
        case .repeatedDay(let parameter, let day):
            "\(name(parameter)) names \(day) twice. Fix: name each day once."
        case .pricesTooHigh(let factor, let maximum):
            """
            The price rises make everything \(rounded(factor)) times as dear. Fix: let them multiply to at most \
            \(rounded(maximum)).
            """
        case .unreachable(let parameter, let asked, let reached):
            """
            \(name(parameter)) cannot be \(asked) in this world: the nearest found is \(rounded(reached)). Fix: ask \
            for less extreme rates.
            """
        }
    }

    private func rounded(_ value: Double) -> Double {
        value.isFinite ? (value * 1000).rounded() / 1000 : value
    }
}

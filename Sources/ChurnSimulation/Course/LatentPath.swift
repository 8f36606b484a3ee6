import ChurnHistory

/// The states that one customer went through: active from `start`, perhaps declining, perhaps gone.
public struct LatentPath: Sendable, Equatable {
    /// The first day in the history, or the day the customer joined.
    public let start: CalendarDay
    /// The Monday on which the decline began or, in a contractual world, the notice was decided.
    public internal(set) var declined: CalendarDay?
    /// The working day on which the notice arrived; contractual worlds only.
    public internal(set) var noticeDay: CalendarDay?
    /// The first day on which the customer is none: a Monday or, in a contractual world, the end of the contract; may lie
    /// behind the history's end.
    public internal(set) var left: CalendarDay?

    public func state(on day: CalendarDay) -> LatentState {
        if let left, day >= left { return .left }
        if let declined, day >= declined { return .declining(weeks: (day - declined) / 7) }
        return .active
    }
}

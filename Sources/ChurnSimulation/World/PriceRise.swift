import ChurnHistory

/// A day from which everything costs more.
public struct PriceRise: Sendable, Equatable {
    /// The first day of the new prices.
    public let day: CalendarDay
    /// More than 0, at most 100.
    public let percent: Double

    public init(day: CalendarDay, percent: Double) {
        self.day = day
        self.percent = percent
    }
}

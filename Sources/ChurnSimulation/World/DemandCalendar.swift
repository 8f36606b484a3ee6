import ChurnHistory

/// How much is asked for on each day of a world, known to everybody: a year's season times a week's shape.
///
/// A day's weight multiplies every customer's daily rates; it averages about 1. Sundays have weight 0.
struct DemandCalendar: Sendable {
    /// January to December.
    private static let months = [0.95, 0.96, 1.04, 1.00, 0.98, 1.00, 0.90, 0.82, 1.08, 1.12, 1.15, 1.00]
    /// Monday to Sunday; they add up to 7.
    private static let weekdays = [1.30, 1.45, 1.40, 1.35, 1.20, 0.30, 0.0]

    private let first: CalendarDay
    /// `cumulative[i]`: the weights of the first `i` days, added up.
    private let cumulative: [Double]

    /// Covers whole weeks from the one of `firstDay` to the one of `end`.
    /// - Parameter drift: the day from which on weights are multiplied, and by what.
    init(from firstDay: CalendarDay, to end: CalendarDay, drift: (from: CalendarDay, activity: Double)? = nil) {
        let first = firstDay.monday
        var cumulative = [0.0]
        var total = 0.0
        for offset in 0..<(end.monday + 7 - first) {
            let day = first + offset
            let activity = drift.map { day >= $0.from ? $0.activity : 1 } ?? 1
            total += DemandCalendar.weight(of: day) * activity
            cumulative.append(total)
        }
        self.first = first
        self.cumulative = cumulative
    }

    static func weight(of day: CalendarDay) -> Double {
        months[day.components.month - 1] * weekdays[day.weekday]
    }

    /// The weights of the days `start <= day < end`, added up.
    func weight(from start: CalendarDay, to end: CalendarDay) -> Double {
        cumulative[end - first] - cumulative[start - first]
    }

    /// The day at the share `u` (0 <= u < 1) of the weight of the days `start <= day < end`, a week at most.
    func day(from start: CalendarDay, to end: CalendarDay, at u: Double) -> CalendarDay {
        let base = start - first
        let target = cumulative[base] + u * (cumulative[end - first] - cumulative[base])
        var offset = 0
        // A day without weight is passed over; where rounding reaches the end, the last day with a weight is meant.
        while offset < end - start - 1, cumulative[base + offset + 1] <= target { offset += 1 }
        while offset > 0, cumulative[base + offset + 1] == cumulative[base + offset] { offset -= 1 }
        return start + offset
    }
}

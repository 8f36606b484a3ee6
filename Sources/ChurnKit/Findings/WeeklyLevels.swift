import ChurnHistory
import ChurnNumerics

/// Sudden changes of what a week brings: of all events, or of the share of a type.
///
/// The medians of the six weeks before and after each week are compared; a change counts when it is large, and large against
/// what neighbouring weeks differ by anyway.
struct WeeklyLevels {
    private let days: DailyCounts
    private let weekCount: Int
    private let totals: [Double]

    private static let side = 6
    /// Least ratio of the medians.
    private static let leastRatio = 1.5
    /// Least change against the typical change between neighbouring weeks.
    private static let leastDeviations = 4.0
    /// Fewer events a week say nothing.
    private static let leastEvents = 20.0
    private static let leastShareChange = 0.05

    init(_ days: DailyCounts) {
        self.days = days
        weekCount = days.dayCount / 7
        totals = (0..<weekCount).map { week in (0..<7).reduce(0.0) { $0 + Double(days.count(week * 7 + $1)) } }
    }

    func findings(typeNames: [String]) -> [DataFinding] {
        guard weekCount >= 2 * Self.side + 2 else { return [] }
        var findings: [DataFinding] = []
        let shifts = shifts(of: totals.map { PortableMath.log($0 + 1) }, least: PortableMath.log(Self.leastRatio))
            .filter {
                median(totals, $0 - Self.side..<$0) + median(totals, $0..<$0 + Self.side) >= 2 * Self.leastEvents
            }
        if !shifts.isEmpty {
            findings.append(
                DataFinding(
                    .levelShift,
                    "The number of events changes suddenly in \(shifts.count) \(shifts.count == 1 ? "week" : "weeks"): did the"
                        + " export, the system or the business change?",
                    count: shifts.count,
                    examples: shifts.map { week in
                        let before = median(totals, week - Self.side..<week)
                        let after = median(totals, week..<week + Self.side)
                        return "from \(day(week)): \(Int(before)) events a week before, \(Int(after)) after"
                    }
                )
            )
        }
        guard typeNames.count > 1 else { return findings }
        for type in typeNames.indices { findings += shareFindings(type, typeNames[type]) }
        return findings
    }

    private func shareFindings(_ type: Int, _ name: String) -> [DataFinding] {
        let counts = (0..<weekCount).map { week in
            (0..<7).reduce(0.0) { $0 + Double(days.count(week * 7 + $1, type: type)) }
        }
        let shares = (0..<weekCount).map { totals[$0] > 0 ? counts[$0] / totals[$0] : 0 }
        let shifts = shifts(of: shares, least: Self.leastShareChange).filter { week in
            median(totals, week - Self.side..<week) >= Self.leastEvents
                && median(totals, week..<week + Self.side) >= Self.leastEvents
        }
        guard !shifts.isEmpty else { return [] }
        return [
            DataFinding(
                .typeShareShift,
                "The share of type \(name) among all events changes suddenly in \(shifts.count)"
                    + " \(shifts.count == 1 ? "week" : "weeks").",
                count: shifts.count,
                examples: shifts.map { week in
                    let before = median(shares, week - Self.side..<week)
                    let after = median(shares, week..<week + Self.side)
                    return "from \(day(week)): \(percent(before)) before, \(percent(after)) after"
                }
            )
        ]
    }

    /// The weeks at which a series changes its level: local maxima of the change, at most one in `side` weeks.
    private func shifts(of series: [Double], least: Double) -> [Int] {
        let steps = zip(series.dropFirst(), series).map { abs($0 - $1) }.sorted()
        let typical = steps[steps.count / 2]
        var changes: [(week: Int, size: Double)] = []
        for week in Self.side...(weekCount - Self.side) {
            let change = abs(median(series, week..<week + Self.side) - median(series, week - Self.side..<week))
            guard change >= least, change >= Self.leastDeviations * typical else { continue }
            // The step itself must be as sudden: most of the change lies between two neighbouring weeks.
            guard abs(series[week] - series[week - 1]) >= change / 2 else { continue }
            changes.append((week, change))
        }
        var chosen: [Int] = []
        for change in changes.sorted(by: { ($0.size, $1.week) > ($1.size, $0.week) })
        where chosen.allSatisfy({ abs($0 - change.week) >= Self.side }) {
            chosen.append(change.week)
        }
        return chosen.sorted()
    }

    private func median(_ series: [Double], _ weeks: Range<Int>) -> Double {
        let sorted = series[weeks].sorted()
        return (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
    }

    private func day(_ week: Int) -> CalendarDay { CalendarDay(number: days.firstDay + week * 7) }

    private func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
}

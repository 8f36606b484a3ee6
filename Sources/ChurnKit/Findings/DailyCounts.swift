import ChurnHistory

/// Events of each calendar day and type, from the first day of the data to the last.
struct DailyCounts {
    let firstDay: Int
    /// `counts[day * typeCount + type]`, days from `firstDay`.
    private let counts: [Int]
    let typeCount: Int
    let dayCount: Int

    init(_ index: EventIndex) {
        typeCount = index.typeNames.count
        let days = index.days()
        guard let first = days.min(), let last = days.max() else {
            firstDay = 0
            dayCount = 0
            counts = []
            return
        }
        firstDay = Int(first)
        dayCount = Int(last - first) + 1
        var counts = [Int](repeating: 0, count: dayCount * typeCount)
        for row in days.indices {
            counts[Int(days[row] - first) * typeCount + Int(index.types[row])] += 1
        }
        self.counts = counts
    }

    /// Events of one day, of one type or of all.
    func count(_ day: Int, type: Int? = nil) -> Int {
        if let type { return counts[day * typeCount + type] }
        return counts[day * typeCount..<(day + 1) * typeCount].reduce(0, +)
    }

    // MARK: Gaps

    /// Days looked at on either side to know what a weekday usually brings: eight weeks.
    private static let neighbourhood = 56
    private static let shortestGap = 3
    /// What must be missing before a gap is worth a word.
    private static let leastExpected = 30.0

    /// Runs of days without any event where the same weekdays usually have some.
    func gaps() -> [DataFinding] {
        let totals = (0..<dayCount).map { count($0) }
        var gaps: [(days: Range<Int>, expected: Double)] = []
        var day = 0
        while day < dayCount {
            guard totals[day] == 0 else {
                day += 1
                continue
            }
            var end = day
            while end < dayCount, totals[end] == 0 { end += 1 }
            let expected = (day..<end).reduce(0.0) { $0 + usual(totals, $1, outside: day..<end) }
            if end - day >= Self.shortestGap, expected >= Self.leastExpected { gaps.append((day..<end, expected)) }
            day = end
        }
        guard !gaps.isEmpty else { return [] }
        let days = gaps.reduce(0) { $0 + $1.days.count }
        return [
            DataFinding(
                .gapInTime,
                gaps.count == 1
                    ? "\(days) days in a row have no event though such days usually do: is a delivery missing, or was the"
                        + " business closed?"
                    : "In \(gaps.count) places, \(days) days together, there is no event though such days usually have some:"
                        + " are deliveries missing, or was the business closed?",
                count: days,
                examples: gaps.sorted { $0.expected > $1.expected }.map { gap in
                    let first = CalendarDay(number: firstDay + gap.days.lowerBound)
                    let last = CalendarDay(number: firstDay + gap.days.upperBound - 1)
                    return "\(first) to \(last), some \(Int(gap.expected.rounded())) events expected"
                }
            )
        ]
    }

    /// The median count of the same weekday in the weeks around a gap.
    private func usual(_ totals: [Int], _ day: Int, outside gap: Range<Int>) -> Double {
        let near = stride(from: day - Self.neighbourhood, through: day + Self.neighbourhood, by: 7)
            .filter { totals.indices.contains($0) && !gap.contains($0) }
            .map { totals[$0] }.sorted()
        guard near.count >= 4 else { return 0 }
        return Double(near[near.count / 2])
    }
}

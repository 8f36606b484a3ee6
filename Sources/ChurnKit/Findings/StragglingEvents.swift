import ChurnHistory

/// A few events far away from all others in time: slips such as 2087 for 2024, which move the start or the end of the data.
enum StragglingEvents {
    /// Days without any event between them and the others.
    private static let leastGapDays: Int32 = 60
    /// Largest share of all events that a slip can have.
    private static let largestShare = 0.001

    static func findings(_ index: EventIndex, calendar: StudyCalendar) -> [DataFinding] {
        let daysOfRows = index.days()
        let days = daysOfRows.sorted()
        let most = max(3, Int(largestShare * Double(days.count)))
        guard days.count > 20 * most else { return [] }
        var stragglers: [(days: Set<Int32>, side: String)] = []
        for position in 1...most where days[position] - days[position - 1] >= leastGapDays {
            stragglers.append((Set(days[..<position]), "before"))
        }
        for position in (days.count - most)..<days.count where days[position] - days[position - 1] >= leastGapDays {
            stragglers.append((Set(days[position...]), "after"))
            break
        }
        return stragglers.map { found in
            let rows = daysOfRows.indices.filter { found.days.contains(daysOfRows[$0]) }
            return DataFinding(
                .stragglingEvents,
                "\(rows.count) \(rows.count == 1 ? "event lies" : "events lie") months \(found.side) all others: slips? They"
                    + " decide where the data \(found.side == "after" ? "end" : "begin"), and with it which labels are known.",
                count: rows.count,
                examples: rows.map { "\(calendar.wallClock(index.times[$0])), customer \(index.customer(ofRow: $0))" }
            )
        }
    }
}

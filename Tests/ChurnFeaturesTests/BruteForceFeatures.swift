import Foundation

/// Features and labels straight from their definitions: every question walks over all events of a customer, days come
/// from Foundation's calendar. Shares no code with the library.
struct BruteForceFeatures {
    struct Event {
        let second: Int
        let type: String
        let amount: Double?
        /// Rows with the same text are one transaction of their type; `nil` for a transaction of its own.
        let group: String?
    }

    let calendar: Calendar
    let activityTypes: Set<String>
    /// In order of time.
    let events: [Event]

    init(timeZone: String, activityTypes: Set<String>, events: [Event]) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: timeZone) ?? .gmt
        self.calendar = calendar
        self.activityTypes = activityTypes
        self.events = events.enumerated()
            .sorted { ($0.element.second, $0.offset) < ($1.element.second, $1.offset) }
            .map(\.element)
    }

    /// Seconds since 1970 of local midnight, some days or months after a date.
    func midnight(_ date: String, addingDays days: Int = 0, months: Int = 0) -> Int {
        let parts = date.split(separator: "-").compactMap { Int($0) }
        let noon = calendar.date(
            from: DateComponents(year: parts[0], month: parts[1], day: parts[2], hour: 12)
        )!
        let moved = calendar.date(
            byAdding: .day,
            value: days,
            to: calendar.date(byAdding: .month, value: months, to: noon)!
        )!
        return Int(calendar.startOfDay(for: moved).timeIntervalSince1970)
    }

    /// The calendar day of an instant, as days since 1970-01-01.
    func day(_ second: Int) -> Int {
        let components = calendar.dateComponents(
            [.year, .month, .day],
            from: Date(timeIntervalSince1970: Double(second))
        )
        var utc = Calendar(identifier: .gregorian)
        utc.timeZone = .gmt
        return Int((utc.date(from: components)!.timeIntervalSince1970 / 86_400).rounded())
    }

    private func opensTransaction(_ position: Int) -> Bool {
        guard let group = events[position].group else { return true }
        return !events[..<position].contains { $0.type == events[position].type && $0.group == group }
    }

    private func opensValuedTransaction(_ position: Int) -> Bool {
        guard events[position].amount != nil else { return false }
        guard let group = events[position].group else { return true }
        return !events[..<position].contains {
            $0.type == events[position].type && $0.group == group && $0.amount != nil
        }
    }

    /// The value of a feature by its name, at a cutoff.
    func value(_ name: String, cutoff: String) -> Double {
        let end = midnight(cutoff)
        let rows = events.indices.filter { events[$0].second < end && activityTypes.contains(events[$0].type) }
        let days = rows.filter(opensTransaction).map { day(events[$0].second) }
        let cutoffDay = day(end)
        let gaps = zip(days.dropFirst(), days).map { Double($0 - $1) }
        let recency = Double(cutoffDay - day(events[rows[rows.count - 1]].second))
        let gapMean = gaps.isEmpty ? recency : gaps.reduce(0, +) / Double(gaps.count)
        switch name {
        case "recency": return recency
        case "tenure": return Double(cutoffDay - days[0])
        case "gap_mean": return gapMean
        case "gap_std":
            guard gaps.count > 1 else { return 0 }
            let mean = gaps.reduce(0, +) / Double(gaps.count)
            return (gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gaps.count)).squareRoot()
        case "recency_over_gap_mean": return recency / max(gapMean, 1)
        default: return windowValue(name, cutoff: cutoff, end: end)
        }
    }

    private func windowValue(_ name: String, cutoff: String, end: Int) -> Double {
        let parts = name.split(separator: "_").map(String.init)
        let window = parts[2]
        let start: Int
        if window == "all" {
            start = .min
        } else if window.hasSuffix("mo") {
            start = midnight(cutoff, months: -Int(window.dropLast(2))!)
        } else {
            start = midnight(cutoff, addingDays: -Int(window.dropLast())!)
        }
        let rows = events.indices.filter {
            events[$0].type == parts[0] && start <= events[$0].second && events[$0].second < end
        }
        let sum = rows.reduce(0) { $0 + (events[$1].amount ?? 0) }
        switch parts[1] {
        case "count": return Double(rows.count(where: opensTransaction))
        case "sum": return sum
        default:
            let valued = rows.count(where: opensValuedTransaction)
            return valued == 0 ? 0 : sum / Double(valued)
        }
    }

    /// Whether two values are the same: whole numbers exactly, others to 1e-12 relative to what was summed.
    static func agree(_ ours: Double, _ theirs: Double, scale: Double) -> Bool {
        abs(ours - theirs) <= 1e-12 * max(scale, abs(theirs))
    }
}

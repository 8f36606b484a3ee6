import ChurnFeatures
import Foundation

/// Features and labels straight from their definitions: every question walks over all events of a customer, days come
/// from Foundation's calendar. Shares no code with the library but the names of primitives.
final class BruteForceFeatures {
    struct Event {
        let second: Int
        let type: String
        let amount: Double?
        /// Rows with the same text are one transaction of their type; `nil` for a transaction of its own.
        let group: String?
        var quantity: Double?
        var product: String?
    }

    /// An event with what Foundation says of it.
    private struct Dated {
        let event: Event
        let day: Int
        let weekday: Int
        let hour: Int
        let month: Int
        var opens = false
        var opensValued = false
    }

    let activityTypes: Set<String>
    private let calendar: Calendar
    private var events: [Dated] = []
    private var midnights: [String: Int] = [:]

    init(timeZone: String, activityTypes: Set<String>, events: [Event]) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: timeZone) ?? .gmt
        self.calendar = calendar
        self.activityTypes = activityTypes
        let sorted = events.enumerated().sorted { ($0.element.second, $0.offset) < ($1.element.second, $1.offset) }
        for (_, event) in sorted {
            let parts = calendar.dateComponents(
                [.weekday, .hour, .month],
                from: Date(timeIntervalSince1970: Double(event.second))
            )
            var dated = Dated(
                event: event,
                day: day(event.second),
                weekday: (parts.weekday! + 5) % 7,
                hour: parts.hour!,
                month: parts.month! - 1
            )
            let earlier = self.events.filter { $0.event.type == event.type && $0.event.group == event.group }
            dated.opens = event.group == nil || earlier.isEmpty
            dated.opensValued =
                event.amount != nil && (event.group == nil || !earlier.contains { $0.event.amount != nil })
            self.events.append(dated)
        }
    }

    /// Seconds since 1970 of local midnight, some days and months before a date: first the months, then the days.
    func midnight(_ date: String, minusDays days: Int = 0, months: [Int] = []) -> Int {
        let key = "\(date) \(days) \(months)"
        if let known = midnights[key] { return known }
        let parts = date.split(separator: "-").compactMap { Int($0) }
        var noon = calendar.date(from: DateComponents(year: parts[0], month: parts[1], day: parts[2], hour: 12))!
        for month in months { noon = calendar.date(byAdding: .month, value: -month, to: noon)! }
        noon = calendar.date(byAdding: .day, value: -days, to: noon)!
        let result = Int(calendar.startOfDay(for: noon).timeIntervalSince1970)
        midnights[key] = result
        return result
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

    // MARK: The whole history

    /// The value of a feature at a cutoff.
    func value(_ feature: FeaturePlan.Feature, cutoff: String) -> Double {
        if let window = feature.window { return windowValue(feature, window.name, cutoff) }
        let end = midnight(cutoff)
        let cutoffDay = day(end)
        let rows = events.filter { $0.event.second < end && activityTypes.contains($0.event.type) }
        let days = rows.filter(\.opens).map(\.day)
        let gaps = zip(days.dropFirst(), days).map { Double($0 - $1) }
        let recency = rows.last.map { Double(cutoffDay - $0.day) } ?? 0
        let tenure = days.first.map { Double(cutoffDay - $0) } ?? 0
        let mean = gaps.isEmpty ? recency : gaps.reduce(0, +) / Double(gaps.count)
        let median = gaps.isEmpty ? recency : Self.median(gaps)
        switch feature.primitive {
        case .recency: return recency
        case .tenure: return tenure
        case .gapMean: return mean
        case .gapDeviation: return Self.deviation(gaps)
        case .gapVariation: return gaps.count > 1 && mean > 0 ? Self.deviation(gaps) / mean : 0
        case .recencyOverGapMean: return recency / max(mean, 1)
        case .gapMedian: return median
        case .outOfRhythm: return recency / max(median, 1)
        case .daysOverdue: return max(0, recency - median)
        case .sinceLast:
            let own = events.last { $0.event.second < end && feature.eventTypes.contains($0.event.type) }
            return own.map { Double(cutoffDay - $0.day) } ?? tenure
        case .sinceLastOverGap:
            let own = Set(
                events.filter { $0.event.second < end && feature.eventTypes.contains($0.event.type) }.map(\.day)
            ).sorted()
            guard let last = own.last else { return tenure > 0 ? 1 : 0 }
            let since = Double(cutoffDay - last)
            let gaps = zip(own.dropFirst(), own).map { Double($0 - $1) }
            return gaps.isEmpty ? since / max(since, 1) : since / max(gaps.reduce(0, +) / Double(gaps.count), 1)
        default: return .nan
        }
    }

    /// Recency, transactions and amounts of the activity: what scores are made of.
    func scoreQuantities(cutoff: String) -> [Double] {
        let end = midnight(cutoff)
        let rows = events.filter { $0.event.second < end && activityTypes.contains($0.event.type) }
        return [
            Double(day(end) - (rows.last?.day ?? 0)), Double(rows.count(where: \.opens)),
            rows.reduce(0) { $0 + ($1.event.amount ?? 0) },
        ]
    }

    /// The day of the last row of activity before a cutoff.
    func lastDay(cutoff: String) -> Int? {
        let end = midnight(cutoff)
        return events.last { $0.event.second < end && activityTypes.contains($0.event.type) }?.day
    }

    static func median(_ numbers: [Double]) -> Double {
        let sorted = numbers.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// The population standard deviation; 0 for fewer than two.
    static func deviation(_ numbers: [Double]) -> Double {
        guard numbers.count > 1 else { return 0 }
        let mean = numbers.reduce(0, +) / Double(numbers.count)
        return (numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count)).squareRoot()
    }

    // MARK: Windows

    /// Where a window begins that ends some months before the cutoff.
    private func start(_ window: String, _ cutoff: String, times: Int = 1, monthsBefore: [Int] = []) -> Int {
        if window == "all" { return .min }
        let number = Int(window.filter(\.isNumber))!
        if window.hasSuffix("mo") {
            return midnight(cutoff, months: monthsBefore + [Int](repeating: number, count: times))
        }
        if window.hasSuffix("y") {
            return midnight(cutoff, months: monthsBefore + [Int](repeating: 12 * number, count: times))
        }
        return midnight(cutoff, minusDays: times * number, months: monthsBefore)
    }

    private func rows(_ types: [String], _ start: Int, _ end: Int) -> [Dated] {
        events.filter { types.contains($0.event.type) && start <= $0.event.second && $0.event.second < end }
    }

    private func windowValue(_ feature: FeaturePlan.Feature, _ window: String, _ cutoff: String) -> Double {
        let end = midnight(cutoff)
        let begin = start(window, cutoff)
        let rows = rows(feature.eventTypes, begin, end)
        let amounts = rows.compactMap(\.event.amount)
        let count = rows.count(where: \.opens)
        switch feature.primitive {
        case .count: return Double(count)
        case .sum: return amounts.reduce(0, +)
        case .mean:
            let valued = rows.count(where: \.opensValued)
            return valued == 0 ? 0 : amounts.reduce(0, +) / Double(valued)
        case .minimum: return amounts.min() ?? 0
        case .maximum: return amounts.max() ?? 0
        case .deviation: return Self.deviation(amounts)
        case .last: return amounts.last ?? 0
        case .quantity: return rows.compactMap(\.event.quantity).reduce(0, +)
        case .distinct: return Double(Set(rows.compactMap(\.event.product)).count)
        case .activeDays: return Double(Set(rows.filter(\.opens).map(\.day)).count)
        case .share, .ratio:
            let whole = self.rows(feature.among ?? [], begin, end).count(where: \.opens)
            return whole == 0 ? 0 : Double(count) / Double(whole)
        case .weekdayShare: return share(rows) { $0.weekday == feature.part }
        case .dayPartShare: return share(rows) { $0.hour / 6 == feature.part }
        case .monthShare: return share(rows) { $0.month == feature.part }
        case .trend, .amountTrend: return slope(feature, window, cutoff)
        default: return comparison(feature, window, cutoff, rows)
        }
    }

    /// Whether any row of activity lies in a window.
    func isActive(_ window: String, cutoff: String) -> Bool {
        !rows(Array(activityTypes), start(window, cutoff), midnight(cutoff)).isEmpty
    }

    private func share(_ rows: [Dated], _ isPart: (Dated) -> Bool) -> Double {
        let opening = rows.filter(\.opens)
        return opening.isEmpty ? 0 : Double(opening.count(where: isPart)) / Double(opening.count)
    }

    private func comparison(
        _ feature: FeaturePlan.Feature,
        _ window: String,
        _ cutoff: String,
        _ rows: [Dated]
    ) -> Double {
        let isYear = [.versusYear, .amountVersusYear].contains(feature.primitive)
        let other =
            isYear
            ? self.rows(
                feature.eventTypes,
                start(window, cutoff, monthsBefore: [12]),
                midnight(cutoff, months: [12])
            ) : self.rows(feature.eventTypes, start(window, cutoff, times: 2), start(window, cutoff))
        if [.versusBefore, .versusYear].contains(feature.primitive) {
            return Double(rows.count(where: \.opens) + 1) / Double(other.count(where: \.opens) + 1)
        }
        let now = rows.reduce(0) { $0 + ($1.event.amount ?? 0) }
        let before = other.reduce(0) { $0 + ($1.event.amount ?? 0) }
        let size = abs(now) + abs(before)
        return size == 0 ? 0 : (now - before) / size
    }

    /// The slope of a line through the weekly values, by its textbook formula.
    private func slope(_ feature: FeaturePlan.Feature, _ window: String, _ cutoff: String) -> Double {
        let number = Int(window.filter(\.isNumber))!
        let days = window.hasSuffix("mo") ? number * 365 / 12 : window.hasSuffix("y") ? number * 365 : number
        let weeks = days / 7
        let values = (0..<weeks).map { week in
            let rows = rows(
                feature.eventTypes,
                midnight(cutoff, minusDays: 7 * (weeks - week)),
                midnight(cutoff, minusDays: 7 * (weeks - week - 1))
            )
            return feature.primitive == .trend
                ? Double(rows.count(where: \.opens)) : rows.reduce(0) { $0 + ($1.event.amount ?? 0) }
        }
        let middle = Double(weeks - 1) / 2
        let mean = values.reduce(0, +) / Double(weeks)
        let covariance = values.enumerated().reduce(0) { $0 + (Double($1.offset) - middle) * ($1.element - mean) }
        return covariance / (0..<weeks).reduce(0) { $0 + (Double($1) - middle) * (Double($1) - middle) }
    }

    // MARK: Comparing

    /// Whether a value is the brute force's: whole numbers exactly, others as precisely as they can be.
    /// - Parameter scale: the size of what was summed.
    static func agree(_ ours: Double, _ theirs: Double, _ primitive: Primitive, scale: Double) -> Bool {
        switch primitive {
        case .count, .minimum, .maximum, .last, .distinct, .activeDays, .recency, .tenure, .gapMedian, .daysOverdue,
            .sinceLast, .recencyScore, .frequencyScore, .monetaryScore, .share, .ratio, .weekdayShare, .dayPartShare,
            .monthShare, .versusBefore, .versusYear, .groupMembers, .groupActiveMembers, .groupCount, .groupShare,
            .groupRecency:
            ours == theirs
        case .sum, .mean, .quantity, .groupSum: abs(ours - theirs) <= 1e-12 * max(scale, abs(theirs))
        case .deviation, .amountTrend: abs(ours - theirs) <= 1e-11 * max(scale, 1)
        default: abs(ours - theirs) <= 1e-12 * max(1, abs(theirs))
        }
    }
}

import Foundation

/// Who is eligible and who churns, straight from the definitions: every question walks over everything that is known of a
/// customer, and days come from Foundation's calendar. Shares no code with the library.
struct StatusOracle {
    struct Event {
        let second: Int
        let type: String
        let group: String
    }

    struct Contract {
        let start: Int
        /// `Int.max` for a contract that runs.
        let end: Int
    }

    struct Attribute {
        let since: Int
        let size: String
    }

    struct Customer {
        var events: [Event] = []
        var contracts: [Contract] = []
        var attributes: [Attribute] = []
    }

    /// A length of time: days, or months.
    enum Length {
        case days(Int)
        case months(Int)
    }

    /// What churn means, as the study of the same test says it.
    struct Definition {
        enum Kind { case inactivity, event, contractEnd, ownRhythm }

        var kind: Kind
        var isMeant: @Sendable (Event) -> Bool = { _ in false }
        var active: Set<String> = []
        var lead = 0
        /// By size; "" for all others.
        var horizons: [String: Length] = [:]
        var activeWithin: Length?
        var grace = Length.days(0)
        var factor = 1.0
        var minimum = 0
        var maximum = Length.days(0)
        var minimumGaps = 2
    }

    let definition: Definition
    let calendar: Calendar

    init(_ definition: Definition, timeZone: String) {
        self.definition = definition
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: timeZone) ?? .gmt
        self.calendar = calendar
    }

    // MARK: Days

    /// Noon of a date, from which days and months are counted without hours in the way.
    func noon(_ date: String) -> Date {
        let parts = date.split(separator: "-").compactMap { Int($0) }
        return calendar.date(from: DateComponents(year: parts[0], month: parts[1], day: parts[2], hour: 12))
            ?? .distantPast
    }

    func noon(of second: Int) -> Date {
        let start = calendar.startOfDay(for: Date(timeIntervalSince1970: Double(second)))
        return calendar.date(bySettingHour: 12, minute: 0, second: 0, of: start) ?? .distantPast
    }

    func moved(_ noon: Date, _ length: Length, times sign: Int = 1) -> Date {
        switch length {
        case .days(let days): calendar.date(byAdding: .day, value: sign * days, to: noon) ?? .distantPast
        case .months(let months): calendar.date(byAdding: .month, value: sign * months, to: noon) ?? .distantPast
        }
    }

    func midnight(_ noon: Date) -> Int { Int(calendar.startOfDay(for: noon).timeIntervalSince1970) }

    private func days(from: Date, to: Date) -> Int {
        calendar.dateComponents([.day], from: from, to: to).day ?? 0
    }

    // MARK: The answer

    /// The first instant that no label at a cutoff looks at.
    func knownFrom(_ cutoff: String) -> Int {
        let label = moved(noon(cutoff), .days(definition.lead))
        if definition.kind == .ownRhythm { return midnight(moved(label, definition.maximum)) }
        let ends = definition.horizons.values.map { moved(label, $0) }
        let end = ends.max() ?? label
        guard definition.kind == .contractEnd else { return midnight(end) }
        let lastDay = moved(end, .days(-1))
        return midnight(moved(moved(lastDay, definition.grace), .days(1)))
    }

    /// One of `notEligible`, `leftInLead`, `retained`, `churned`, `open`.
    func status(_ customer: Customer, cutoff: String, observedUntil: Int) -> String {
        let c = midnight(noon(cutoff))
        let labelNoon = moved(noon(cutoff), .days(definition.lead))
        let labelStart = midnight(labelNoon)
        let isMature = knownFrom(cutoff) <= observedUntil
        let meant = customer.events.filter(definition.isMeant).map(\.second)
        let size = customer.attributes.filter { $0.since < c }.max { $0.since < $1.since }?.size ?? ""
        let horizon = definition.horizons[size] ?? definition.horizons[""] ?? .days(0)
        var labelEnd = midnight(moved(labelNoon, horizon))
        let activeSince = definition.activeWithin.map { midnight(moved(noon(cutoff), $0, times: -1)) } ?? .min
        func isLabelled(_ second: Int) -> Bool { labelStart <= second && second < labelEnd }

        switch definition.kind {
        case .inactivity:
            guard meant.contains(where: { activeSince <= $0 && $0 < c }) else { return "notEligible" }
            if !isMature { return "open" }
            return meant.contains(where: isLabelled) ? "retained" : "churned"
        case .event:
            let activity = customer.events.filter { definition.active.contains($0.type) }.map(\.second)
            guard let last = activity.filter({ $0 < c }).max(), last >= activeSince else { return "notEligible" }
            let leavings = customer.events
                .filter { definition.isMeant($0) && !definition.active.contains($0.type) }.map(\.second)
            if leavings.contains(where: { last <= $0 && $0 < c }) { return "notEligible" }
            if !isMature { return "open" }
            if leavings.contains(where: { c <= $0 && $0 < labelStart }) { return "leftInLead" }
            return meant.contains(where: isLabelled) ? "churned" : "retained"
        case .contractEnd:
            let contracts = customer.contracts.filter { $0.start < $0.end }
            guard contracts.contains(where: { $0.start < c && c <= $0.end }) else { return "notEligible" }
            if !isMature { return "open" }
            let leavings = contracts.map(\.end).filter { end in
                guard end != .max else { return false }
                let lastDay = moved(noon(of: end), definition.grace)
                let tooLate = midnight(moved(lastDay, .days(1)))
                return !contracts.contains { $0.start < tooLate && $0.end > end }
            }
            guard let first = leavings.filter({ $0 >= c }).min() else { return "retained" }
            if first < labelStart { return "leftInLead" }
            return first < labelEnd ? "churned" : "retained"
        case .ownRhythm:
            guard let last = meant.filter({ $0 < c }).max(), last >= activeSince else { return "notEligible" }
            let limit = limit(meant.filter { $0 < c }, labelNoon)
            guard last >= midnight(moved(noon(cutoff), .days(-limit))) else { return "notEligible" }
            if !isMature { return "open" }
            labelEnd = midnight(moved(labelNoon, .days(limit)))
            return meant.contains(where: isLabelled) ? "retained" : "churned"
        }
    }

    private func limit(_ before: [Int], _ labelNoon: Date) -> Int {
        let days = Set(before.map { noon(of: $0) }).sorted()
        let gaps = zip(days, days.dropFirst()).map { self.days(from: $0, to: $1) }.sorted()
        let maximum = self.days(from: labelNoon, to: moved(labelNoon, definition.maximum))
        guard gaps.count >= definition.minimumGaps else { return maximum }
        let middle = gaps.count / 2
        let median =
            gaps.count.isMultiple(of: 2) ? Double(gaps[middle - 1] + gaps[middle]) / 2 : Double(gaps[middle])
        let own = Int((definition.factor * median + 0.5).rounded(.down))
        return min(max(own, definition.minimum), maximum)
    }
}

import ChurnFeatures
import ChurnTestSupport

/// Features of groups of companies straight from their definitions: all customers are asked which group they are in, and the
/// brute force counts each member's events anew. Shares no code with the library but the names of primitives.
final class GroupOracle {
    /// From when on a customer is in a group; in that of his own name where it is "".
    struct Row {
        let since: Int
        let group: String
    }

    private let histories: [String: BruteForceFeatures]
    private let firstSeconds: [String: Int]
    private let sizes: [String: Double]
    private let rows: [String: [Row]]
    private var members: [String: [String: [String]]] = [:]
    private var totals: [String: Double] = [:]

    init(
        timeZone: String,
        activityTypes: Set<String>,
        histories: [String: [BruteForceFeatures.Event]],
        rows: [String: [Row]]
    ) {
        self.rows = rows
        self.histories = histories.mapValues {
            BruteForceFeatures(timeZone: timeZone, activityTypes: activityTypes, events: $0)
        }
        firstSeconds = histories.mapValues { $0.map(\.second).min() ?? .max }
        sizes = histories.mapValues { $0.reduce(0) { $0 + abs($1.amount ?? 0) } }
    }

    func group(of customer: String, before end: Int) -> String {
        let known = (rows[customer] ?? []).filter { $0.since < end }.max { $0.since < $1.since }
        guard let known, !known.group.isEmpty else { return customer }
        return known.group
    }

    /// All who are in a customer's group and have an event before the cutoff.
    func members(of customer: String, cutoff: String) -> [String] {
        let end = histories[customer]?.midnight(cutoff) ?? .min
        if members[cutoff] == nil {
            let seen = histories.keys.filter { firstSeconds[$0] ?? .max < end }
            members[cutoff] = Dictionary(grouping: seen) { group(of: $0, before: end) }
        }
        return members[cutoff]?[group(of: customer, before: end)] ?? []
    }

    /// The size of what a group's amounts sum up to.
    func scale(of customer: String, cutoff: String) -> Double {
        members(of: customer, cutoff: cutoff).reduce(0) { $0 + (sizes[$1] ?? 0) }
    }

    func value(_ feature: FeaturePlan.Feature, of customer: String, cutoff: String) -> Double {
        guard let own = histories[customer] else { return .nan }
        let members = members(of: customer, cutoff: cutoff)
        switch feature.primitive {
        case .groupMembers: return Double(members.count)
        case .groupShare:
            let count = own.value(Self.own(.count, feature), cutoff: cutoff)
            let whole = total(of: members, feature, customer, cutoff)
            return whole == 0 ? 0 : count / whole
        case .groupRecency:
            let last = members.filter { $0 != customer }.compactMap { histories[$0]?.lastDay(cutoff: cutoff) }.max()
            if let last { return Double(own.day(own.midnight(cutoff)) - last) }
            return own.value(.init(name: "", primitive: .tenure, eventTypes: feature.eventTypes), cutoff: cutoff)
        default: return total(of: members, feature, customer, cutoff)
        }
    }

    /// The members' figures added up, once for all members of a group.
    private func total(
        of members: [String],
        _ feature: FeaturePlan.Feature,
        _ customer: String,
        _ cutoff: String
    ) -> Double {
        let key = "\(members.min() ?? "") \(cutoff) \(feature.name)"
        if let known = totals[key] { return known }
        let total = members.reduce(0) { sum, member in
            guard let history = histories[member] else { return .nan }
            switch feature.primitive {
            case .groupActiveMembers:
                return sum + (history.isActive(feature.window?.name ?? "", cutoff: cutoff) ? 1 : 0)
            case .groupCount, .groupShare: return sum + history.value(Self.own(.count, feature), cutoff: cutoff)
            case .groupSum: return sum + history.value(Self.own(.sum, feature), cutoff: cutoff)
            default: return .nan
            }
        }
        totals[key] = total
        return total
    }

    private static func own(_ primitive: Primitive, _ feature: FeaturePlan.Feature) -> FeaturePlan.Feature {
        .init(name: "", primitive: primitive, eventTypes: feature.eventTypes, window: feature.window)
    }
}

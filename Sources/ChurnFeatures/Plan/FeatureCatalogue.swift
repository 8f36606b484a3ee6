import ChurnHistory

/// Every feature that a study's windows and its data make possible.
struct FeatureCatalogue {
    struct Entry {
        let feature: FeaturePlan.Feature
        let group: FeatureGroup
        /// Whether the group holds it; else it comes only by its name.
        let isInGroup: Bool
        /// The event type that the feature is of; `nil` for those of the activity, of contracts and of attributes.
        let type: String?
    }

    private(set) var entries: [Entry] = []
    private let windows: [FeatureWindow]
    private let activity: [String]
    /// The longest window: what a group takes of features that a short one would make erratic.
    private let longest: FeatureWindow?

    /// - Parameter windows: the study's where `nil`.
    init(study: Study, index: EventIndex, windows chosen: [FeatureWindow]? = nil) {
        windows = chosen ?? study.windows
        activity = study.churn.activityTypes
        longest = windows.max { $0.approximateDays < $1.approximateDays }
        let types = KnownTypes(index, before: study.observations.days.last.map(study.calendar.start) ?? .max)
        for (position, type) in types.names.enumerated() {
            add(type, hasAmount: types.haveAmount[position], hasQuantity: types.haveQuantity[position], types.names)
        }
        // The days since any contact: neither of a single type, nor of the activity alone.
        if types.names.count > 1, Set(activity) != Set(types.names), !types.names.contains("any") {
            for primitive in [Primitive.sinceLast, .sinceLastOverGap] {
                let feature = FeaturePlan.Feature(
                    name: "any_\(primitive.rawValue)",
                    primitive: primitive,
                    eventTypes: types.names,
                    among: activity
                )
                entries.append(Entry(feature: feature, group: .recencies, isInGroup: true, type: nil))
            }
        }
        let contents = SourceContents(study.sources)
        for name in index.attributes.map(\.name) where contents.have(.attribute(name), of: activity) {
            for window in windows { add(.variety, .distinct, "\(name)_distinct", window, attribute: name) }
        }
        for window in windows { add(.days, .activeDays, "active_days", window) }
        for (primitive, prefix) in [(Primitive.weekdayShare, "on"), (.dayPartShare, "at"), (.monthShare, "in")] {
            for (part, name) in primitive.parts.enumerated() {
                for window in windows {
                    let isInGroup = window == longest
                    add(.calendar, primitive, "share_\(prefix)_\(name)", window, part: part, isInGroup: isInGroup)
                }
            }
        }
        let rhythm: [Primitive] = [
            .recency, .tenure, .gapMean, .gapDeviation, .recencyOverGapMean, .gapMedian, .gapVariation, .outOfRhythm,
            .daysOverdue,
        ]
        for primitive in rhythm { add(.rhythm, primitive, primitive.rawValue, nil) }
        for primitive in [Primitive.recencyScore, .frequencyScore, .monetaryScore]
        where primitive != .monetaryScore || contents.have(.amounts, of: activity) {
            add(.rfm, primitive, primitive.rawValue, nil)
        }
        add(.buyTillYouDie, .aliveProbability, Primitive.aliveProbability.rawValue, nil)
        let longestAhead = windows.filter { $0.length != nil }.max { $0.approximateDays < $1.approximateDays }
        for window in windows where window.length != nil {
            let (primitive, isInGroup) = (Primitive.expectedPurchases, window == longestAhead)
            add(.buyTillYouDie, primitive, primitive.rawValue, window, isInGroup: isInGroup)
        }
        if contents.have(.amounts, of: activity) {
            add(.buyTillYouDie, .expectedValue, Primitive.expectedValue.rawValue, nil)
        }
        // A study of contracts alone names no types of activity: there is none to tell of.
        entries.removeAll { !$0.feature.isComplete }
        if index.contracts != nil {
            for primitive in Primitive.allCases where primitive.subject == .contracts {
                add(.contracts, primitive.rawValue, primitive)
            }
        }
        let known = KnownAttributes(study: study, index: index)
        add(known)
        if let group = known.group { addGroup(group, types) }
    }

    /// The features of the group of companies that an attribute names.
    private mutating func addGroup(_ attribute: String, _ types: KnownTypes) {
        func append(_ primitive: Primitive, _ name: String, _ eventTypes: [String], _ window: FeatureWindow? = nil) {
            let feature = FeaturePlan.Feature(
                name: name + (window.map { "_\($0.name)" } ?? ""),
                primitive: primitive,
                eventTypes: eventTypes,
                window: window,
                attribute: attribute
            )
            // Without types of activity, there is none to tell of.
            guard feature.isComplete else { return }
            let type = [Primitive.groupCount, .groupSum].contains(primitive) ? eventTypes.first : nil
            entries.append(Entry(feature: feature, group: .companyGroup, isInGroup: true, type: type))
        }
        append(.groupMembers, "group_members", [])
        for window in windows { append(.groupActiveMembers, "group_active_members", activity, window) }
        for (position, type) in types.names.enumerated() {
            for window in windows { append(.groupCount, "group_\(type)_count", [type], window) }
            guard types.haveAmount[position] else { continue }
            for window in windows { append(.groupSum, "group_\(type)_sum", [type], window) }
        }
        for window in windows { append(.groupShare, "group_share", activity, window) }
        append(.groupRecency, "group_recency", activity)
    }

    /// The features of the customers' attributes.
    private mutating func add(_ known: KnownAttributes) {
        for attribute in known.attributes {
            let name = "customer_\(attribute.name)"
            switch attribute.form {
            case .number: add(.attributes, name, .attributeNumber, attribute.name)
            case .foundingYear: add(.attributes, "company_age", .companyAge, attribute.name)
            case .categories(let values):
                for value in values { add(.attributes, "\(name)=\(value)", .attributeValue, attribute.name, value) }
            }
            guard attribute.hasMissing else { continue }
            let flagged = attribute.form == .foundingYear ? "company_age" : name
            add(.attributes, "\(flagged)_missing", .attributeMissing, attribute.name)
        }
        guard known.haveDates else { return }
        for primitive in [Primitive.attributeChanges, .attributeChangeAge] {
            add(.attributes, primitive.rawValue, primitive)
        }
    }

    /// A feature of the customer's books.
    private mutating func add(
        _ group: FeatureGroup,
        _ name: String,
        _ primitive: Primitive,
        _ attribute: String? = nil,
        _ value: String? = nil
    ) {
        let feature = FeaturePlan.Feature(
            name: name,
            primitive: primitive,
            eventTypes: [],
            attribute: attribute,
            value: value
        )
        entries.append(Entry(feature: feature, group: group, isInGroup: true, type: nil))
    }

    /// The features of one event type.
    private mutating func add(_ type: String, hasAmount: Bool, hasQuantity: Bool, _ all: [String]) {
        func feature(_ primitive: Primitive, _ window: FeatureWindow?, among: [String]? = nil) -> FeaturePlan.Feature {
            FeaturePlan.Feature(
                name: "\(type)_\(primitive.rawValue)" + (window.map { "_\($0.name)" } ?? ""),
                primitive: primitive,
                eventTypes: [type],
                window: window,
                among: among
            )
        }
        func append(_ group: FeatureGroup, _ primitive: Primitive, among: [String]? = nil) {
            for window in windows {
                let feature = feature(primitive, window, among: among)
                // A week has no trend, and everything has nothing before it.
                guard feature.isComplete else { continue }
                entries.append(Entry(feature: feature, group: group, isInGroup: true, type: type))
            }
        }
        append(.counts, .count)
        if hasAmount {
            append(.amounts, .sum)
            append(.amounts, .mean)
            for primitive in [Primitive.minimum, .maximum, .deviation, .last] { append(.spread, primitive) }
        }
        if hasQuantity { append(.quantities, .quantity) }
        if all.count > 1 { append(.mix, .share, among: all) }
        let isActivity = activity.contains(type)
        if !isActivity { append(.mix, .ratio, among: activity) }
        append(.trend, .trend)
        append(.trend, .versusBefore)
        append(.trend, .versusYear)
        if hasAmount {
            append(.trend, .amountTrend)
            append(.trend, .amountVersusBefore)
            append(.trend, .amountVersusYear)
        }
        // Where a type is the whole activity, its recency has a name of its own.
        if activity != [type] {
            let feature = feature(.sinceLast, nil, among: activity)
            entries.append(Entry(feature: feature, group: .recencies, isInGroup: true, type: type))
        }
    }

    /// A feature of the activity.
    private mutating func add(
        _ group: FeatureGroup,
        _ primitive: Primitive,
        _ name: String,
        _ window: FeatureWindow?,
        attribute: String? = nil,
        part: Int? = nil,
        isInGroup: Bool = true
    ) {
        entries.append(
            Entry(
                feature: FeaturePlan.Feature(
                    name: name + (window.map { "_\($0.name)" } ?? ""),
                    primitive: primitive,
                    eventTypes: activity,
                    window: window,
                    attribute: attribute,
                    part: part
                ),
                group: group,
                isInGroup: isInGroup,
                type: nil
            )
        )
    }
}

extension FeatureWindow {
    /// The length in days, for comparing windows.
    fileprivate var approximateDays: Int { length.map { $0.days + $0.months * 30 } ?? .max }
}

/// The event types that the data have before an instant, in byte order.
private struct KnownTypes {
    let names: [String]
    let haveAmount: [Bool]
    let haveQuantity: [Bool]

    init(_ index: EventIndex, before end: Int64) {
        let known = index.typeNames.indices.filter { index.typeFirsts[$0].event < end }
        names = known.map { index.typeNames[$0] }
        haveAmount = known.map { index.typeFirsts[$0].amount < end }
        haveQuantity = known.map { index.typeFirsts[$0].quantity < end }
    }
}

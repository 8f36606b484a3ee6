import ChurnHistory

/// How long a label window is, in calendar days of the study's zone: `c + lead <= t < c + lead + length`.
public enum LabelWindow: Sendable, Equatable {
    /// One length for all customers.
    case horizon(CalendarPeriod)
    /// A length for each group of customers.
    case horizonBy(GroupHorizons)
    /// A length for each customer and cutoff, from the customer's own rhythm.
    case ownRhythm(OwnRhythm)

    /// Every length that a customer can have, or that bounds it. The first is that of customers without a group.
    public var lengths: [CalendarPeriod] {
        switch self {
        case .horizon(let horizon): [horizon]
        case .horizonBy(let groups): [groups.otherwise] + groups.groups.map(\.horizon)
        case .ownRhythm(let rhythm): [rhythm.maximum]
        }
    }

    /// The first day behind the longest window that begins on a day.
    func longestEnd(from day: CalendarDay) -> CalendarDay {
        lengths.map(day.adding).max() ?? day
    }

    /// The key of the study that says how long a window is, and what it says.
    var setting: (key: String, value: String) {
        switch self {
        case .horizon(let horizon): ("horizon", horizon.description)
        case .horizonBy(let groups): ("horizonBy", groups.attribute)
        case .ownRhythm(let rhythm): ("maximum", rhythm.maximum.description)
        }
    }

    /// Reads `horizon` or `horizonBy` of a definition of churn.
    init(horizonOf node: StudyNode, sources: StudySources) throws(DataError) {
        guard let groups = node.optional("horizonBy") else {
            self = .horizon(try node.required("horizon", example: "90d").length(example: "horizon: 90d"))
            return
        }
        if let horizon = node.optional("horizon") {
            throw horizon.error(
                .misplacedKey,
                "stands beside `horizonBy`, which has a horizon for everybody",
                fix: "leave it out; the horizon of all others is `otherwise`"
            )
        }
        self = .horizonBy(try GroupHorizons(groups, sources: sources))
    }
}

extension StudyNode {
    /// A length of time that is longer than nothing.
    func length(example: String) throws(DataError) -> CalendarPeriod {
        let period = try period()
        if period.isZero { throw error("must be longer than nothing", fix: example) }
        return period
    }
}

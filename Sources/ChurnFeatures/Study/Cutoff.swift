import ChurnHistory

/// An observation date: the instant as of which customers are looked at, and the label window behind it.
///
/// Instants are microseconds since 1970 UTC.
public struct Cutoff: Sendable, Equatable {
    public let day: CalendarDay
    /// Local midnight of `day`; an event at this very instant is the future.
    public let instant: Int64
    /// The start of the label window.
    public let labelStart: Int64
    /// The end of what labels look at, `labelStart <= t < labelEnd`: of the longest label window that any customer can have,
    /// `grace` included. The same for all customers, else those whose label is known early would be known alone.
    public let labelEnd: Int64
    /// `labelEnd` lies at or before the end of what the data can know. Only mature cutoffs train and evaluate.
    public let isMature: Bool

    public init(day: CalendarDay, churn: ChurnDefinition, calendar: StudyCalendar, observedUntil: Int64) {
        let labelDay = day.adding(churn.lead)
        self.day = day
        instant = calendar.start(of: day)
        labelStart = calendar.start(of: labelDay)
        labelEnd = calendar.start(of: churn.knownFrom(labelDay: labelDay))
        isMature = labelEnd <= observedUntil
    }

    init(day: CalendarDay, instant: Int64, labelStart: Int64, labelEnd: Int64, isMature: Bool) {
        self.day = day
        self.instant = instant
        self.labelStart = labelStart
        self.labelEnd = labelEnd
        self.isMature = isMature
    }
}

extension Study {
    /// What is wrong when all cutoffs of the study lie behind the data.
    public func noCutoffFault(observedUntil: Int64) -> DataError {
        DataError(
            .dateBehindData,
            "lies after \(calendar.day(of: observedUntil)), where the data end, as all cutoffs of the study do",
            file: path,
            column: "observations.first",
            value: observations.first.description,
            fix: "observe earlier, or read newer data"
        )
    }

    /// What is wrong when not even the earliest cutoff of the study has its whole label window inside of the data.
    /// - Returns: `nil` where a cutoff is mature.
    public func maturityFault(observedUntil: Int64) -> DataError? {
        let all = cutoffs(observedUntil: observedUntil)
        guard let first = all.first, !all.contains(where: \.isMature) else { return nil }
        let (key, value) = churn.window.setting
        let longest = longestHorizon(at: first.day, observedUntil: observedUntil)
        return DataError(
            .horizonTooLong,
            "is longer than the data behind the first cutoff, \(first.day), so that no label is known",
            file: path,
            column: "churn.\(key)",
            value: value,
            fix: longest > 0
                ? "the longest possible with this cutoff is \(longest)d; or observe earlier" : "observe earlier"
        )
    }

    /// The longest label window in days with which a cutoff is still mature; 0 or less where none is.
    private func longestHorizon(at day: CalendarDay, observedUntil: Int64) -> Int {
        let labelDay = day.adding(churn.lead)
        let end = calendar.day(of: observedUntil)
        var days = end.number - labelDay.number
        guard churn.kind == .contractEnd else { return days }
        // Renewals are awaited from the last day of the window on.
        while days > 0, CalendarDay(number: labelDay.number + days - 1).adding(churn.grace) >= end { days -= 1 }
        return days
    }

    /// The cutoffs of the study, ascending. Those that lie behind what the data can know are left out: their features
    /// would miss the events in between.
    /// - Parameter observedUntil: the exclusive end of what the data can know.
    public func cutoffs(observedUntil: Int64) -> [Cutoff] {
        observations.days
            .map { Cutoff(day: $0, churn: churn, calendar: calendar, observedUntil: observedUntil) }
            .filter { $0.instant <= observedUntil }
    }

    /// One cutoff at a day of the caller's choice.
    /// - Throws: when the day lies behind what the data can know: features would miss the events in between.
    public func cutoff(asOf day: CalendarDay, observedUntil: Int64) throws(DataError) -> Cutoff {
        let cutoff = Cutoff(day: day, churn: churn, calendar: calendar, observedUntil: observedUntil)
        guard cutoff.instant <= observedUntil else {
            throw DataError(
                .dateBehindData,
                "lies after \(calendar.day(of: observedUntil)), where the data end",
                column: "--as-of",
                value: day.description,
                fix: "choose an earlier date, or set `observedUntil` in the study if nothing happened since"
            )
        }
        return cutoff
    }

    /// What is wrong when no customer is eligible at any of some cutoffs.
    func nobodyEligible(at cutoffs: [Cutoff]) -> FeatureError {
        let days = cutoffs.map(\.day.description)
        return switch churn.kind {
        case .contractEnd: .noContractInForce(cutoffs: days)
        case .event: .nobodyEligible(cutoffs: days, key: "churn.active")
        case .inactivity, .ownRhythm, .column: .nobodyEligible(cutoffs: days, key: "churn.of")
        }
    }
}

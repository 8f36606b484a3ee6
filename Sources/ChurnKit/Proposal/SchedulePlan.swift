import ChurnHistory

/// Churn definition, cutoffs and windows that fit the rhythm of purchases, with both classes at training and testing.
struct SchedulePlan {
    let rhythm: PurchaseRhythm
    let horizon: Int
    let cutoffs: [CalendarDay]
    let every: CalendarPeriod
    let windows: [Int]

    /// Examples of each class that training and testing should have.
    private static let fewest = 10

    /// - Throws: `notAHistory` where no horizon leaves customers of both kinds to train and to test on.
    init(_ rhythm: PurchaseRhythm, file: String) throws(DataError) {
        var fallback: (horizon: Int, cutoffs: [CalendarDay], every: CalendarPeriod)?
        var chosen = fallback
        for horizon in rhythm.horizons {
            guard let (days, every) = rhythm.cutoffs(horizon: horizon), let last = days.last else { continue }
            let test = rhythm.labels(at: last, horizon: horizon)
            let train = days.filter { $0.number + horizon <= last.number }.map {
                rhythm.labels(at: $0, horizon: horizon)
            }
            let trainEligible = train.reduce(0) { $0 + $1.eligible }
            let trainChurned = train.reduce(0) { $0 + $1.churned }
            let least = min(test.churned, test.eligible - test.churned, trainChurned, trainEligible - trainChurned)
            if least >= Self.fewest {
                chosen = (horizon, days, every)
                break
            }
            if least > 0, fallback == nil { fallback = (horizon, days, every) }
        }
        guard let plan = chosen ?? fallback else {
            throw DataError(
                .notAHistory,
                "is too short or too thin a history: over \(rhythm.span) days, \(rhythm.customers) customers bought,"
                    + " and no horizon leaves some who return and some who do not, to train and to test on",
                file: file,
                fix: "give a longer history; four weeks and customers who return are the least"
            )
        }
        self.rhythm = rhythm
        horizon = plan.horizon
        cutoffs = plan.cutoffs
        every = plan.every
        windows = rhythm.windows(cutoffs: plan.cutoffs, horizon: plan.horizon)
    }

    func lines(purchaseTypes: [String]) -> [CommentedLine] {
        let of = purchaseTypes.map(YAMLText.scalar).joined(separator: ", ")
        var lines: [CommentedLine] = []
        lines.append(
            .pair(0, "churn", "{definition: inactivity, of: [\(of)], horizon: \(horizon)d, lead: 0d}", horizonReason)
        )
        if let remark = silenceRemark { lines.append(CommentedLine("", remark)) }
        let first = cutoffs.first?.description ?? ""
        let last = cutoffs.last?.description ?? ""
        lines.append(
            .pair(0, "observations", "{first: \(first), last: \(last), every: \(everyText)}", cutoffReason)
        )
        let names = windows.map { "\($0)d" } + ["all"]
        lines.append(.pair(0, "features", "{windows: [\(names.joined(separator: ", "))]}", windowReason))
        return lines
    }

    private var everyText: String { every.months > 0 ? every.description : "1w" }

    private var horizonReason: String {
        let half = rhythm.gap(atShare: 0.5) ?? 0
        let most = rhythm.gap(atShare: 0.9) ?? 0
        let seen =
            "of \(rhythm.gaps.count) repeat purchases, half came within \(half) days and nine of ten within \(most)"
        if horizon < most {
            return "\(seen); a longer horizon leaves too little of the \(rhythm.span) days to learn from"
        }
        return "\(seen); \(horizon)d is a customary length that covers them"
    }

    private var cutoffReason: String {
        guard let first = cutoffs.first, let last = cutoffs.last else { return "" }
        let labels = rhythm.labels(at: last, horizon: horizon)
        let share = labels.eligible == 0 ? 0 : (1000 * labels.churned + labels.eligible / 2) / labels.eligible
        return
            "\(cutoffs.count) cutoffs, all mature: the first has \(first.number - rhythm.start.number) days of history,"
            + " the label of the last ends before \(CalendarDay(number: last.number + horizon));"
            + " there \(labels.churned) of \(labels.eligible) customers (\(share / 10).\(share % 10) %) churned"
    }

    private var windowReason: String {
        let quarter = rhythm.gap(atShare: 0.25) ?? 0
        let middle = cutoffs[cutoffs.count / 2].number - rhythm.start.number
        return
            "a quarter of the repeat purchases came within \(quarter) days; half of the cutoffs have \(middle) days of history or more"
    }

    /// What a limit on silence would change, where histories are long enough for it to matter.
    private var silenceRemark: String? {
        guard let last = cutoffs.last else { return nil }
        let limit = [180, 365, 730].first { $0 >= 2 * horizon } ?? 730
        let share = rhythm.silentShare(at: last, longerThan: limit)
        guard share >= 0.25, last.number - rhythm.start.number > limit else { return nil }
        return
            "\(Int((share * 100).rounded())) % of the customers at \(last) have been silent for more than \(limit) days;"
            + " `activeWithin: \(limit)d` in `churn` would leave out who has long been gone"
    }
}

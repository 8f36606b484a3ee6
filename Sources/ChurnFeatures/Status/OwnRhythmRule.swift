import ChurnHistory

/// `ownRhythm`: churned is who is silent in the label window for as long as his own rhythm says is too long.
///
/// A customer's gaps at c are the calendar days between neighbouring days before c on which he has an event of `churn.of`.
/// His limit is `factor` times the median gap, in whole days, within the study's bounds; with fewer gaps than the study asks
/// for it is `maximum`. The label sees `c + L <= t < c + L + limit`.
///
/// Eligible at c is who has not been silent for longer than that yet: an event in `c - limit <= t < c`, and in
/// `activeWithin` where the study names it. Silence is no instant: nobody leaves during the lead time.
struct OwnRhythmRule: StatusRule {
    private let index: EventIndex
    private let cutoffs: [Cutoff]
    private let calendar: StudyCalendar
    private let rhythm: OwnRhythm
    private let selector: EventSelector
    private let activeSince: [Int64]
    /// The day on which each cutoff's label window begins.
    private let labelDays: [CalendarDay]
    private var times: [Int64] = []
    private var days: [Int] = []
    private var gaps = RunningMedian()

    init(study: Study, index: EventIndex, cutoffs: [Cutoff]) {
        guard case .ownRhythm(let rhythm) = study.churn.window else {
            preconditionFailure("`ownRhythm` has a window of its own rhythm")
        }
        self.rhythm = rhythm
        self.index = index
        self.cutoffs = cutoffs
        calendar = study.calendar
        selector = EventSelector(study.churn.of, index: index)
        activeSince = study.activeSince(cutoffs)
        labelDays = cutoffs.map { $0.day.adding(study.churn.lead) }
    }

    mutating func write(ofCustomer customer: Int, into result: UnsafeMutableBufferPointer<UInt8>) {
        times.removeAll(keepingCapacity: true)
        days.removeAll(keepingCapacity: true)
        gaps.removeAll()
        for row in index.rows(ofCustomer: customer) where selector.selects(row, of: index) {
            times.append(index.times[row])
            days.append(Int(index.days[row]))
        }
        if times.isEmpty { return }
        var before = InstantCursor()
        var label = InstantCursor()
        for (position, cutoff) in cutoffs.enumerated() {
            let known = before.place
            before.advance(in: times, to: cutoff.instant)
            for place in max(known, 1)..<max(before.place, known, 1) where days[place] > days[place - 1] {
                gaps.insert(days[place] - days[place - 1])
            }
            guard let last = before.last(in: times), last >= activeSince[position] else { continue }
            let labelDay = labelDays[position]
            let limit = rhythm.limit(medianGap: gaps.median, gaps: gaps.count, from: labelDay)
            guard last >= calendar.start(of: CalendarDay(number: cutoff.day.number - limit)) else { continue }
            guard cutoff.isMature else {
                result[position] = CustomerStatus.open.rawValue
                continue
            }
            label.advance(in: times, to: cutoff.labelStart)
            let end = calendar.start(of: CalendarDay(number: labelDay.number + limit))
            let isSilent = label.next(in: times).map { $0 >= end } ?? true
            result[position] = (isSilent ? CustomerStatus.churned : .retained).rawValue
        }
    }
}

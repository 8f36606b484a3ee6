import ChurnHistory

/// `ownRhythm`: churned is who is silent in the label window for as long as his own rhythm says is too long.
///
/// A customer's gaps at c are the calendar days between neighbouring days before c on which he has an event of `churn.of`.
/// His limit is `factor` times the median gap, in whole days, within the study's bounds; with fewer gaps than the study asks
/// for it is `maximum`. The label sees `c + L <= t < c + L + limit`.
///
/// Eligible at c is who has not been silent for longer than that yet: an event in `c - limit <= t < c`, and in
/// `activeWithin` where the study names it. Silence is no instant: nobody leaves during the lead time.
final class OwnRhythmRule: StatusRule {
    private let cutoffs: [Cutoff]
    private let calendar: StudyCalendar
    private let rhythm: OwnRhythm
    private let selector: EventSelector
    private let activeSince: [Int64]
    /// The day on which each cutoff's label window begins.
    private let labelDays: [CalendarDay]
    private let times = ScratchBuffer<Int64>(0, capacity: 64)
    private let days = ScratchBuffer<Int32>(0, capacity: 64)
    @exclusivity(unchecked) private var dayCounter: DayCounter
    @exclusivity(unchecked) private var gaps = RunningMedian()

    init(study: Study, index: EventIndex, cutoffs: [Cutoff]) {
        guard case .ownRhythm(let rhythm) = study.churn.window else {
            preconditionFailure("`ownRhythm` has a window of its own rhythm")
        }
        self.rhythm = rhythm
        self.cutoffs = cutoffs
        calendar = study.calendar
        dayCounter = DayCounter(study.calendar)
        selector = EventSelector(study.churn.of, index: index)
        activeSince = study.activeSince(cutoffs)
        labelDays = cutoffs.map { $0.day.adding(study.churn.lead) }
    }

    func write(ofCustomer customer: Int, of memory: EventMemory, into result: UnsafeMutablePointer<ExampleStatus>) {
        let times = collect(memory.rows(ofCustomer: customer), of: memory)
        let days = days.base
        gaps.clear()
        var before = Instants.Cursor()
        var label = Instants.Cursor()
        for position in cutoffs.indices {
            let cutoff = cutoffs[position]
            result[position] = .notEligible
            let known = max(before.place, 1)
            before.advance(in: times, to: cutoff.instant)
            for place in known..<max(before.place, known) where days[place] > days[place - 1] {
                gaps.add(Int(days[place] - days[place - 1]))
            }
            guard let last = before.last(in: times), last >= activeSince[position] else { continue }
            let labelDay = labelDays[position]
            let median = gaps.count > 0 ? gaps.median : nil
            let limit = rhythm.limit(medianGap: median, gaps: gaps.count, from: labelDay)
            guard last >= calendar.start(of: CalendarDay(number: cutoff.day.number - limit)) else { continue }
            guard cutoff.isMature else {
                result[position] = .open
                continue
            }
            label.advance(in: times, to: cutoff.labelStart)
            let end = calendar.start(of: CalendarDay(number: labelDay.number + limit))
            let isSilent = label.next(in: times).map { $0 >= end } ?? true
            result[position] = isSilent ? .churned : .retained
        }
    }

    private func collect(_ rows: Range<Int>, of memory: EventMemory) -> Instants {
        let times = times.reserve(rows.count)
        let days = days.reserve(rows.count)
        var count = 0
        for row in rows where selector.selects(row, of: memory) {
            times[count] = memory.times[row]
            days[count] = dayCounter.day(of: memory.times[row])
            count &+= 1
        }
        return Instants(times, count: count)
    }
}

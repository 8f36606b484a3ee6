import ChurnHistory

/// `inactivity`: churned is who has no event of `churn.of` in the label window.
///
/// Eligible at c is who has such an event before c, within `activeWithin` where the study names it. Silence is no instant:
/// nobody leaves during the lead time.
final class SilenceRule: StatusRule {
    private let cutoffs: [Cutoff]
    private let selector: EventSelector
    private let activeSince: [Int64]
    private let labelEnds: LabelEnds
    private let times = ScratchBuffer<Int64>(0, capacity: 64)

    init(study: Study, index: EventIndex, cutoffs: [Cutoff]) {
        self.cutoffs = cutoffs
        selector = EventSelector(study.churn.of, index: index)
        activeSince = study.activeSince(cutoffs)
        labelEnds = LabelEnds(study: study, index: index, cutoffs: cutoffs)
    }

    func write(ofCustomer customer: Int, of memory: EventMemory, into result: UnsafeMutablePointer<ExampleStatus>) {
        let times = selector.instants(memory.rows(ofCustomer: customer), of: memory, in: times)
        var before = Instants.Cursor()
        var label = Instants.Cursor()
        for position in cutoffs.indices {
            let cutoff = cutoffs[position]
            before.advance(in: times, to: cutoff.instant)
            guard let last = before.last(in: times), last >= activeSince[position] else {
                result[position] = .notEligible
                continue
            }
            guard cutoff.isMature else {
                result[position] = .open
                continue
            }
            label.advance(in: times, to: cutoff.labelStart)
            let end = labelEnds.end(ofCustomer: customer, cutoff: position)
            let isSilent = label.next(in: times).map { $0 >= end } ?? true
            result[position] = isSilent ? .churned : .retained
        }
    }
}

extension Study {
    /// The first instant of `activeWithin` at each of some cutoffs.
    func activeSince(_ cutoffs: [Cutoff]) -> [Int64] {
        cutoffs.map { cutoff in
            churn.activeWithin.map { calendar.start(of: cutoff.day.subtracting($0)) } ?? .min
        }
    }
}

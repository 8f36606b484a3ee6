import ChurnHistory

/// `inactivity`: churned is who has no event of `churn.of` in the label window.
///
/// Eligible at c is who has such an event before c, within `activeWithin` where the study names it. Silence is no instant:
/// nobody leaves during the lead time.
struct SilenceRule: StatusRule {
    private let index: EventIndex
    private let cutoffs: [Cutoff]
    private let selector: EventSelector
    private let activeSince: [Int64]
    private let labelEnds: LabelEnds
    private var times: [Int64] = []

    init(study: Study, index: EventIndex, cutoffs: [Cutoff]) {
        self.index = index
        self.cutoffs = cutoffs
        selector = EventSelector(study.churn.of, index: index)
        activeSince = study.activeSince(cutoffs)
        labelEnds = LabelEnds(study: study, index: index, cutoffs: cutoffs)
    }

    mutating func write(ofCustomer customer: Int, into result: UnsafeMutableBufferPointer<UInt8>) {
        times.removeAll(keepingCapacity: true)
        for row in index.rows(ofCustomer: customer) where selector.selects(row, of: index) {
            times.append(index.times[row])
        }
        if times.isEmpty { return }
        var before = InstantCursor()
        var label = InstantCursor()
        for (position, cutoff) in cutoffs.enumerated() {
            before.advance(in: times, to: cutoff.instant)
            guard let last = before.last(in: times), last >= activeSince[position] else { continue }
            guard cutoff.isMature else {
                result[position] = CustomerStatus.open.rawValue
                continue
            }
            label.advance(in: times, to: cutoff.labelStart)
            let end = labelEnds.end(ofCustomer: customer, cutoff: position)
            let isSilent = label.next(in: times).map { $0 >= end } ?? true
            result[position] = (isSilent ? CustomerStatus.churned : .retained).rawValue
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

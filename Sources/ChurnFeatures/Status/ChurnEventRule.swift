import ChurnHistory

/// `event`: churned is who has an event of `churn.of` in the label window.
///
/// Eligible at c is who has an event of the `active` types before c, within `activeWithin` where the study names it. An
/// event of `of` ends that until a later one of an `active` type, and who has one in `c <= t < c + L` is left out. Where a
/// type of `of` is an active one itself, such as purchases of one product group, its events end nothing.
struct ChurnEventRule: StatusRule {
    private let index: EventIndex
    private let cutoffs: [Cutoff]
    private let selector: EventSelector
    /// By type code.
    private let isActive: [Bool]
    private let activeSince: [Int64]
    private let labelEnds: LabelEnds
    private var activityTimes: [Int64] = []
    private var labelTimes: [Int64] = []
    private var leavingTimes: [Int64] = []

    init(study: Study, index: EventIndex, cutoffs: [Cutoff]) {
        self.index = index
        self.cutoffs = cutoffs
        selector = EventSelector(study.churn.of, index: index)
        isActive = index.typeNames.map(study.churn.activityTypes.contains)
        activeSince = study.activeSince(cutoffs)
        labelEnds = LabelEnds(study: study, index: index, cutoffs: cutoffs)
    }

    mutating func write(ofCustomer customer: Int, into result: UnsafeMutableBufferPointer<UInt8>) {
        collect(index.rows(ofCustomer: customer))
        if activityTimes.isEmpty { return }
        var activity = InstantCursor()
        var leaving = InstantCursor()
        var label = InstantCursor()
        for (position, cutoff) in cutoffs.enumerated() {
            activity.advance(in: activityTimes, to: cutoff.instant)
            leaving.advance(in: leavingTimes, to: cutoff.instant)
            guard let last = activity.last(in: activityTimes), last >= activeSince[position] else { continue }
            // Who has left can do so again only after coming back.
            if let left = leaving.last(in: leavingTimes), left >= last { continue }
            guard cutoff.isMature else {
                result[position] = CustomerStatus.open.rawValue
                continue
            }
            if let next = leaving.next(in: leavingTimes), next < cutoff.labelStart {
                result[position] = CustomerStatus.leftInLead.rawValue
                continue
            }
            label.advance(in: labelTimes, to: cutoff.labelStart)
            let end = labelEnds.end(ofCustomer: customer, cutoff: position)
            let happens = label.next(in: labelTimes).map { $0 < end } ?? false
            result[position] = (happens ? CustomerStatus.churned : .retained).rawValue
        }
    }

    private mutating func collect(_ rows: Range<Int>) {
        activityTimes.removeAll(keepingCapacity: true)
        labelTimes.removeAll(keepingCapacity: true)
        leavingTimes.removeAll(keepingCapacity: true)
        for row in rows {
            let isActive = isActive[Int(index.types[row])]
            if isActive { activityTimes.append(index.times[row]) }
            guard selector.selects(row, of: index) else { continue }
            labelTimes.append(index.times[row])
            if !isActive { leavingTimes.append(index.times[row]) }
        }
    }
}

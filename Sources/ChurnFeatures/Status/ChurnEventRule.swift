import ChurnHistory

/// `event`: churned is who has an event of `churn.of` in the label window.
///
/// Eligible at c is who has an event of the `active` types before c, within `activeWithin` where the study names it. An
/// event of `of` ends that until a later one of an `active` type, and who has one in `c <= t < c + L` is left out. Where a
/// type of `of` is an active one itself, such as purchases of one product group, its events end nothing.
final class ChurnEventRule: StatusRule {
    private let cutoffs: [Cutoff]
    private let activity: EventSelector
    private let label: EventSelector
    /// The events of `of` after which a customer is gone.
    private let leaving: EventSelector
    private let activeSince: [Int64]
    private let labelEnds: LabelEnds
    private let activityTimes = ScratchBuffer<Int64>(0, capacity: 64)
    private let labelTimes = ScratchBuffer<Int64>(0, capacity: 64)
    private let leavingTimes = ScratchBuffer<Int64>(0, capacity: 64)

    init(study: Study, index: EventIndex, cutoffs: [Cutoff]) {
        self.cutoffs = cutoffs
        let active = study.churn.activityTypes
        activity = EventSelector(active.map { EventSelection(type: $0) }, index: index)
        label = EventSelector(study.churn.of, index: index)
        leaving = EventSelector(study.churn.of.filter { !active.contains($0.type) }, index: index)
        activeSince = study.activeSince(cutoffs)
        labelEnds = LabelEnds(study: study, index: index, cutoffs: cutoffs)
    }

    func write(ofCustomer customer: Int, of memory: EventMemory, into result: UnsafeMutablePointer<ExampleStatus>) {
        let rows = memory.rows(ofCustomer: customer)
        let activityTimes = activity.instants(rows, of: memory, in: activityTimes)
        let labelTimes = label.instants(rows, of: memory, in: labelTimes)
        let leavingTimes = leaving.instants(rows, of: memory, in: leavingTimes)
        var activity = Instants.Cursor()
        var leaving = Instants.Cursor()
        var label = Instants.Cursor()
        for position in cutoffs.indices {
            let cutoff = cutoffs[position]
            result[position] = .notEligible
            activity.advance(in: activityTimes, to: cutoff.instant)
            leaving.advance(in: leavingTimes, to: cutoff.instant)
            guard let last = activity.last(in: activityTimes), last >= activeSince[position] else { continue }
            // Who has left can do so again only after coming back.
            if let left = leaving.last(in: leavingTimes), left >= last { continue }
            guard cutoff.isMature else {
                result[position] = .open
                continue
            }
            if let next = leaving.next(in: leavingTimes), next < cutoff.labelStart {
                result[position] = .leftInLead
                continue
            }
            label.advance(in: labelTimes, to: cutoff.labelStart)
            let end = labelEnds.end(ofCustomer: customer, cutoff: position)
            let happens = label.next(in: labelTimes).map { $0 < end } ?? false
            result[position] = happens ? .churned : .retained
        }
    }
}

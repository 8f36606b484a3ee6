import ChurnHistory

/// `contractEnd`: churned is who leaves in the label window: a contract ends, and none follows it.
///
/// A customer leaves at an end e when no other contract of his goes on beyond e that had started, or starts on one of the
/// `grace` days after the day of e: `start < (day of e) + grace + 1 day`, at local midnight. A contract that starts on the
/// day on which the old one ends renews it under any grace, and one that runs beside it keeps the customer. Contracts that
/// end as they start were never in force and count nowhere.
///
/// Eligible at c is who has a contract in force up to c: `start < c <= end`. That looks at starts and ends before c alone: an end at
/// c is the future like every event at c, and so is the contract that may follow it on the same day; an end that lies behind c,
/// planned or not, decides nothing either. Who leaves at e with `c <= e < c + L` is left out.
final class ContractEndRule: StatusRule {
    private let contracts: ContractTable?
    private let calendar: StudyCalendar
    private let grace: CalendarPeriod
    private let cutoffs: [Cutoff]
    private let labelEnds: LabelEnds
    @exclusivity(unchecked) private var leavings: [Int64] = []

    init(study: Study, index: EventIndex, cutoffs: [Cutoff]) {
        contracts = index.contracts
        calendar = study.calendar
        grace = study.churn.grace
        self.cutoffs = cutoffs
        labelEnds = LabelEnds(study: study, index: index, cutoffs: cutoffs)
    }

    func write(ofCustomer customer: Int, of _: EventMemory, into result: UnsafeMutablePointer<ExampleStatus>) {
        for position in cutoffs.indices { result[position] = .notEligible }
        guard let contracts else { return }
        let rows = contracts.customerStarts[customer]..<contracts.customerStarts[customer + 1]
        if rows.isEmpty { return }
        collectLeavings(rows, of: contracts)
        var row = rows.lowerBound
        var coveredUntil = Int64.min
        var leaving = 0
        for position in cutoffs.indices {
            let cutoff = cutoffs[position]
            while row < rows.upperBound, contracts.starts[row] < cutoff.instant {
                coveredUntil = max(coveredUntil, contracts.ends[row])
                row += 1
            }
            guard coveredUntil >= cutoff.instant else { continue }
            guard cutoff.isMature else {
                result[position] = .open
                continue
            }
            while leaving < leavings.count, leavings[leaving] < cutoff.instant { leaving += 1 }
            let next = leaving < leavings.count ? leavings[leaving] : ContractTable.never
            if next < cutoff.labelStart {
                result[position] = .leftInLead
            } else {
                let end = labelEnds.end(ofCustomer: customer, cutoff: position)
                result[position] = next < end ? .churned : .retained
            }
        }
    }

    /// The instants at which the customer leaves, ascending: contracts in order of their starts form spells, and each spell
    /// that does not run on ends with one.
    private func collectLeavings(_ rows: Range<Int>, of contracts: ContractTable) {
        leavings.removeAll(keepingCapacity: true)
        var spellEnd: Int64?
        for row in rows where contracts.starts[row] < contracts.ends[row] {
            if let end = spellEnd, contracts.starts[row] >= renewalEnd(end) {
                leavings.append(end)
                spellEnd = contracts.ends[row]
            } else {
                spellEnd = max(spellEnd ?? .min, contracts.ends[row])
            }
        }
        if let spellEnd, spellEnd != ContractTable.never { leavings.append(spellEnd) }
    }

    /// The first instant at which a start no longer renews a contract that ended.
    private func renewalEnd(_ end: Int64) -> Int64 {
        if end == ContractTable.never { return end }
        return calendar.start(of: CalendarDay(number: calendar.day(of: end).adding(grace).number + 1))
    }
}

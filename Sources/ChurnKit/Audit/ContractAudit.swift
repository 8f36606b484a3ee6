import ChurnHistory

/// Contracts whose ends features may see before anybody could have known them.
enum ContractAudit {
    private static let leastContracts = 20
    /// Customers do give notice on the first day, but not many.
    private static let suspiciousShare = 0.1
    /// The part of its time in which a contract's end is known as good as from the start.
    private static let firstPart = 0.05
    /// Contracts that must be alike: one of other making does not change what a column is.
    private static let commonShare = 0.95

    /// - Parameter observedUntil: where the data end.
    static func findings(_ index: EventIndex, observedUntil: Int64) -> [AuditFinding] {
        guard let contracts = index.contracts else { return [] }
        return [
            knownFromTheStart(contracts) ?? knownOfEndedAlone(contracts, observedUntil: observedUntil),
            plannedIsActual(contracts, observedUntil: observedUntil),
        ].compactMap(\.self)
    }

    /// Ends that differ from the plan and are known from the first day.
    private static func knownFromTheStart(_ contracts: ContractTable) -> AuditFinding? {
        let ended = (0..<contracts.count).filter {
            contracts.ends[$0] != ContractTable.never && contracts.ends[$0] > contracts.starts[$0]
                && contracts.ends[$0] != contracts.plannedEnds[$0]
        }
        let early = ended.filter { isKnownEarly($0, of: contracts) }
        guard ended.count >= leastContracts, Double(early.count) > suspiciousShare * Double(ended.count) else {
            return nil
        }
        return AuditFinding(
            .contractEndKnownEarly,
            "endKnown",
            "\(early.count) of \(ended.count) contracts that ended otherwise than planned say that their end was known at once, in the"
                + " first twentieth of their time. Name the column with the day of the notice in `endKnown`; an end that is agreed at the start"
                + " belongs in `plannedEnd`.",
            count: early.count
        )
    }

    /// Ends that were known from the first day, of contracts that have ended, and of none that runs on behind its planned end:
    /// filled in afterwards.
    private static func knownOfEndedAlone(_ contracts: ContractTable, observedUntil: Int64) -> AuditFinding? {
        let ended = (0..<contracts.count).filter {
            contracts.ends[$0] <= observedUntil && contracts.ends[$0] > contracts.starts[$0]
        }
        let running = runningOn(contracts, ended: ended, observedUntil: observedUntil)
        let early = ended.count { isKnownEarly($0, of: contracts) }
        guard min(ended.count, running) >= leastContracts, Double(early) >= commonShare * Double(ended.count),
            !areEndsToComeKnown(contracts, observedUntil: observedUntil)
        else { return nil }
        return AuditFinding(
            .contractEndKnownEarly,
            "endKnown",
            "\(early) of \(ended.count) contracts that ended say that their end was known at once, in the first twentieth of their time, and"
                + " \(running) run on without, behind their planned end or longer than most that ended: it was filled in"
                + " afterwards. Name the column with the day of the notice in `endKnown`.",
            count: early
        )
    }

    /// How many contracts run on behind their planned end; and how many longer than the median one that ended, where
    /// planned ends are rolled forward at each renewal.
    ///
    /// Where they are, none lies further ahead than the shortest contracts lasted. Among terms of several lengths that cannot
    /// be renewed, about as many do as run longer than the median.
    private static func runningOn(_ contracts: ContractTable, ended: [Int], observedUntil: Int64) -> Int {
        let running = (0..<contracts.count).filter { contracts.ends[$0] == ContractTable.never }
        let behindPlan = running.count { contracts.plannedEnds[$0] <= observedUntil }
        let lengths = ended.map { contracts.ends[$0] - contracts.starts[$0] }.sorted()
        guard !lengths.isEmpty else { return behindPlan }
        let (shortest, median) = (lengths[lengths.count / 10], lengths[lengths.count / 2])
        let ahead = running.filter {
            contracts.plannedEnds[$0] > observedUntil && contracts.plannedEnds[$0] != ContractTable.never
        }
        let far = ahead.count { contracts.plannedEnds[$0] - observedUntil > shortest + daysOfOneTerm * day }
        let longRunning = ahead.count { observedUntil - contracts.starts[$0] > median + daysOfOneTerm * day }
        return behindPlan + (Double(far) <= (1 - commonShare) * Double(longRunning) ? longRunning : 0)
    }

    /// Whether ends are agreed at the start: known early for about the same share of the contracts that were to end before the
    /// data do as of those that are to end behind. Ends to come under notice are few.
    private static func areEndsToComeKnown(_ contracts: ContractTable, observedUntil: Int64) -> Bool {
        var past = (all: 0.0, known: 0.0)
        var toCome = past
        for contract in 0..<contracts.count {
            let planned = contracts.plannedEnds[contract]
            let end = planned == ContractTable.never ? contracts.ends[contract] : planned
            guard end != ContractTable.never else { continue }
            let isKnown = contracts.ends[contract] != ContractTable.never && isKnownEarly(contract, of: contracts)
            if end <= observedUntil {
                past = (past.all + 1, past.known + (isKnown ? 1 : 0))
            } else {
                toCome = (toCome.all + 1, toCome.known + (isKnown ? 1 : 0))
            }
        }
        // toCome.known / toCome.all >= past.known / past.all / 2, without dividing by 0.
        return toCome.known > 0 && 2 * toCome.known * past.all >= past.known * toCome.all
    }

    /// Whether a contract's end was known in the first part of its time.
    private static func isKnownEarly(_ contract: Int, of contracts: ContractTable) -> Bool {
        let length = Double(contracts.ends[contract] - contracts.starts[contract])
        return Double(contracts.endsKnown[contract] - contracts.starts[contract]) <= firstPart * length
    }

    /// A planned end that only contracts have that ended, on that very day, was filled in afterwards; unless they all had a
    /// term, and those that run have none.
    private static func plannedIsActual(_ contracts: ContractTable, observedUntil: Int64) -> AuditFinding? {
        let all = 0..<contracts.count
        let ended = all.filter { contracts.ends[$0] != ContractTable.never }
        let running = all.filter { contracts.ends[$0] == ContractTable.never }
        guard min(ended.count, running.count) >= leastContracts else { return nil }
        let planned = ended.count { contracts.plannedEnds[$0] == contracts.ends[$0] }
        let open = running.count { contracts.plannedEnds[$0] == ContractTable.never }
        guard Double(planned) >= commonShare * Double(ended.count), Double(open) >= commonShare * Double(running.count),
            !haveCommonTerms(ended, of: contracts) || stopWithTheData(contracts, observedUntil: observedUntil)
        else { return nil }
        return AuditFinding(
            .contractEndKnownEarly,
            "plannedEnd",
            "\(planned) of \(ended.count) contracts that ended have their actual end as the planned one, and \(open) of"
                + " \(running.count) running ones have none: it was filled in afterwards. Name the term's end in `plannedEnd`, or"
                + " leave it out.",
            count: planned
        )
    }

    /// Planned ends behind the end of the data that are expected, below which nothing can be said.
    private static let leastExpected = 15.0
    /// The part of them that is missed where planned ends were filled in afterwards.
    private static let leastPresent = 0.25

    /// Whether planned ends stop where the data do, though by the lengths and starts of contracts more are to come.
    ///
    /// Terms that were agreed at the start do not know where the data end: of contracts that are younger than theirs, as
    /// many have a planned end as of all. Where only contracts without a term run that began later, terms were given up.
    private static func stopWithTheData(_ contracts: ContractTable, observedUntil: Int64) -> Bool {
        let all = 0..<contracts.count
        let planned = all.filter { contracts.plannedEnds[$0] != ContractTable.never }
        let lengths = planned.map { contracts.plannedEnds[$0] - contracts.starts[$0] }.sorted()
        let starts = planned.map { contracts.starts[$0] }.sorted()
        guard !planned.isEmpty else { return false }
        let longer = all.reduce(0) { sum, contract in
            sum + countAbove(observedUntil - contracts.starts[contract], in: lengths)
        }
        // As many as are longer than a contract is old, of all lengths, times the share of contracts that have one.
        let expected = Double(longer) / Double(contracts.count)
        let present = planned.count { contracts.plannedEnds[$0] > observedUntil }
        let median = starts[starts.count / 2]
        let withoutTerm = all.count {
            contracts.plannedEnds[$0] == ContractTable.never && contracts.starts[$0] <= median
        }
        return expected >= leastExpected && Double(present) < leastPresent * expected && withoutTerm >= leastContracts
    }

    /// How many of ascending numbers are above a limit.
    private static func countAbove(_ limit: Int64, in ascending: [Int64]) -> Int {
        var low = 0
        var high = ascending.count
        while low < high {
            let middle = (low + high) / 2
            if ascending[middle] > limit { high = middle } else { low = middle + 1 }
        }
        return ascending.count - low
    }

    /// Terms that contracts have in common, such as one year and two.
    private static let mostTerms = 6
    private static let day: Int64 = 86_400_000_000
    /// Terms of months and years differ by as many days.
    private static let daysOfOneTerm: Int64 = 3
    /// Terms of days and weeks differ by this part of them.
    private static let partOfOneTerm: Int64 = 10

    /// Whether nearly all of the contracts ran for one of few lengths.
    private static func haveCommonTerms(_ ended: [Int], of contracts: ContractTable) -> Bool {
        let days = ended.map { (contracts.ends[$0] - contracts.starts[$0] + day / 2) / day }.sorted()
        var terms: [(first: Int64, contracts: Int)] = []
        for length in days {
            if let term = terms.last, length - term.first <= min(daysOfOneTerm, term.first / partOfOneTerm) {
                terms[terms.count - 1].contracts += 1
            } else {
                terms.append((length, 1))
            }
        }
        let common = terms.map(\.contracts).sorted(by: >).prefix(mostTerms).reduce(0, +)
        return Double(common) >= commonShare * Double(ended.count)
    }
}

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
            plannedIsActual(contracts),
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
        let all = 0..<contracts.count
        let ended = all.filter { contracts.ends[$0] <= observedUntil && contracts.ends[$0] > contracts.starts[$0] }
        let running = all.count {
            contracts.ends[$0] == ContractTable.never && contracts.plannedEnds[$0] <= observedUntil
        }
        // Ends to come that are known from the start: here ends are agreed then.
        let agreed = all.count {
            contracts.ends[$0] > observedUntil && contracts.ends[$0] != ContractTable.never
                && isKnownEarly($0, of: contracts)
        }
        let early = ended.count { isKnownEarly($0, of: contracts) }
        guard min(ended.count, running) >= leastContracts, Double(early) >= commonShare * Double(ended.count),
            Double(agreed) <= (1 - commonShare) * Double(ended.count)
        else { return nil }
        return AuditFinding(
            .contractEndKnownEarly,
            "endKnown",
            "\(early) of \(ended.count) contracts that ended say that their end was known at once, in the first twentieth of their time, and"
                + " \(running) run on behind their planned end without: it was filled in afterwards. Name the column with the day of"
                + " the notice in `endKnown`.",
            count: early
        )
    }

    /// Whether a contract's end was known in the first part of its time.
    private static func isKnownEarly(_ contract: Int, of contracts: ContractTable) -> Bool {
        let length = Double(contracts.ends[contract] - contracts.starts[contract])
        return Double(contracts.endsKnown[contract] - contracts.starts[contract]) <= firstPart * length
    }

    /// A planned end that only contracts have that ended, on that very day, was filled in afterwards; unless they all had a
    /// term, and those that run have none any more.
    private static func plannedIsActual(_ contracts: ContractTable) -> AuditFinding? {
        let all = 0..<contracts.count
        let ended = all.filter { contracts.ends[$0] != ContractTable.never }
        let running = all.filter { contracts.ends[$0] == ContractTable.never }
        guard min(ended.count, running.count) >= leastContracts else { return nil }
        let planned = ended.count { contracts.plannedEnds[$0] == contracts.ends[$0] }
        let open = running.count { contracts.plannedEnds[$0] == ContractTable.never }
        guard Double(planned) >= commonShare * Double(ended.count), Double(open) >= commonShare * Double(running.count),
            !haveCommonTerms(ended, of: contracts)
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

    /// Terms that contracts have in common, such as one year and two.
    private static let mostTerms = 3
    /// Terms of months and years differ by as many days.
    private static let daysOfOneTerm = 3

    /// Whether nearly all of the contracts ran for one of few lengths.
    private static func haveCommonTerms(_ ended: [Int], of contracts: ContractTable) -> Bool {
        let days = ended.map { (contracts.ends[$0] - contracts.starts[$0] + 43_200_000_000) / 86_400_000_000 }.sorted()
        var terms: [(first: Int64, contracts: Int)] = []
        for length in days {
            if let term = terms.last, length - term.first <= daysOfOneTerm {
                terms[terms.count - 1].contracts += 1
            } else {
                terms.append((length, 1))
            }
        }
        let common = terms.map(\.contracts).sorted(by: >).prefix(mostTerms).reduce(0, +)
        return Double(common) >= commonShare * Double(ended.count)
    }
}

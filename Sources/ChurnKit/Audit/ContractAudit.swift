import ChurnHistory

/// Contracts whose ends features may see before anybody could have known them.
enum ContractAudit {
    private static let leastContracts = 20
    /// Customers do give notice on the first day, but not many.
    private static let suspiciousShare = 0.1

    static func findings(_ index: EventIndex) -> [AuditFinding] {
        guard let contracts = index.contracts else { return [] }
        return [knownFromTheStart(contracts), plannedIsActual(contracts)].compactMap(\.self)
    }

    /// Ends that differ from the plan and are known from the first day.
    private static func knownFromTheStart(_ contracts: ContractTable) -> AuditFinding? {
        let ended = (0..<contracts.count).filter {
            contracts.ends[$0] != ContractTable.never && contracts.ends[$0] > contracts.starts[$0]
                && contracts.ends[$0] != contracts.plannedEnds[$0]
        }
        let early = ended.filter { contracts.endsKnown[$0] <= contracts.starts[$0] }
        guard ended.count >= leastContracts, Double(early.count) > suspiciousShare * Double(ended.count) else {
            return nil
        }
        return AuditFinding(
            .contractEndKnownEarly,
            "endKnown",
            "\(early.count) of \(ended.count) contracts that ended say that their end was known on the day they started."
                + " Name the column with the day of the notice in `endKnown`, or leave it out.",
            count: early.count
        )
    }

    /// A planned end that only contracts have that ended, on that very day, was filled in afterwards.
    private static func plannedIsActual(_ contracts: ContractTable) -> AuditFinding? {
        let all = 0..<contracts.count
        let ended = all.filter { contracts.ends[$0] != ContractTable.never }
        let running = all.filter { contracts.ends[$0] == ContractTable.never }
        guard min(ended.count, running.count) >= leastContracts else { return nil }
        let planned = ended.count { contracts.plannedEnds[$0] == contracts.ends[$0] }
        let open = running.count { contracts.plannedEnds[$0] == ContractTable.never }
        guard planned == ended.count, open == running.count else { return nil }
        return AuditFinding(
            .contractEndKnownEarly,
            "plannedEnd",
            "all \(planned) contracts that ended have their actual end as the planned one, and no running one has any: it was"
                + " filled in afterwards. Name the term's end in `plannedEnd`, or leave it out.",
            count: planned
        )
    }
}

/// What is known of the customers' contracts.
final class ContractFamily: FeatureFamily {
    private let contracts: DatedContracts
    private let columns: [(primitive: Primitive, offset: Int)]
    private let cutoffDays: [Int]
    private let cutoffs: [Int64]

    init?(_ columns: [ExpandedPlan.Column], _ layout: FamilyLayout, contracts: DatedContracts?) {
        guard let contracts else { return nil }
        self.contracts = contracts
        self.columns = columns.filter { $0.primitive.subject == .contracts }
            .map { ($0.primitive, layout.offset($0)) }
        cutoffDays = layout.ranks.cutoffDays
        cutoffs = layout.cutoffInstants
    }

    func evaluate(_ customer: CustomerEvents, _ examples: CustomerExamples) {
        let rows = contracts.rows(ofCustomer: customer.customer)
        for example in 0..<examples.count {
            let cutoff = Int(examples.cutoffs[example])
            let summary = ContractSummary(contracts, rows: rows, instant: cutoffs[cutoff], day: cutoffDays[cutoff])
            for (primitive, offset) in columns {
                examples.write(Self.value(of: primitive, summary), example: example, offset: offset)
            }
        }
    }

    @inline(__always)
    private static func value(of primitive: Primitive, _ contracts: ContractSummary) -> Double {
        switch primitive {
        case .contractPlannedEnd: ContractPlannedEndPrimitive.value(contracts)
        case .contractOpenEnded: ContractOpenEndedPrimitive.value(contracts)
        case .contractAge: ContractAgePrimitive.value(contracts)
        case .contractTenure: ContractTenurePrimitive.value(contracts)
        case .contractValue: ContractValuePrimitive.value(contracts)
        case .contractRenewals: ContractRenewalsPrimitive.value(contracts)
        case .contractValueChanges: ContractValueChangesPrimitive.value(contracts)
        case .contractNotice: ContractNoticePrimitive.value(contracts)
        case .contractsInForce: ContractsInForcePrimitive.value(contracts)
        default: preconditionFailure("not of contracts")
        }
    }
}

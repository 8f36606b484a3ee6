/// Calendar days to the nearest planned end of the contracts in force; 0 where none has one ahead, which `contract_open_ended` tells apart.
enum ContractPlannedEndPrimitive: PrimitiveDefinition {
    static let unit = "days"
    static let formula =
        "day of the nearest planned end at or after c of the contracts in force - day of c; 0 without any"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "days until the contract in force ends as planned"
    }

    @inline(__always)
    static func value(_ contracts: ContractSummary) -> Double { Double(contracts.daysToPlannedEnd ?? 0) }
}

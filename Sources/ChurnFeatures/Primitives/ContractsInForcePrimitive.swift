/// How many contracts are in force up to the cutoff.
enum ContractsInForcePrimitive: PrimitiveDefinition {
    static let unit = "contracts"
    static let formula = "contracts with start < c whose end is not known before c, or is at or after c"

    static func sentence(_ feature: FeaturePlan.Feature) -> String { "number of contracts in force" }

    @inline(__always)
    static func value(_ contracts: ContractSummary) -> Double { Double(contracts.inForce) }
}

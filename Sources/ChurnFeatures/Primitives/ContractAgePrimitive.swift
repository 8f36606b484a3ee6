/// Calendar days since the newest of the contracts in force started; 0 without any.
enum ContractAgePrimitive: PrimitiveDefinition {
    static let unit = "days"
    static let formula = "day of c - day of the latest start of a contract in force; 0 without any"

    static func sentence(_ feature: FeaturePlan.Feature) -> String { "days since the contract in force started" }

    @inline(__always)
    static func value(_ contracts: ContractSummary) -> Double { Double(contracts.age) }
}

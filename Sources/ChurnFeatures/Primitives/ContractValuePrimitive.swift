/// The sum of the values of the contracts in force; a contract without a value counts as 0.
enum ContractValuePrimitive: PrimitiveDefinition {
    static let unit = "as in the contracts"
    static let formula = "sum of the values of the contracts in force"

    static func sentence(_ feature: FeaturePlan.Feature) -> String { "value of the contracts in force" }

    @inline(__always)
    static func value(_ contracts: ContractSummary) -> Double { contracts.value }
}

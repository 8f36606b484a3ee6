/// How often a contract had another value than the one before it.
enum ContractValueChangesPrimitive: PrimitiveDefinition {
    static let unit = "changes"
    static let formula =
        "contracts with start < c, in order of start, whose value differs from that of the last one before that has a value"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "how often a new contract had another value than the one before"
    }

    @inline(__always)
    static func value(_ contracts: ContractSummary) -> Double { Double(contracts.valueChanges) }
}

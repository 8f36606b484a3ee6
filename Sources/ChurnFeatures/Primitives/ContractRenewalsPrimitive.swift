/// How many of the customer's contracts started when or after an earlier one had ended.
enum ContractRenewalsPrimitive: PrimitiveDefinition {
    static let unit = "contracts"
    static let formula =
        "contracts with start < c that start at or after the end of an earlier one, where that end is known before c"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "number of contracts that followed one that had ended"
    }

    @inline(__always)
    static func value(_ contracts: ContractSummary) -> Double { Double(contracts.renewals) }
}

/// Calendar days since the customer's first contract started; 0 without any.
enum ContractTenurePrimitive: PrimitiveDefinition {
    static let unit = "days"
    static let formula = "day of c - day of the first start of a contract; 0 without any"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "days since the customer's first contract started"
    }

    @inline(__always)
    static func value(_ contracts: ContractSummary) -> Double { Double(contracts.tenure) }
}

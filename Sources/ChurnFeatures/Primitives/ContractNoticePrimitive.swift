/// Whether notice was given: a contract is in force, and its end is known.
enum ContractNoticePrimitive: PrimitiveDefinition {
    static let unit = "0 or 1"
    static let formula = "1 if the end of a contract in force is known: endKnown < c <= end"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "whether the end of a contract in force is known already"
    }

    @inline(__always)
    static func value(_ contracts: ContractSummary) -> Double { contracts.withNotice > 0 ? 1 : 0 }
}

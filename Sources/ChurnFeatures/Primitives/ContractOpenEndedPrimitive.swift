/// Whether no contract in force has a planned end at or after the cutoff: none was agreed, or the contract runs on behind it.
enum ContractOpenEndedPrimitive: PrimitiveDefinition {
    static let unit = "0 or 1"
    static let emptyValue = 1.0
    static let formula = "1 if no contract in force has a planned end at or after c"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "whether no contract in force has a planned end ahead"
    }

    @inline(__always)
    static func value(_ contracts: ContractSummary) -> Double { contracts.daysToPlannedEnd == nil ? 1 : 0 }
}

/// The sum of the amounts in the window, divided by the transactions whose first amount is in it; 0 without any.
enum MeanPrimitive: PrimitiveDefinition {
    static let unit = "amount"
    static let formula = "sum of amounts / transactions whose first amount lies in the window; 0 without any"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "mean amount of a \(feature.types) transaction \(feature.period)"
    }

    @inline(__always)
    static func value(sum: Double, valuedCount: Int32) -> Double {
        // Whether there is one no processor can guess: the quotient of nobody is computed, and wiped out.
        let mean = sum / Double(max(valuedCount, 1))
        return Double(bitPattern: mean.bitPattern & UInt64(bitPattern: Int64(-valuedCount) &>> 63))
    }
}

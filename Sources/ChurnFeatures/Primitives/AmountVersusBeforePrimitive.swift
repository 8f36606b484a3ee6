/// The amounts of the window against the window before it: (a - b) / (|a| + |b|), from -1 to 1.
///
/// Sums can be 0 or negative, so that a quotient has no bound; this one has, and no unit.
enum AmountVersusBeforePrimitive: PrimitiveDefinition {
    static let unit = "share"
    static let formula =
        "(a - b) / (|a| + |b|), a the sum of amounts in the window, b in the window before; 0 when both are 0"

    static func sentence(_ feature: FeaturePlan.Feature) -> String {
        "change of the sum of \(feature.types) amounts \(feature.period) against the same time before, from -1 to 1"
    }

    @inline(__always)
    static func value(_ now: Double, before: Double) -> Double {
        let size = abs(now) + abs(before)
        if size == 0 { return 0 }
        // Two numbers may be too large to be added; a sum that is none itself stays so, and is refused.
        return size < .infinity ? (now - before) / size : (now / 2 - before / 2) / (abs(now) / 2 + abs(before) / 2)
    }
}

/// Years since the company was founded: the year of the cutoff less the founding year; 0 where it is not known.
enum CompanyAgePrimitive: PrimitiveDefinition {
    static let unit = "years"
    static let formula = "calendar year of c - founding year of the last row with validFrom < c; 0 without one"

    static func sentence(_ feature: FeaturePlan.Feature) -> String { "years since the company was founded" }
}

import ChurnHistory
import Testing

@testable import ChurnFeatures

/// The cutoff is 2024-03-01; customers purchase before it and again 40 days behind it.
@Suite struct GroupHorizonTests {
    private static let churn =
        "{definition: inactivity, of: [purchase], horizonBy: {attribute: size, horizons: {large: 60d, small: 20d}, "
        + "otherwise: 41d}}"

    private static func fixture(_ customers: [String], observedUntil: String = "2025-01-01") throws -> StatusFixture {
        let names = Set(customers.compactMap { $0.split(separator: ",").first.map(String.init) }).union(["unknown"])
        return try StatusFixture(
            churn: churn,
            events: names.sorted().flatMap { ["\($0),2024-02-01,purchase,", "\($0),2024-04-10T12:00:00,purchase,"] },
            customers: customers,
            observedUntil: observedUntil
        )
    }

    @Test func theGroupDecidesHowLongTheLabelLooks() throws {
        let statuses = try Self.fixture(["l,2023-01-01,large", "s,2023-01-01,small", "m,2023-01-01,medium"]).first()
        #expect(statuses == ["l": .retained, "s": .churned, "m": .retained, "unknown": .retained])
    }

    @Test func theGroupIsTheOneKnownAtTheCutoff() throws {
        let statuses = try Self.fixture([
            "before,2023-01-01,large", "before,2024-02-29T23:59:59,small", "at,2023-01-01,large",
            "at,2024-03-01T00:00:00,small", "blank,2023-01-01,small", "blank,2024-02-01,",
        ]).first()
        #expect(statuses == ["before": .churned, "at": .retained, "blank": .retained, "unknown": .retained])
    }

    @Test func maturityIsDecidedByTheLongestHorizonForEverybody() throws {
        let customers = ["l,2023-01-01,large", "s,2023-01-01,small"]
        let mature = try Self.fixture(customers, observedUntil: "2024-04-30").first()
        #expect(mature == ["l": .retained, "s": .churned, "unknown": .retained])
        let open = try Self.fixture(customers, observedUntil: "2024-04-29").first()
        #expect(open == ["l": .open, "s": .open, "unknown": .open])
    }

    @Test func aGroupThatTheDataDoNotHaveIsAnError() throws {
        let fixture = try Self.fixture(["l,2023-01-01,large", "s,2023-01-01,smal"])
        #expect(throws: FeatureError.unknownAttributeValue("small", attribute: "size", known: ["large", "smal"])) {
            try FeaturePlan(study: fixture.study, index: fixture.history.index)
        }
    }
}

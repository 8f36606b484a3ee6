import Testing

@testable import ChurnFeatures

/// Amounts so large that what is made of them loses digits, or is no number.
@Suite struct OverflowTests {
    /// The deviation of amounts in the 30 days before 2024-03-01, after older ones.
    private static func deviation(_ amounts: [String], after older: [String]) throws -> Double {
        let lines =
            older.enumerated().map { "a,2023-01-\($0.offset + 10),purchase,\($0.element)," }
            + amounts.enumerated().map { "a,2024-02-\($0.offset + 10),purchase,\($0.element)," }
        return try StudyFixture(
            events: lines,
            features: "{windows: [30d], include: [purchase_std_30d]}"
        ).table().value("purchase_std_30d")
    }

    /// sqrt(2/3), the population deviation of three neighbouring whole numbers, by its closed form.
    private static let ofNeighbours = 0.816_496_580_927_726

    @Test(arguments: ["1e8", "123456789.13", "1e12", "987654321987.65", "1e15", "3.3e20", "1e150", "1e300"])
    func aDeviationKeepsItsDigitsAfterLargerAmounts(older: String) throws {
        let neighbours = try Self.deviation(["1", "2", "3"], after: [older, "-\(older)", "7"])
        #expect(abs(neighbours - Self.ofNeighbours) <= 1e-9 * Self.ofNeighbours)
        let cents = try Self.deviation(["1.01", "1.02", "1.03"], after: [older, "3.33"])
        #expect(abs(cents - Self.ofNeighbours / 100) <= 1e-9 * Self.ofNeighbours / 100)
    }

    @Test func aDeviationKeepsItsDigitsAroundALargeMean() throws {
        // Sixteenths, so that the amounts themselves are exact.
        let spread = try Self.deviation(["1e14", "100000000000000.0625", "100000000000000.125"], after: [])
        #expect(abs(spread - Self.ofNeighbours / 16) <= 1e-9 * Self.ofNeighbours / 16)
    }

    @Test func aDeviationThatOverflowsIsRefused() throws {
        let error = FeatureError.notFinite(feature: "purchase_std_30d", customer: "a", cutoff: "2024-03-01")
        #expect(throws: error) { try Self.deviation(["1e200", "3e200"], after: []) }
        #expect(throws: error) { try Self.deviation(["1.7e308", "-1.7e308"], after: []) }
    }

    private static let scores = "{families: [rfm]}"

    @Test func aMonetaryScoreOfASumThatOverflowsIsRefused() throws {
        let fixture = try StudyFixture(
            events: ["a,2024-02-01,purchase,5,", "b,2024-02-01,purchase,1e308,", "b,2024-02-02,purchase,1e308,"],
            features: Self.scores
        )
        let error = FeatureError.notFinite(feature: "rfm_monetary", customer: "b", cutoff: "2024-03-01")
        #expect(throws: error) { try fixture.table() }
    }

    @Test func whoLeavesInTheLeadTimeAndOverflowsIsRefusedToo() throws {
        let fixture = try StudyFixture(
            events: [
                "a,2024-02-01,purchase,5,", "b,2024-02-01,purchase,1e308,", "b,2024-02-02,purchase,1e308,",
                "b,2024-03-03,cancel,,",
            ],
            churn: "{definition: event, of: [cancel], active: [purchase], horizon: 30d, lead: 7d}",
            features: Self.scores
        )
        let error = FeatureError.notFinite(feature: "rfm_monetary", customer: "b", cutoff: "2024-03-01")
        #expect(throws: error, "his value is among those that are cut") { try fixture.table() }
    }

    @Test func scoresThatNeedNoAmountsDoNotMindThem() throws {
        let table = try StudyFixture(
            events: ["a,2024-02-01,purchase,1e308,", "a,2024-02-02,purchase,1e308,"],
            features: "{include: [rfm_recency, rfm_frequency]}"
        ).table()
        #expect(table.rowCount == 1)
    }

    @Test func cutsBetweenAmountsTooFarApartToBeSubtractedAreRight() {
        // By type 7, the quantile of 20 % of two numbers lies a fifth of the way between them.
        let cuts = ScoreCuts.Cuts(sorted: [-1.5e308, 1.5e308]).values
        let expected = [-0.9e308, -0.3e308, 0.3e308, 0.9e308]
        for (cut, value) in expected.enumerated() { #expect(abs(cuts[cut] - value) <= 1e294) }
    }

    @Test func sumsTooLargeToBeAddedAreCompared() {
        #expect(abs(AmountVersusBeforePrimitive.value(1.5e308, before: 0.5e308) - 0.5) <= 1e-15)
        #expect(AmountVersusBeforePrimitive.value(1.5e308, before: -1.5e308) == 1)
        #expect(AmountVersusBeforePrimitive.value(-1.7e308, before: 1.7e308) == -1)
        #expect(AmountVersusBeforePrimitive.value(0, before: 0) == 0)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity]) func aSumThatIsNoNumberStaysNone(sum: Double) {
        #expect(AmountVersusBeforePrimitive.value(sum, before: 1).isNaN)
        #expect(AmountVersusBeforePrimitive.value(1, before: sum).isNaN)
    }

    @Test func anAmountAgainstTheOneBeforeIsRefusedWhereASumOverflows() throws {
        let fixture = try StudyFixture(
            events: ["a,2024-02-11,purchase,1e308,", "a,2024-02-12,purchase,1e308,", "a,2024-01-20,purchase,1,"],
            features: "{windows: [30d], include: [purchase_amount_vs_before_30d]}"
        )
        #expect(
            throws: FeatureError.notFinite(
                feature: "purchase_amount_vs_before_30d",
                customer: "a",
                cutoff: "2024-03-01"
            )
        ) { try fixture.table() }
    }
}

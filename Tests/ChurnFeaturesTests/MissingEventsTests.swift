import ChurnHistory
import ChurnTestSupport
import Testing

@testable import ChurnFeatures

/// A plan in a study whose sources cannot have what it needs.
@Suite struct MissingEventsTests {
    private static let columns = "customer,time,type,amount,order,quantity,product"
    private static let source = "quantity: quantity\n    attributes: {product: product}"
    private static let events = [
        "a,2024-02-01,purchase,5,,2,wine", "b,2024-02-02,purchase,7,,1,bread", "a,2024-02-10,visit,,,,",
    ]

    private static func plan(_ feature: String) throws -> FeaturePlan {
        try StudyFixture(
            events: events,
            source: source,
            columns: columns,
            features: "{windows: [30d], include: [\(feature)]}"
        ).plan()
    }

    private static func error(_ plan: FeaturePlan, in fixture: StudyFixture) -> FeatureError? {
        #expect(throws: FeatureError.self) { try fixture.table(plan: plan) }
    }

    @Test(arguments: [
        ("purchase_sum_30d", EventNeed.amounts), ("purchase_mean_30d", .amounts), ("purchase_min_30d", .amounts),
        ("purchase_max_30d", .amounts), ("purchase_std_30d", .amounts), ("purchase_last_30d", .amounts),
        ("purchase_amount_trend_30d", .amounts), ("purchase_amount_vs_before_30d", .amounts),
        ("purchase_amount_vs_year_30d", .amounts), ("rfm_monetary", .amounts), ("purchase_quantity_30d", .quantities),
        ("product_distinct_30d", .attribute("product")),
    ])
    func whatNoSourceHasIsAnErrorThatNamesTheFeature(feature: String, need: EventNeed) throws {
        let other = try StudyFixture(events: Self.events, columns: Self.columns, amount: nil)
        #expect(
            try Self.error(Self.plan(feature), in: other)
                == .missingEvents(feature: feature, need: need, types: ["purchase"])
        )
    }

    @Test(arguments: ["visit_count_30d", "visit_share_30d", "visit_since_last", "visit_trend_30d"])
    func aTypeThatNoSourceCanMakeIsAnError(feature: String) throws {
        let other = try StudyFixture(events: Self.events, columns: Self.columns, type: "{always: purchase}")
        #expect(
            try Self.error(Self.plan(feature), in: other)
                == .missingEvents(feature: feature, need: .events, types: ["visit"])
        )
    }

    @Test func theMessageSaysWhatIsMissingAndWhereItBelongs() {
        let error = FeatureError.missingEvents(feature: "purchase_sum_30d", need: .amounts, types: ["purchase"])
        #expect(
            "\(error)"
                == "feature purchase_sum_30d needs amounts of purchase, which no source of the study can have."
                + " Fix: set `amount` in `events`, or use the study that the plan comes from"
        )
    }

    @Test func whatDidNotOccurYetIsNoFault() throws {
        let plan = try StudyFixture(
            events: Self.events,
            source: Self.source,
            columns: Self.columns,
            features: "{windows: [30d], families: [counts, amounts, quantities, variety, mix, recencies, rfm]}"
        ).plan()
        let quiet = try StudyFixture(
            events: ["a,2024-02-01,purchase,,,,"],
            source: Self.source,
            columns: Self.columns
        )
        let table = try quiet.table(plan: plan)
        #expect(table.value("visit_count_30d") == 0 && table.value("purchase_sum_30d") == 0)
        #expect(table.value("product_distinct_30d") == 0 && table.value("purchase_count_30d") == 1)
    }

    @Test func withoutAmountsThereIsNoMonetaryScore() throws {
        let features = "{families: [rfm]}"
        let fixture = try StudyFixture(events: Self.events, columns: Self.columns, features: features, amount: nil)
        let plan = try fixture.plan()
        #expect(plan.featureNames == ["rfm_recency", "rfm_frequency"])
    }

    /// Purchases have product groups, visits have pages.
    private static func study(where filter: String) throws -> Study {
        try Study(
            yaml: """
                study: filters
                timezone: UTC
                events:
                  - {file: p.csv, customer: c, time: t, type: {always: purchase}, attributes: {group: group}}
                  - {file: v.csv, customer: c, time: t, type: {always: visit}, attributes: {page: page}}
                churn: {definition: inactivity, of: [{type: purchase, where: {\(filter)}}], horizon: 30d}
                observations: {first: 2024-03-01}
                """,
            path: "study.yaml"
        )
    }

    @Test func aFilterOnAnAttributeOfOtherEventsIsABadStudy() throws {
        #expect(throws: Never.self) { try Self.study(where: "group: wine") }
        let error = #expect(throws: DataError.self) { try Self.study(where: "page: home") }
        #expect(error?.kind == .badStudy && error?.line == 6 && error?.value == "page")
        #expect(error?.problem == "is not an attribute of the events of type purchase")
    }

    @Test func daysSinceATypeNeedTheActivityThatTheyWerePlannedWith() throws {
        let plan = try Self.plan("visit_since_last")
        let other = try StudyFixture(
            events: Self.events,
            churn: "{definition: inactivity, of: [purchase, visit], horizon: 30d}",
            columns: Self.columns
        )
        #expect(Self.error(plan, in: other) == .activityMismatch(plan: ["purchase"], study: ["purchase", "visit"]))
    }
}

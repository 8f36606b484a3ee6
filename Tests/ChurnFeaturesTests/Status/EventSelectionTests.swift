import ChurnHistory
import Testing

@testable import ChurnFeatures

/// The cutoff is 2024-03-01, the label window 30 days.
@Suite struct EventSelectionTests {
    private static func statuses(_ churn: String, _ events: [String]) throws -> [String: ExampleStatus] {
        try StatusFixture(churn: "{\(churn), horizon: 30d}", events: events).first()
    }

    @Test func whoHasNeverBoughtTheProductGroupCannotStopBuyingIt() throws {
        let statuses = try Self.statuses(
            "definition: inactivity, of: [{type: purchase, where: {group: [wine, spirits]}}]",
            [
                "stops,2024-02-01,purchase,wine", "stops,2024-03-05,purchase,bread", "goes on,2024-02-01,purchase,wine",
                "goes on,2024-03-05,purchase,spirits", "never,2024-02-01,purchase,bread", "never,2024-02-02,visit,wine",
                "none,2024-02-01,purchase,",
            ]
        )
        #expect(
            statuses == ["stops": .churned, "goes on": .retained, "never": .notEligible, "none": .notEligible]
        )
    }

    @Test func buyingAProductGroupIsALabelThatCanComeAgain() throws {
        let statuses = try Self.statuses(
            "definition: event, of: [{type: purchase, where: {group: wine}}], active: [purchase], lead: 7d",
            [
                "again,2024-02-01,purchase,wine", "again,2024-03-02,purchase,wine", "again,2024-03-10,purchase,wine",
                "lead,2024-02-01,purchase,bread", "lead,2024-03-02,purchase,wine", "other,2024-02-01,purchase,wine",
                "other,2024-03-10,purchase,bread",
            ]
        )
        #expect(statuses == ["again": .churned, "lead": .retained, "other": .retained])
    }

    @Test func oneSelectionOfSeveralIsEnoughAndAllItsConditionsMustHold() throws {
        let fixture = try StatusFixture(
            churn: "{definition: inactivity, of: [visit, {type: purchase, where: {group: wine}}, "
                + "{type: purchase, where: {group: [spirits]}}], horizon: 30d}",
            events: [
                "v,2024-02-01,visit,", "w,2024-02-01,purchase,wine", "s,2024-02-01,purchase,spirits",
                "b,2024-02-01,purchase,bread",
            ]
        )
        #expect(fixture.first() == ["v": .churned, "w": .churned, "s": .churned, "b": .notEligible])
        #expect(fixture.study.churn.activityTypes == ["visit", "purchase"])
        let selection = EventSelection.Condition(attribute: "group", values: ["wine", "spirits"])
        let other = EventSelection.Condition(attribute: "group", values: ["spirits"])
        let both = EventSelector(
            [EventSelection(type: "purchase", conditions: [selection, other])],
            index: fixture.history.index
        )
        let selected = fixture.history.index.withEventMemory { memory in
            fixture.history.index.customers.indices.filter { customer in
                memory.rows(ofCustomer: customer).contains { both.selects($0, of: memory) }
            }
        }
        #expect(selected.map { fixture.history.index.customers[$0] } == ["s"])
    }

    @Test func aValueThatTheDataDoNotHaveIsAnError() throws {
        let fixture = try StatusFixture(
            churn: "{definition: inactivity, of: [{type: purchase, where: {group: wien}}], horizon: 30d}",
            events: ["a,2024-02-01,purchase,wine"]
        )
        let expected = FeatureError.unknownAttributeValue("wien", attribute: "group", known: ["wine"])
        #expect(throws: expected) { try FeaturePlan(study: fixture.study, index: fixture.history.index) }
        #expect(
            expected.description
                == #"the study names the value "wien" of group, which the data do not have. Did you mean "wine"? Fix: use wine"#
        )
    }
}

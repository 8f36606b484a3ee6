import ChurnFeatures
import ChurnHistory
import Testing

@Suite struct EligibilityTests {
    @Test func whoHasNoActivityBeforeTheCutoffIsNoExample() throws {
        let table = try StudyFixture(events: [
            "early,2024-02-01,purchase,1,", "late,2024-03-05,purchase,1,", "asks,2024-02-01,ticket,,",
            "asks,2024-03-10,purchase,1,",
        ]).table()
        #expect(table.customers == ["early"])
    }

    @Test func activeWithinLeavesOutWhoHasBeenSilentLonger() throws {
        let table = try StudyFixture(
            events: [
                "a,2024-01-30T23:59:59,purchase,1,", "b,2024-01-31T00:00:00,purchase,1,", "a,2024-02-20,ticket,,",
            ],
            churn: "{definition: inactivity, of: [purchase], horizon: 30d, activeWithin: 30d}"
        ).table()
        #expect(table.customers == ["b"], "a support ticket keeps nobody active")
    }

    @Test func aCutoffIsMatureWhenItsLabelWindowEndsWhereTheDataEnd() throws {
        func isMature(_ observedUntil: String) throws -> Bool {
            try StudyFixture(events: ["a,2024-02-01,purchase,1,"], observedUntil: observedUntil).cutoffs[0].isMature
        }
        #expect(try isMature("2024-03-31") == true)
        #expect(try isMature("2024-03-30") == false)
    }

    @Test func maturityBelongsToTheCutoffAndNotToTheCustomer() throws {
        let table = try StudyFixture(
            events: ["buys,2024-02-01,purchase,1,", "buys,2024-03-02,purchase,1,", "waits,2024-02-01,purchase,1,"],
            observedUntil: "2024-03-20"
        ).table()
        #expect(table.labels == [-1, -1], "a purchase in a window that is still open tells of one customer only")
    }

    @Test func withoutAnEndTheDataEndAtMidnightAfterTheLastEvent() throws {
        let fixture = try StudyFixture(events: ["a,2024-03-30T10:00:00,purchase,1,"], observedUntil: nil)
        #expect(fixture.study.calendar.day(of: fixture.history.observedUntil).description == "2024-03-31")
    }

    @Test func theLeadTimeMovesTheLabelWindow() throws {
        let events = ["a,2024-02-01,purchase,1,", "a,2024-03-08,purchase,1,"]
        func label(_ lead: String) throws -> [Int8] {
            try StudyFixture(
                events: events,
                churn: "{definition: inactivity, of: [purchase], horizon: 10d, lead: \(lead)}"
            ).table().labels
        }
        #expect(try label("0d") == [0])
        #expect(try label("7d") == [0])
        #expect(try label("8d") == [1])
    }

    @Test func aChurnEventInTheHorizonIsChurn() throws {
        let table = try StudyFixture(
            events: [
                "leaves,2024-02-01,purchase,1,", "leaves,2024-03-10,cancel,,", "stays,2024-02-01,purchase,1,",
                "stays,2024-05-01,cancel,,",
            ],
            churn: "{definition: event, of: [cancel], active: [purchase], horizon: 30d}"
        ).table()
        #expect(table.customers == ["leaves", "stays"])
        #expect(table.labels == [1, 0])
    }

    @Test func whoHasCancelledIsEligibleAgainOnlyAfterComingBack() throws {
        let table = try StudyFixture(
            events: [
                "gone,2024-02-01,purchase,1,", "gone,2024-02-02,cancel,,", "back,2024-02-01,purchase,1,",
                "back,2024-02-02,cancel,,", "back,2024-02-20,purchase,1,", "other,2024-03-05,cancel,,",
                "other,2024-02-01,purchase,1,",
            ],
            churn: "{definition: event, of: [cancel], active: [purchase], horizon: 30d}"
        ).table()
        #expect(table.customers == ["back", "other"])
    }

    @Test func whoLeavesInsideTheLeadTimeIsLeftOutAndCounted() throws {
        let table = try StudyFixture(
            events: [
                "soon,2024-02-01,purchase,1,", "soon,2024-03-03,cancel,,", "b,2024-02-01,purchase,1,",
                "b,2024-03-20,cancel,,",
            ],
            churn: "{definition: event, of: [cancel], active: [purchase], horizon: 30d, lead: 7d}"
        ).table()
        #expect(table.customers == ["b"])
        #expect(table.leftInLead == 1)
    }

    @Test func nobodyEligibleIsAnErrorThatNamesTheCutoffs() throws {
        let fixture = try StudyFixture(events: ["a,2024-05-01,purchase,1,"])
        #expect(throws: FeatureError.nobodyEligible(cutoffs: ["2024-03-01"], key: "churn.of")) { try fixture.table() }
    }

    @Test func nobodyEligibleNamesTheKeyThatTheDefinitionHas() throws {
        let fixture = try StudyFixture(
            events: ["a,2024-05-01,purchase,1,", "a,2024-05-02,cancel,,"],
            churn: "{definition: event, of: [cancel], active: [purchase], horizon: 30d}"
        )
        let error = FeatureError.nobodyEligible(cutoffs: ["2024-03-01"], key: "churn.active")
        #expect(throws: error) { try fixture.table() }
        #expect("\(error)".contains("`churn.active`") && !"\(error)".contains("churn.of"))
    }

    @Test(arguments: [
        (3, "2024-01-01, 2024-01-02, 2024-01-03:"), (4, "2024-01-01, 2024-01-02, 2024-01-03 and 1 more cutoff:"),
        (9, "2024-01-01, 2024-01-02, 2024-01-03 and 6 more cutoffs:"),
    ])
    func ofManyCutoffsAMessageNamesThree(count: Int, expected: String) {
        let cutoffs = (1...count).map { "2024-01-0\($0)" }
        #expect("\(FeatureError.nobodyEligible(cutoffs: cutoffs, key: "churn.of"))".contains(expected))
        #expect("\(FeatureError.noContractInForce(cutoffs: cutoffs))".contains(expected))
    }

    @Test func anUnknownEventTypeInChurnIsAnError() throws {
        let fixture = try StudyFixture(
            events: ["a,2024-02-01,purchase,1,"],
            churn: "{definition: inactivity, of: [purchse], horizon: 30d}"
        )
        #expect(throws: FeatureError.unknownEventType("purchse", known: ["purchase"])) { try fixture.plan() }
    }

    @Test func aDayBehindTheDataIsRefused() throws {
        let fixture = try StudyFixture(events: ["a,2024-02-01,purchase,1,"], observedUntil: "2024-03-01")
        let end = try #require(CalendarDay("2024-03-01"))
        #expect(try fixture.study.cutoff(asOf: end, observedUntil: fixture.history.observedUntil).isMature == false)
        #expect(throws: DataError.self) {
            try fixture.study.cutoff(
                asOf: CalendarDay(number: end.number + 1),
                observedUntil: fixture.history.observedUntil
            )
        }
    }

    @Test func cutoffsAtMonthEndsDoNotDrift() throws {
        let fixture = try StudyFixture(
            events: ["a,2024-01-01,purchase,1,"],
            observations: "{first: 2024-01-31, last: 2024-06-01, every: 1mo}"
        )
        #expect(
            fixture.study.observations.days.map(\.description) == [
                "2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31",
            ]
        )
    }
}

import ChurnFeatures
import ChurnHistory
import Testing

@Suite struct WindowEdgeTests {
    @Test func anEventAtTheCutoffIsTheFuture() throws {
        let table = try StudyFixture(events: [
            "a,2024-02-01T00:00:00,purchase,10,", "a,2024-03-01T00:00:00,purchase,99,",
        ]).table()
        #expect(table.value("purchase_count_all") == 1)
        #expect(table.value("purchase_sum_all") == 10)
        #expect(table.value("recency") == 29)
        #expect(table.labels == [0], "the event at the cutoff is in the label window")
    }

    @Test func anEventOneMicrosecondBeforeTheCutoffIsSeen() throws {
        let table = try StudyFixture(events: ["a,2024-02-29T23:59:59.999999,purchase,10,"]).table()
        #expect(table.value("purchase_count_7d") == 1)
        #expect(table.value("recency") == 1)
    }

    @Test func aWindowContainsItsFirstInstantAndNothingBefore() throws {
        let table = try StudyFixture(events: [
            "a,2024-02-22T22:59:59.999999Z,purchase,1,", "a,2024-02-22T23:00:00Z,purchase,2,",
        ]).table()
        // Local midnight of 23 February, seven days before 1 March, is 23:00 UTC of the 22nd.
        #expect(table.value("purchase_count_7d") == 1)
        #expect(table.value("purchase_sum_7d") == 2)
        #expect(table.value("purchase_count_30d") == 2)
    }

    @Test func aLabelWindowContainsItsFirstInstantAndNotItsEnd() throws {
        // 30 days from 1 March 2024 in Berlin end at 31 March 00:00, the day on which clocks go forward.
        let events = ["a,2024-02-01,purchase,1,", "b,2024-02-01,purchase,1,", "c,2024-02-01,purchase,1,"]
        let table = try StudyFixture(
            events: events + [
                "a,2024-03-30T22:59:59.999999Z,purchase,1,", "b,2024-03-30T23:00:00Z,purchase,1,",
                "c,2024-03-01,purchase,1,",
            ]
        ).table()
        #expect(table.customers == ["a", "b", "c"])
        #expect(table.labels == [0, 1, 0])
    }

    @Test func aWindowAcrossDaylightSavingHasWholeCalendarDays() throws {
        // From 25 March to 1 April 2024 there are 167 hours; an event 167.5 hours before the cutoff is outside.
        let fixture = try StudyFixture(
            events: ["a,2024-03-24T23:30:00+01:00,purchase,1,", "a,2024-03-25T00:30:00+01:00,purchase,2,"],
            observations: "{first: 2024-04-01, last: 2024-04-01}"
        )
        #expect(try fixture.table().value("purchase_sum_7d") == 2)
    }

    @Test func aWindowOverTheLeapDayCountsIt() throws {
        let fixture = try StudyFixture(
            events: ["a,2024-02-28T12:00:00,purchase,1,", "a,2024-02-29T12:00:00,purchase,2,"],
            observations: "{first: 2024-03-07, last: 2024-03-07}"
        )
        let table = try fixture.table()
        #expect(table.value("purchase_sum_7d") == 2)
        #expect(table.value("recency") == 7)
        #expect(table.value("tenure") == 8)
    }

    @Test func aSingleTransactionHasDefinedRhythm() throws {
        let table = try StudyFixture(events: ["a,2024-02-10,purchase,1,"]).table()
        #expect(table.value("gap_mean") == 20)
        #expect(table.value("gap_std") == 0)
        #expect(table.value("recency_over_gap_mean") == 1)
        #expect(table.value("purchase_count_7d") == 0)
        #expect(table.value("purchase_mean_7d") == 0)
    }

    @Test func transactionsOfOneDayDoNotDivideByZero() throws {
        let table = try StudyFixture(events: ["a,2024-02-20T08:00:00,purchase,1,", "a,2024-02-20T09:00:00,purchase,1,"])
            .table()
        #expect(table.value("gap_mean") == 0)
        #expect(table.value("recency_over_gap_mean") == 10)
    }

    @Test func linesOfOneOrderAreOneTransaction() throws {
        let events = [
            "a,2024-02-20T08:00:00,purchase,1,x", "a,2024-02-20T08:01:00,purchase,2,x",
            "a,2024-02-25T08:00:00,purchase,5,y",
            "a,2024-02-25T08:00:00,return,-2,y",
        ]
        let table = try StudyFixture(events: events, source: "group: order").table()
        #expect(table.value("purchase_count_all") == 2)
        #expect(table.value("purchase_sum_all") == 8)
        #expect(table.value("purchase_mean_all") == 4)
        #expect(table.value("return_count_all") == 1)
        #expect(table.value("gap_mean") == 5)
    }

    @Test func aSumDoesNotKeepTheRoundingOfWhatLiesBeforeItsWindow() throws {
        let table = try StudyFixture(events: [
            "a,2023-05-01,purchase,1e15,", "a,2023-05-02,purchase,0.3,", "a,2024-02-25,purchase,0.1,",
            "a,2024-02-26,purchase,0.2,",
        ]).table()
        #expect(table.value("purchase_sum_7d") == 0.1 + 0.2)
    }

    @Test func theMeanOfAnOrderDoesNotDependOnWhichOfItsLinesHasTheAmount() throws {
        for lines in [
            ["a,2024-02-20T08:00:00,purchase,,x", "a,2024-02-20T08:01:00,purchase,10,x"],
            ["a,2024-02-20T08:00:00,purchase,10,x", "a,2024-02-20T08:01:00,purchase,,x"],
        ] {
            let table = try StudyFixture(events: lines, source: "group: order").table()
            #expect(table.value("purchase_mean_all") == 10)
        }
    }

    @Test func theLastLineOfAnOrderIsActivityToo() throws {
        let fixture = try StudyFixture(
            events: ["a,2024-01-01,purchase,1,x", "a,2024-02-28,purchase,1,x"],
            churn: "{definition: inactivity, of: [purchase], horizon: 30d, activeWithin: 10d}",
            source: "group: order"
        )
        let table = try fixture.table()
        #expect(table.value("recency") == 2 && table.value("purchase_count_all") == 1)
    }

    @Test func amountsThatOverflowAreAnErrorThatNamesTheFeature() throws {
        let fixture = try StudyFixture(events: ["a,2024-02-01,purchase,1e308,", "a,2024-02-02,purchase,1e308,"])
        #expect(throws: FeatureError.notFinite(feature: "purchase_sum_30d", customer: "a", cutoff: "2024-03-01")) {
            try fixture.table()
        }
    }

    @Test func whatTheDataLearnAfterTheLastCutoffIsNotInThePlan() throws {
        let before = ["a,2024-02-01,purchase,,"]
        let plan = try StudyFixture(events: before).plan()
        let later = try StudyFixture(events: before + ["a,2024-03-05,survey,1,", "a,2024-03-06,purchase,5,"])
        #expect(try later.plan() == plan)
    }

    @Test func cutoffsBehindTheDataAreLeftOut() throws {
        let fixture = try StudyFixture(
            events: ["a,2024-02-01,purchase,1,"],
            observations: "{first: 2024-02-15, last: 2024-06-15, every: 1mo}",
            observedUntil: "2024-04-15"
        )
        #expect(fixture.cutoffs.map(\.day.description) == ["2024-02-15", "2024-03-15", "2024-04-15"])
    }

    @Test func aGroupThatSaysNoValueIsNoGroup() throws {
        let fixture = try StudyFixture(
            events: ["a,2024-01-01,purchase,1,", "a,2024-01-11,purchase,1,", "a,2024-01-21,purchase,1,"],
            source: "group: order"
        )
        #expect(try fixture.table().value("purchase_count_all") == 3)
    }

    /// In St. John's, clocks went back from 00:01 on 1 November 2009 to 23:01 on 31 October.
    @Test func whereClocksGoBackOverMidnightTheInstantDecides() throws {
        let events = ["a,2009-10-20T12:00:00Z,purchase,1,", "a,2009-11-01T02:29:59Z,purchase,2,"]
        let later = "a,2009-11-01T03:00:00Z,purchase,4,"
        func table(_ events: [String]) throws -> FeatureTable {
            try StudyFixture(
                events: events,
                observations: "{first: 2009-11-01, last: 2009-11-01}",
                timeZone: "America/St_Johns",
                observedUntil: "2010-06-01"
            ).table()
        }
        let table = try table(events + [later])
        #expect(table.value("purchase_sum_all") == 3, "23:30 after the change lies behind the midnight that came first")
        #expect(table.value("recency") == 1)
        #expect(table.labels == [0])
    }

    /// Days go the way that windows do: at 23:30 on that clock, 1 November has begun and goes on.
    @Test func whereClocksGoBackOverMidnightDaysAndWindowsAgree() throws {
        let times = [
            "2009-10-31T18:00:00Z", "2009-11-01T02:30:20Z", "2009-11-01T02:31:00Z", "2009-11-01T03:29:00Z",
            "2009-11-01T03:30:30Z", "2009-11-02T12:00:00Z",
        ]
        let table = try StudyFixture(
            events: times.map { "a,\($0),purchase,1," },
            observations: "{first: 2009-11-01, last: 2009-11-03, every: 1d}",
            timeZone: "America/St_Johns",
            observedUntil: "2010-06-01",
            features: "{windows: [1d, all], families: [counts, days, rhythm]}"
        ).table()
        #expect((0..<3).map { table.value("purchase_count_1d", row: $0) } == [1, 4, 1])
        #expect((0..<3).map { table.value("active_days_1d", row: $0) } == [1, 1, 1])
        #expect((0..<3).map { table.value("active_days_all", row: $0) } == [1, 2, 3])
        #expect((0..<3).map { table.value("recency", row: $0) } == [1, 1, 1])
        #expect((0..<3).map { table.value("tenure", row: $0) } == [1, 2, 3])
        let deviation = (0.25 - 1.0 / 16).squareRoot()
        #expect(abs(table.value("gap_std", row: 1) - deviation) <= 1e-15, "gaps of 1, 0, 0 and 0 days")
    }
}

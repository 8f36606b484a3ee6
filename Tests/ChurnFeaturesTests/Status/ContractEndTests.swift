import Testing

@testable import ChurnFeatures

/// The cutoff is 2024-03-01; with 30 days the label window ends at 2024-03-31, the day on which clocks go forward.
@Suite struct ContractEndTests {
    private static func statuses(
        _ contracts: [String],
        grace: String = "0d",
        lead: String = "0d",
        observedUntil: String = "2025-01-01"
    ) throws -> [String: ExampleStatus] {
        try StatusFixture(
            churn: "{definition: contractEnd, horizon: 30d, grace: \(grace), lead: \(lead)}",
            contracts: contracts,
            observedUntil: observedUntil
        ).first()
    }

    @Test func aContractThatStartsAtTheCutoffIsTheFuture() throws {
        let statuses = try Self.statuses(["at,2024-03-01T00:00:00,,", "before,2024-02-29T23:59:59,,"])
        #expect(statuses == ["at": .notEligible, "before": .retained])
    }

    @Test func anEndAtTheCutoffIsTheFutureAndSoIsTheRenewalOfThatDay() throws {
        let contracts = [
            "ends,2023-03-01,,2024-03-01T00:00:00", "ended,2023-03-01,,2024-02-29T23:59:59",
            "renews,2023-03-01,,2024-03-01T00:00:00", "renews,2024-03-01T00:00:00,,2025-03-01",
        ]
        #expect(try Self.statuses(contracts) == ["ends": .churned, "ended": .notEligible, "renews": .retained])
        let withLead = try Self.statuses(contracts, lead: "1d")
        #expect(withLead == ["ends": .leftInLead, "ended": .notEligible, "renews": .retained])
    }

    @Test func theLabelWindowContainsItsFirstInstantAndNotItsEnd() throws {
        let statuses = try Self.statuses(
            [
                "lead,2023-01-01,,2024-03-07T23:59:59", "first,2023-01-01,,2024-03-08T00:00:00",
                "last,2023-01-01,,2024-04-06T23:59:59", "end,2023-01-01,,2024-04-07T00:00:00",
            ],
            lead: "7d"
        )
        #expect(statuses == ["lead": .leftInLead, "first": .churned, "last": .churned, "end": .retained])
    }

    @Test func graceIsCountedInWholeDaysFromTheDayOfTheEnd() throws {
        // The 31st has 23 hours.
        let statuses = try Self.statuses(
            [
                "in,2023-01-01,,2024-03-28T10:00:00", "in,2024-03-31T23:59:59,,", "out,2023-01-01,,2024-03-28T10:00:00",
                "out,2024-04-01T00:00:00,,",
            ],
            grace: "3d"
        )
        #expect(statuses == ["in": .retained, "out": .churned])
    }

    @Test func withoutGraceANewContractOfTheSameDayRenews() throws {
        let statuses = try Self.statuses([
            "same,2023-01-01,,2024-03-10", "same,2024-03-10,,", "next,2023-01-01,,2024-03-10", "next,2024-03-11,,",
        ])
        #expect(statuses == ["same": .retained, "next": .churned])
    }

    @Test func aContractThatRunsBesideKeepsTheCustomerAndOneThatHasEndedDoesNot() throws {
        let statuses = try Self.statuses(
            [
                "beside,2023-01-01,,2024-03-10", "beside,2023-06-01,,2024-12-01", "inside,2023-01-01,,2024-03-10",
                "inside,2023-06-01,,2024-03-05",
            ],
            grace: "30d"
        )
        #expect(statuses == ["beside": .retained, "inside": .churned])
    }

    @Test func theEndOfTheRenewalCountsWhereItLiesInTheWindow() throws {
        let statuses = try Self.statuses(
            [
                "a,2023-01-01,,2024-03-05", "a,2024-03-06,,2024-03-20", "b,2023-01-01,,2024-03-05",
                "b,2024-03-06,,2024-04-20",
            ],
            grace: "2d"
        )
        #expect(statuses == ["a": .churned, "b": .retained])
    }

    @Test func aContractThatEndsAsItStartsWasNeverInForce() throws {
        let statuses = try Self.statuses(
            ["a,2023-01-01,,2024-03-05", "a,2024-03-06,,2024-03-06", "b,2024-02-01,,2024-02-01"],
            grace: "5d"
        )
        #expect(statuses == ["a": .churned, "b": .notEligible])
    }

    @Test func withoutAnEndAContractRunsOnBeyondItsPlannedEnd() throws {
        let statuses = try Self.statuses(["a,2022-01-01,2024-03-15,"])
        #expect(statuses == ["a": .retained])
    }

    @Test func whoComesBackAfterTheGraceHasLeftAllTheSame() throws {
        let statuses = try Self.statuses(["a,2023-01-01,,2024-03-05", "a,2024-03-20,,"], grace: "5d")
        #expect(statuses == ["a": .churned])
    }

    @Test func whoLeavesDuringTheLeadTimeIsLeftOutAndNotWhoRenewsInIt() throws {
        let statuses = try Self.statuses(
            ["gone,2023-01-01,,2024-03-03", "renews,2023-01-01,,2024-03-03", "renews,2024-03-12,,"],
            grace: "10d",
            lead: "7d"
        )
        #expect(statuses == ["gone": .leftInLead, "renews": .retained])
    }

    @Test func betweenTwoContractsNobodyIsEligibleWhateverComesLater() throws {
        let statuses = try Self.statuses(["a,2023-01-01,,2024-02-20", "a,2024-03-05,,"], grace: "30d")
        #expect(statuses == ["a": .notEligible])
    }

    @Test func aCutoffIsMatureOnceNoRenewalCanComeAnyMore() throws {
        // The last day of the window is 30 March; a start on 9 April would renew, one on 10 April would not.
        let contracts = ["a,2023-01-01,,2024-03-10"]
        #expect(try Self.statuses(contracts, grace: "10d", observedUntil: "2024-04-10") == ["a": .churned])
        #expect(try Self.statuses(contracts, grace: "10d", observedUntil: "2024-04-09") == ["a": .open])
    }

    @Test func graceInMonthsIsAwaitedForEveryDayOfTheWindow() throws {
        // 30 January and a month is 29 February, as is 31 January and a month.
        let fixture = try StatusFixture(
            churn: "{definition: contractEnd, horizon: 30d, grace: 1mo}",
            contracts: ["a,2023-01-01,,2024-01-30", "a,2024-02-29T23:59:59,,"],
            observations: "{first: 2024-01-01}",
            observedUntil: "2024-03-01"
        )
        #expect(fixture.study.calendar.day(of: fixture.cutoffs[0].labelEnd).description == "2024-03-01")
        #expect(fixture.first() == ["a": .retained])
    }

    @Test func atACutoffThatIsNotMatureNothingLaterDecides() throws {
        let statuses = try Self.statuses(
            ["soon,2023-01-01,,2024-03-02", "stays,2023-01-01,,", "gone,2023-01-01,,2024-02-01"],
            lead: "7d",
            observedUntil: "2024-03-05"
        )
        #expect(statuses == ["soon": .open, "stays": .open, "gone": .notEligible])
    }

    @Test func whoHasEventsButNoContractIsNotEligible() throws {
        let fixture = try StatusFixture(
            churn: "{definition: contractEnd, horizon: 30d}",
            events: ["buyer,2024-02-20,purchase,"],
            contracts: ["a,2023-01-01,,"]
        )
        #expect(fixture.first() == ["a": .retained, "buyer": .notEligible])
    }

    @Test func nobodyWithAContractInForceIsAnErrorThatSaysSo() throws {
        let fixture = try StatusFixture(
            churn: "{definition: contractEnd, horizon: 30d}",
            contracts: ["a,2023-01-01,,2024-02-01"]
        )
        let plan = try FeaturePlan(study: fixture.study, index: fixture.history.index)
        #expect(throws: FeatureError.noContractInForce(cutoffs: ["2024-03-01"])) {
            try FeatureSweep(
                study: fixture.study,
                index: fixture.history.index,
                plan: plan,
                cutoffs: fixture.cutoffs,
                threads: 1
            ).table(dataFingerprint: "")
        }
    }
}

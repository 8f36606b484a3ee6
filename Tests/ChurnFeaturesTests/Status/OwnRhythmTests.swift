import ChurnHistory
import Testing

@testable import ChurnFeatures

/// The cutoff is 2024-03-01.
@Suite struct OwnRhythmTests {
    private static func statuses(
        _ events: [String],
        _ keys: String = "factor: 3, minimum: 7d, maximum: 60d",
        observedUntil: String = "2025-01-01"
    ) throws -> [String: ExampleStatus] {
        try StatusFixture(
            churn: "{definition: ownRhythm, of: [purchase], \(keys)}",
            events: events,
            observedUntil: observedUntil
        ).first()
    }

    /// Purchases of a customer at a distance of ten days, the last on 2024-02-25.
    private static func everyTenDays(_ name: String) -> [String] {
        ["2024-01-26", "2024-02-05", "2024-02-15", "2024-02-25"].map { "\(name),\($0),purchase," }
    }

    @Test func theLabelWindowIsAsLongAsTheCustomersOwnLimit() throws {
        // Three times ten days: until 2024-03-31, when clocks go forward at two o'clock.
        let statuses = try Self.statuses(
            Self.everyTenDays("in") + ["in,2024-03-30T23:59:59,purchase,"] + Self.everyTenDays("out")
                + ["out,2024-03-31T00:00:00,purchase,"] + Self.everyTenDays("at") + ["at,2024-03-01T00:00:00,purchase,"]
        )
        #expect(statuses == ["in": .retained, "out": .churned, "at": .retained])
    }

    @Test func theLeadMovesTheWindowAndLeavesNobodyOut() throws {
        let statuses = try Self.statuses(
            Self.everyTenDays("early") + ["early,2024-03-07T23:59:59,purchase,"] + Self.everyTenDays("in")
                + ["in,2024-03-08T00:00:00,purchase,"] + Self.everyTenDays("late") + [
                    "late,2024-04-06T23:59:59,purchase,"
                ],
            "factor: 3, minimum: 7d, maximum: 60d, lead: 7d"
        )
        #expect(statuses == ["early": .churned, "in": .retained, "late": .retained])
    }

    @Test func whoHasBeenSilentForLongerThanHisLimitHasLeftBefore() throws {
        // Gaps of four days, so a limit of twelve: it reaches back to 2024-02-18.
        func customer(_ name: String, last: String) -> [String] {
            ["2024-02-06", "2024-02-10", "2024-02-14", last].map { "\(name),\($0),purchase," }
        }
        let statuses = try Self.statuses(
            customer("still", last: "2024-02-18T00:00:00") + customer("gone", last: "2024-02-17T23:59:59")
        )
        #expect(statuses == ["still": .churned, "gone": .notEligible])
    }

    @Test func twoPurchasesOfADayAreOne() throws {
        let twice = Self.everyTenDays("a") + Self.everyTenDays("a")
        let statuses = try Self.statuses(twice + ["a,2024-03-30,purchase,"])
        #expect(statuses == ["a": .retained], "a median gap of 0 would give the minimum, which ends on 2024-03-08")
    }

    @Test func withFewGapsTheMaximumHolds() throws {
        // 60 days end at 2024-04-30.
        let one = ["one,2024-02-20,purchase,", "one,2024-02-21,purchase,"]
        let two = ["two,2024-02-19,purchase,", "two,2024-02-20,purchase,", "two,2024-02-21,purchase,"]
        let oneLater = one + ["one,2024-04-29,purchase,"]
        let twoLater = two + ["two,2024-04-29,purchase,"]
        #expect(try Self.statuses(oneLater) == ["one": .retained])
        #expect(try Self.statuses(twoLater) == ["two": .notEligible], "silent for nine days with a limit of seven")
        let patient = "factor: 3, minimum: 7d, maximum: 60d, minimumGaps: 3"
        #expect(try Self.statuses(twoLater, patient) == ["two": .retained])
    }

    @Test func gapsFromTheCutoffOnDoNotMatter() throws {
        let later = (1...9).map { "a,2024-03-0\($0),purchase," }
        #expect(try Self.statuses(Self.everyTenDays("a") + later) == ["a": .retained])
        let fixture = try StatusFixture(
            churn: "{definition: ownRhythm, of: [purchase], factor: 1, minimum: 1d, maximum: 60d}",
            events: Self.everyTenDays("a") + later,
            observations: "{first: 2024-03-01, last: 2024-04-01}"
        )
        // At the second cutoff the median of three gaps of ten days, one of five and eight of one is one day.
        #expect(fixture.statuses() == ["a": [.retained, .notEligible]])
    }

    @Test func maturityIsDecidedByTheMaximumForEverybody() throws {
        let events = Self.everyTenDays("a") + ["a,2024-03-05,purchase,"]
        #expect(try Self.statuses(events, observedUntil: "2024-04-30") == ["a": .retained])
        #expect(try Self.statuses(events, observedUntil: "2024-04-29") == ["a": .open])
    }

    @Test func theLimitIsRoundedAndBounded() throws {
        let churn = try StudyNode(yaml: "{factor: 1.5, minimum: 10d, maximum: 1mo, minimumGaps: 2}", file: "study.yaml")
        let rhythm = try OwnRhythm(churn)
        let february = try #require(CalendarDay("2024-02-01"))
        func limit(_ median: Double?, gaps: Int = 2) -> Int {
            rhythm.limit(medianGap: median, gaps: gaps, from: february)
        }
        #expect(limit(12) == 18)
        #expect(limit(11) == 17, "16.5 days are 17")
        #expect(limit(0) == 10)
        #expect(limit(1e300) == 29, "a month from 1 February 2024 has 29 days")
        #expect(limit(12, gaps: 1) == 29)
        #expect(limit(nil, gaps: 0) == 29)
    }
}

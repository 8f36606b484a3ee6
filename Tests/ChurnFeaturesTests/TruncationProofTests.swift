import ChurnHistory
import ChurnNumerics
import Testing

@testable import ChurnFeatures

@Suite struct TruncationProofTests {
    private static func fixture(churn: String = "{definition: inactivity, of: [purchase], horizon: 30d, lead: 7d}")
        throws
        -> StudyFixture
    {
        var random = RandomStream(seed: 7, purpose: "proof", index: 0)
        let events = (0..<4000).map { _ -> String in
            let day = CalendarDay(number: 19_400 + random.below(400))
            let hour = random.below(24)
            let type = random.bernoulli(0.2) ? "return" : random.bernoulli(0.05) ? "cancel" : "purchase"
            return
                "C\(random.below(90)),\(day)T\(hour < 10 ? "0" : "")\(hour):00:00+01:00,\(type),\(random.below(500)),o\(random.below(99))"
        }
        return try StudyFixture(
            events: events,
            churn: churn,
            observations: "{first: 2023-08-01, last: 2024-02-01, every: 1mo}",
            features:
                "{windows: [7d, 30d, 90d, all], families: [counts, amounts, spread, mix, recencies, rhythm, days, trend,"
                + " calendar, rfm]}"
        )
    }

    private static func sweep(_ fixture: StudyFixture, threads: Int = 2) throws -> FeatureSweep {
        FeatureSweep(
            study: fixture.study,
            index: fixture.history.index,
            plan: try fixture.plan(),
            cutoffs: fixture.cutoffs,
            threads: threads
        )
    }

    @Test(
        arguments: [
            "{definition: inactivity, of: [purchase], horizon: 30d, lead: 7d}",
            "{definition: event, of: [cancel], active: [purchase], horizon: 30d, lead: 14d}",
            "{definition: ownRhythm, of: [purchase], factor: 3, minimum: 14d, maximum: 60d}",
        ]
    ) func noFeatureAndNoExampleKnowsTheFuture(churn: String) throws {
        let fixture = try Self.fixture(churn: churn)
        let sweep = try Self.sweep(fixture)
        let proof = try sweep.truncationProof()
        #expect(proof.differences.isEmpty && proof.intrusions.isEmpty)
        #expect(try proof.examples >= sweep.table(dataFingerprint: "").rowCount)
        #expect(proof.values == proof.examples * sweep.plan.features.count && proof.values > 50_000)
    }

    /// What stands in for a sweep that looks too far: one compared with data that end three hours too early.
    @Test func aFeatureThatKnowsThreeHoursMoreIsFoundAndNamed() throws {
        let sweep = try Self.sweep(try Self.fixture())
        let proof = try sweep.truncationProof { sweep.index.known(before: $0 - 3 * 3_600_000_000) }
        let features = Set(proof.differences.map(\.feature))
        #expect(features.isSuperset(of: ["purchase_count_7d", "purchase_sum_30d", "recency", "gap_mean"]))
        let count = try #require(proof.differences.first { $0.feature == "purchase_count_7d" })
        #expect(count.fromAll > count.fromKnown && count.examples > 0)
    }

    @Test func aCustomerWhoIsOneOnlyByWhatComesLaterIsFound() throws {
        let sweep = try Self.sweep(try Self.fixture())
        // Five days after the first event, not everybody has been there.
        let early = sweep.index.known(before: sweep.study.calendar.start(of: CalendarDay(number: 19_405)))
        let proof = try sweep.truncationProof { _ in early }
        #expect(proof.intrusions.contains { $0.customers > 0 && $0.cutoff == sweep.cutoffs[0].day })
    }

    @Test func theProofIsTheSameForAnyNumberOfThreads() throws {
        let fixture = try Self.fixture()
        let proofs = try [1, 3].map { threads in
            let sweep = try Self.sweep(fixture, threads: threads)
            return try sweep.truncationProof { sweep.index.known(before: $0 - 3_600_000_000) }
        }
        #expect(proofs[0] == proofs[1])
    }
}

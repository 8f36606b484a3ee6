import ChurnEvaluation
import ChurnNumerics
import Testing

@Suite struct TimeSplitTests {
    /// Cutoffs at the given days, each label ending `horizon` days later, mature where that is by `observedUntil`.
    private func cutoffs(_ days: [Int64], horizon: Int64, observedUntil: Int64) -> [TimeSplit.Cutoff] {
        let day: Int64 = 86_400_000_000
        return days.map { start in
            TimeSplit.Cutoff(
                instant: start * day,
                labelEnd: (start + horizon) * day,
                isMature: start + horizon <= observedUntil
            )
        }
    }

    @Test func testsTheLastMatureCutoffAndPurgesWhatOverlapsIt() throws {
        // Labels of days 0, 30 and 60 end by day 150; those of 90 and 120 do not; 180 is immature.
        let split = try TimeSplit(cutoffs: cutoffs([0, 30, 60, 90, 120, 150, 180], horizon: 90, observedUntil: 240))
        #expect(split.train == [0, 1, 2])
        #expect(split.purged == [3, 4])
        #expect(split.test == [5])
        #expect(split.immature == [6])
    }

    @Test func aLabelThatEndsAtTheTestCutoffMayTrain() throws {
        let touching = [
            TimeSplit.Cutoff(instant: 0, labelEnd: 100, isMature: true),
            TimeSplit.Cutoff(instant: 100, labelEnd: 200, isMature: true),
        ]
        #expect(try TimeSplit(cutoffs: touching).train == [0])
        let overlapping = [
            TimeSplit.Cutoff(instant: 0, labelEnd: 101, isMature: true),
            TimeSplit.Cutoff(instant: 100, labelEnd: 200, isMature: true),
        ]
        #expect(throws: EvaluationError.noTrainingCutoff(firstTest: 100, purged: 1)) {
            try TimeSplit(cutoffs: overlapping)
        }
    }

    @Test func testsAllMatureCutoffsFromAnInstantOn() throws {
        let day: Int64 = 86_400_000_000
        let all = cutoffs([0, 30, 60, 90, 120], horizon: 30, observedUntil: 120)
        let split = try TimeSplit(cutoffs: all, firstTest: 55 * day)
        #expect(split.test == [2, 3])
        #expect(split.train == [0, 1])
        #expect(split.immature == [4])
        // The bound is inclusive, and labels are measured against the first cutoff tested, not against the bound.
        #expect(try TimeSplit(cutoffs: all, firstTest: 60 * day) == split)
        #expect(try TimeSplit(cutoffs: all, firstTest: 31 * day) == split)
    }

    @Test func needsAMatureCutoffToTestAndOneToTrain() {
        let all = cutoffs([0, 30, 60], horizon: 30, observedUntil: 100)
        #expect(throws: EvaluationError.noMatureCutoff(cutoffs: 3)) {
            try TimeSplit(cutoffs: cutoffs([0, 30, 60], horizon: 30, observedUntil: 10))
        }
        #expect(throws: EvaluationError.noMatureCutoff(cutoffs: 0)) { try TimeSplit(cutoffs: []) }
        #expect(throws: EvaluationError.noTestCutoff(firstTest: .max)) {
            try TimeSplit(cutoffs: all, firstTest: .max)
        }
        #expect(throws: EvaluationError.noTrainingCutoff(firstTest: 0, purged: 0)) {
            try TimeSplit(cutoffs: all, firstTest: .min)
        }
    }

    @Test func refusesCutoffsThatAreNotInOrder() {
        let twice = TimeSplit.Cutoff(instant: 5, labelEnd: 9, isMature: true)
        #expect(throws: EvaluationError.cutoffsNotAscending(index: 1, got: 5, previous: 5)) {
            try TimeSplit(cutoffs: [twice, twice])
        }
        #expect(throws: EvaluationError.labelEndsBeforeCutoff(index: 0, labelEnd: 4, instant: 5)) {
            try TimeSplit.everythingTrains([TimeSplit.Cutoff(instant: 5, labelEnd: 4, isMature: true)])
        }
    }

    @Test func everythingTrainsTestsNothing() throws {
        let split = try TimeSplit.everythingTrains(cutoffs([0, 30, 60], horizon: 30, observedUntil: 60))
        #expect(split.train == [0, 1] && split.immature == [2])
        #expect(split.test.isEmpty && split.purged.isEmpty)
        #expect(throws: EvaluationError.noMatureCutoff(cutoffs: 1)) {
            try TimeSplit.everythingTrains(cutoffs([0], horizon: 30, observedUntil: 29))
        }
    }

    /// On random cutoffs: every one in exactly one list, no label of a training cutoff reaches into the test, nothing
    /// immature is used, and nothing is purged without need.
    @Test func noTrainingLabelReachesIntoTheTest() throws {
        var stream = RandomStream(seed: 17, purpose: "cutoffs")
        var splits = 0
        for _ in 0..<500 {
            var instant: Int64 = -50
            var all: [TimeSplit.Cutoff] = []
            for _ in 0..<(1 + stream.below(12)) {
                instant += 1 + Int64(stream.below(20))
                let labelEnd = instant + Int64(stream.below(40))
                all.append(TimeSplit.Cutoff(instant: instant, labelEnd: labelEnd, isMature: stream.bernoulli(0.8)))
            }
            let firstTest = stream.bernoulli(0.5) ? Int64(stream.below(120)) - 50 : nil
            guard let split = try? TimeSplit(cutoffs: all, firstTest: firstTest) else { continue }
            splits += 1
            let testStart = try #require(split.test.map { all[$0].instant }.min())
            #expect((split.train + split.test + split.purged + split.immature).sorted() == Array(all.indices))
            #expect(split.train.allSatisfy { all[$0].isMature && all[$0].labelEnd <= testStart })
            #expect(split.test.allSatisfy { all[$0].isMature && all[$0].instant >= firstTest ?? .min })
            #expect(split.purged.allSatisfy { all[$0].isMature && all[$0].labelEnd > testStart })
            #expect(split.immature.allSatisfy { !all[$0].isMature })
        }
        #expect(splits > 100)
    }
}

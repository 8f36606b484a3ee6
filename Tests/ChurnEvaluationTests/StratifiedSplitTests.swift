import ChurnEvaluation
import ChurnNumerics
import Testing

@Suite struct StratifiedSplitTests {
    private func labels(negatives: Int, positives: Int, seed: UInt64 = 1) -> [Bool] {
        var stream = RandomStream(seed: seed, purpose: "labels")
        return stream.permutation(negatives + positives).map { $0 < positives }
    }

    @Test(arguments: [
        (share: 0.25, negatives: 100, positives: 30, testNegatives: 25, testPositives: 8),
        (share: 0.5, negatives: 5, positives: 3, testNegatives: 3, testPositives: 2),
        (share: 0.001, negatives: 100, positives: 2, testNegatives: 1, testPositives: 1),
        (share: 0.999, negatives: 100, positives: 2, testNegatives: 99, testPositives: 1),
        (share: 0.5, negatives: 10, positives: 1, testNegatives: 5, testPositives: 0),
        (share: 0.5, negatives: 4, positives: 0, testNegatives: 2, testPositives: 0),
        (share: 0, negatives: 10, positives: 5, testNegatives: 0, testPositives: 0),
        (share: 0.3, negatives: 0, positives: 0, testNegatives: 0, testPositives: 0),
    ])
    func eachClassGivesItsShare(
        share: Double,
        negatives: Int,
        positives: Int,
        testNegatives: Int,
        testPositives: Int
    ) throws {
        let labels = labels(negatives: negatives, positives: positives)
        let split = try StratifiedSplit(labels: labels, testShare: share, seed: 9)
        #expect(split.test.filter { labels[$0] }.count == testPositives)
        #expect(split.test.filter { !labels[$0] }.count == testNegatives)
        #expect((split.train + split.test).sorted() == Array(labels.indices))
        #expect(split.train == split.train.sorted() && split.test == split.test.sorted())
    }

    @Test func theSameSeedGivesTheSameSplitAndAnotherAnother() throws {
        let labels = labels(negatives: 300, positives: 100)
        let first = try StratifiedSplit(labels: labels, testShare: 0.2, seed: 42)
        #expect(first == (try StratifiedSplit(labels: labels, testShare: 0.2, seed: 42)))
        #expect(first != (try StratifiedSplit(labels: labels, testShare: 0.2, seed: 43)))
    }

    /// A split that was once made stays: models that were validated on it can be compared for ever.
    @Test func aStoredSplitStays() throws {
        let labels = (0..<20).map { $0 % 4 == 0 }
        #expect(try StratifiedSplit(labels: labels, testShare: 0.3, seed: 1).test == [1, 4, 5, 9, 10, 11, 12])
    }

    @Test func everyRowCanBeTested() throws {
        let labels = labels(negatives: 12, positives: 6)
        var tested = Set<Int>()
        for seed in UInt64(0)..<60 {
            tested.formUnion(try StratifiedSplit(labels: labels, testShare: 0.3, seed: seed).test)
        }
        #expect(tested.count == 18)
    }

    @Test(arguments: [-0.1, 1, 1.5, .infinity])
    func refusesSharesOutsideTheRange(share: Double) {
        #expect(throws: EvaluationError.invalidTestShare(got: share)) {
            try StratifiedSplit(labels: [true, false], testShare: share, seed: 1)
        }
    }

    @Test func refusesAShareThatIsNaN() {
        #expect(throws: EvaluationError.self) {
            try StratifiedSplit(labels: [true, false], testShare: .nan, seed: 1)
        }
    }
}

import ChurnNumerics
import Testing

@Suite struct EvenSampleTests {
    @Test(arguments: [(0, 0), (1, 1), (10, 3), (1000, 999), (5, 0), (100_000, 777)])
    func onePlaceIsDrawnFromEachRun(count: Int, runs: Int) {
        let places = EvenSample.places(of: count, runs: runs, seed: 5, purpose: "test")
        let isInItsRun = places.enumerated().allSatisfy { run, place in
            place >= run * count / runs && place < (run + 1) * count / runs
        }
        #expect(places.count == runs && isInItsRun)
    }

    /// What comes back at the distance of the runs is met as often as chance has it.
    @Test func nothingRegularIsPassedOverOrTakenForAll() {
        for distance in [2, 10, 64] {
            let places = EvenSample.rows(of: 100_000 * distance, most: 100_000)
            let hits = places.count { $0 % distance == 0 }
            let expected = 100_000 / Double(distance)
            #expect(abs(Double(hits) - expected) < 5 * expected.squareRoot(), "\(distance)")
        }
    }

    @Test func eachClassHasItsOwnBound() {
        let labels = (0..<10_000).map { $0 % 100 == 7 }
        let rows = EvenSample.rows(labels: labels, mostOfEach: 500)
        #expect(rows.count { labels[$0] } == 100 && rows.count { !labels[$0] } == 500)
        #expect(rows == rows.sorted() && Set(rows).count == 600)
        #expect(EvenSample.rows(labels: labels, mostOfEach: 10_000) == Array(0..<10_000))
        #expect(EvenSample.rows(labels: [], mostOfEach: 3) == [])
    }
}

import Synchronization
import Testing

@testable import ChurnNumerics

@Suite struct ParallelTests {
    @Test(arguments: [1, 2, 3, 8, 100]) func mapKeepsTheOrder(threads: Int) {
        for count in [0, 1, 2, 7, 1000] {
            #expect(Parallel.map(count, threads: threads) { $0 * $0 } == (0..<count).map { $0 * $0 })
        }
    }

    @Test func mapHandsOverReferencesIntact() {
        let texts = Parallel.map(500, threads: 4) { "part number \($0), long enough to live on the heap" }
        #expect(texts == (0..<500).map { "part number \($0), long enough to live on the heap" })
    }

    @Test(arguments: [1, 2, 3, 8]) func everyPartRunsOnce(threads: Int) {
        let runs = Mutex([Int](repeating: 0, count: 333))
        Parallel.forEach(333, threads: threads) { part in runs.withLock { $0[part] += 1 } }
        #expect(runs.withLock { $0 } == [Int](repeating: 1, count: 333))
    }
}

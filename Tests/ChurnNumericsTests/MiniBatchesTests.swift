import ChurnNumerics
import Testing

@Suite struct MiniBatchesTests {
    /// Row i holds i and i squared.
    private static func design(_ rows: Int) throws -> Matrix {
        try Matrix(
            rowCount: rows,
            columnCount: 2,
            elements: (0..<rows).map(Double.init) + (0..<rows).map { Double($0 * $0) }
        )
    }

    private static func order(_ rows: Int, batch: Int, seed: UInt64 = 1, epoch: Int = 0, threads: Int = 1) throws
        -> [[Int]]
    {
        var order: [[Int]] = []
        var isRight = true
        MiniBatches(try design(rows), batchRows: batch, seed: seed, threads: threads).forEach(epoch: epoch) { batch in
            var numbers: [Int] = []
            for part in batch.parts {
                for row in 0..<part.rows.count {
                    let number = part.rows.lowerBound + row
                    numbers.append(number)
                    isRight = isRight && part.column(0)[row] == Double(number)
                    isRight = isRight && part.column(1)[row] == Double(number * number)
                }
            }
            isRight = isRight && numbers.count == batch.rowCount
            order.append(numbers)
            return true
        }
        #expect(isRight)
        return order
    }

    @Test(arguments: [1, 31, 32, 255, 256, 257, 2047, 2049, 20_001, 140_000], [1, 100, 256, 3000])
    func anEpochHasEachRowOnce(rows: Int, batch: Int) throws {
        let order = try Self.order(rows, batch: batch)
        #expect(order.flatMap(\.self).sorted() == Array(0..<rows))
        #expect(order.allSatisfy { !$0.isEmpty && $0.count <= (batch + 7) / 8 * 8 })
    }

    @Test func theOrderDependsOnSeedAndEpochAndNotOnThreads() throws {
        let order = try Self.order(50_000, batch: 256)
        #expect(try Self.order(50_000, batch: 256, threads: 3) == order)
        #expect(try Self.order(50_000, batch: 256, epoch: 1) != order)
        #expect(try Self.order(50_000, batch: 256, seed: 2) != order)
    }

    @Test func batchesAreMixedFromAllOverTheTable() throws {
        for batch in try Self.order(200_000, batch: 256) {
            #expect((batch.max() ?? 0) - (batch.min() ?? 0) > 20_000)
        }
    }

    @Test func itStopsWhenItIsTold() throws {
        var count = 0
        MiniBatches(try Self.design(50_000), batchRows: 256, seed: 1, threads: 2).forEach(epoch: 0) { _ in
            count += 1
            return count < 7
        }
        #expect(count == 7)
    }
}

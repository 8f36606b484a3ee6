import Synchronization
import Testing

@testable import ChurnNumerics

/// Reading columns without holding them.
@Suite struct NumericColumnTests {
    private static let values = (0..<5000).map { Double($0 * 7 % 1009) }

    @Test(arguments: [
        [], [0], [4999], Array(0..<5000), [0, 1023, 1024, 1025, 4999], Array(stride(from: 3, to: 5000, by: 7)),
    ])
    func gatheredNumbersAreThoseOfTheRows(rows: [Int]) {
        #expect(NumericColumn(Self.values).gathering(rows: rows) == rows.map { Self.values[$0] })
    }

    @Test func tilesAreAllNumbersInOrder() {
        var seen: [Double] = []
        NumericColumn(Self.values).forEachTile { first, tile in
            #expect(first == seen.count)
            seen += tile
        }
        #expect(seen == Self.values)
    }

    /// Each read is 64 KiB at least: what the system maps at once.
    @Test(arguments: [(0, 500), (2 << 20, 15), (64 << 20, 0)]) func pagesAreGivenBackBeyondTheLimit(
        limit: Int,
        times: Int
    ) {
        let released = Atomic<Int>(0)
        withExtendedLifetime(Self.values) {
            Self.values.withUnsafeBufferPointer { buffer in
                let pages = ResidentPages(limit: limit) { released.wrappingAdd(1, ordering: .relaxed) }
                let column = NumericColumn(pieces: [.init(buffer, owner: Self.values)], pages: pages)
                for _ in 0..<200 { #expect(column.array.count == 5000) }
                let chosen = column.selecting(rows: Array(1000..<4000))
                for row in 0..<300 { #expect(chosen[row] == Self.values[1000 + row]) }
            }
        }
        #expect(released.load(ordering: .relaxed) == times)
    }
}

import Synchronization
import Testing

@testable import ChurnNumerics

/// Reading columns without holding them.
@Suite struct NumericColumnTests {
    private static let values = (0..<5000).map { Double($0 * 7 % 1009) }

    @Test(arguments: [1, 2, 3, 64, 1023, 1024, 4999, 6000]) func everySoManiethIsThatOfTheArray(step: Int) {
        let expected = stride(from: 0, to: Self.values.count, by: step).map { Self.values[$0] }
        #expect(NumericColumn(Self.values).strided(by: step) == expected)
        #expect(NumericColumn([]).strided(by: step) == [])
    }

    @Test func tilesAreAllNumbersInOrder() {
        var seen: [Double] = []
        NumericColumn(Self.values).forEachTile { first, tile in
            #expect(first == seen.count)
            seen += tile
        }
        #expect(seen == Self.values)
    }

    /// With no room at all, pages are given back every so many reads, and never where there is room for all.
    @Test(arguments: [(0, true), (Int.max / 2, false)]) func pagesAreGivenBackBeyondTheLimit(
        limit: Int,
        isBounded: Bool
    ) {
        let released = Atomic<Int>(0)
        withExtendedLifetime(Self.values) {
            Self.values.withUnsafeBufferPointer { buffer in
                // What was there before counts for nothing, so that a limit below nothing is always passed.
                let pages = ResidentPages(limit: limit - (isBounded ? 1 << 40 : 0)) {
                    released.wrappingAdd(1, ordering: .relaxed)
                }
                let column = NumericColumn(pieces: [.init(buffer, owner: Self.values)], pages: pages)
                for _ in 0..<200 { #expect(column.array.count == 5000) }
                let chosen = column.selecting(rows: Array(1000..<4000))
                for row in 0..<300 { #expect(chosen[row] == Self.values[1000 + row]) }
            }
        }
        let count = released.load(ordering: .relaxed)
        #expect(isBounded ? count >= 3 : count == 0)
    }
}

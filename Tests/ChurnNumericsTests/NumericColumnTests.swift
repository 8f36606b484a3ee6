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

    /// Long runs stay where they are, of an array, of a column of a matrix, and of runs again.
    @Test(arguments: [
        Array(0..<2000), Array(1000..<3000) + Array(4000..<5000), Array(4000..<5000) + Array(0..<700), [7, 3, 4999], [],
    ])
    func selectedNumbersAreThoseOfTheRows(rows: [Int]) throws {
        let expected = rows.map { Self.values[$0] }
        let column = NumericColumn(Self.values)
        let matrix = try Matrix(
            rowCount: 5000,
            columnCount: 2,
            elements: [Double](repeating: 0, count: 5000) + Self.values
        )
        for selected in [column.selecting(rows: rows), NumericColumn(matrix, column: 1).selecting(rows: rows)] {
            #expect(selected.array == expected && selected.count == rows.count)
            #expect(selected.indices.map { selected[$0] } == expected)
            var part = [Double](repeating: 0, count: max(0, rows.count - 20))
            if rows.count > 20 { selected.copy(rows: 10..<rows.count - 10, to: &part) }
            #expect(part == Array(expected.dropFirst(rows.count > 20 ? 10 : rows.count).dropLast(10)))
            let again = Array(stride(from: 0, to: rows.count, by: 3))
            #expect(selected.selecting(rows: again).array == again.map { expected[$0] })
            let half = Array(rows.indices.prefix(rows.count / 2))
            #expect(selected.selecting(rows: half).array == Array(expected.prefix(rows.count / 2)))
        }
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

/// Rows cut into tiles that stay in the first-level cache, for work on each row alone.
public struct RowTiles: Sendable {
    /// Doubles of a few columns of a tile take 16 KiB.
    public static let rows = 1024

    private let rowCount: Int
    /// Tiles that a thread takes at once.
    private static let tilesPerPart = 16

    public init(rowCount: Int) {
        self.rowCount = rowCount
    }

    /// Calls `body` once for each tile.
    /// - Parameters:
    ///   - threads: positive.
    ///   - body: runs on several threads.
    public func forEach(threads: Int, _ body: @Sendable (Range<Int>) -> Void) {
        let part = Self.rows * Self.tilesPerPart
        Parallel.forEach((rowCount + part - 1) / part, threads: threads) { number in
            let end = min(rowCount, (number + 1) * part)
            for first in stride(from: number * part, to: end, by: Self.rows) {
                body(first..<min(end, first + Self.rows))
            }
        }
    }
}

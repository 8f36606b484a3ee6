/// Columns of a record batch seen as one column-major matrix in the file's own memory, which lives as long as this.
public struct ArrowMatrixBlock<Element: BitwiseCopyable & Sendable>: Sendable {
    /// Starts at the matrix's first element; the other columns lie behind it in the same storage.
    private let origin: ByteRegion
    public let rowCount: Int
    public let columnCount: Int
    /// Elements from one column's first value to the next one's; not below `rowCount`, nor below 1.
    public let leadingDimension: Int

    init(origin: ByteRegion, rowCount: Int, columnCount: Int, leadingDimension: Int) {
        self.origin = origin
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.leadingDimension = leadingDimension
    }

    /// Calls `body` with the matrix: element (i, j) is at `j * leadingDimension + i`. The last column ends after its
    /// `rowCount` elements, without padding.
    ///
    /// The pointer stays valid as long as this block, or any other reference to the file, lives.
    public func withUnsafeBufferPointer<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<Element>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { extendLifetime(origin.storage) }
        let count = rowCount == 0 ? 0 : (columnCount - 1) * leadingDimension + rowCount
        let start = (origin.storage.base + origin.offset).assumingMemoryBound(to: Element.self)
        return try body(UnsafeBufferPointer(start: start, count: count))
    }
}

/// A dense matrix of doubles in one flat buffer, column after column.
///
/// Element (row, column) stands at `column * rowCount + row`. A column is contiguous, so that a feature can be scaled,
/// summed or read as one buffer, and a run of rows is a `MatrixBlock` that BLAS takes as it is.
public struct Matrix: Sendable, Equatable {
    public let rowCount: Int
    public let columnCount: Int
    /// The elements, `rowCount * columnCount` of them, column-major.
    public private(set) var elements: [Double]

    /// A matrix of zeros. Neither count may be negative.
    public init(rowCount: Int, columnCount: Int) {
        precondition(rowCount >= 0 && columnCount >= 0, "counts must not be negative")
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.elements = [Double](repeating: 0, count: rowCount * columnCount)
    }

    /// A matrix of the given elements, column-major.
    /// - Throws: `NumericsError.shapeMismatch` when there are not `rowCount * columnCount` of them.
    public init(rowCount: Int, columnCount: Int, elements: [Double]) throws(NumericsError) {
        guard rowCount >= 0, columnCount >= 0, elements.count == rowCount * columnCount else {
            throw .shapeMismatch(what: "elements", expected: rowCount * columnCount, got: elements.count)
        }
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.elements = elements
    }

    public subscript(row: Int, column: Int) -> Double {
        get {
            precondition(row >= 0 && row < rowCount && column >= 0 && column < columnCount, "index out of bounds")
            return elements[column * rowCount + row]
        }
        set {
            precondition(row >= 0 && row < rowCount && column >= 0 && column < columnCount, "index out of bounds")
            elements[column * rowCount + row] = newValue
        }
    }

    /// Calls `body` with the whole matrix as a block; the block is valid only inside.
    public func withBlock<Result, Failure: Error>(
        _ body: (MatrixBlock) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try elements.withUnsafeBufferPointer { (buffer) throws(Failure) -> Result in
            try body(
                MatrixBlock(
                    base: buffer.baseAddress ?? MatrixBlock.empty,
                    rowCount: rowCount,
                    columnCount: columnCount,
                    leadingDimension: max(rowCount, 1)
                )
            )
        }
    }

    /// Calls `body` with the elements, column-major, to change them in place.
    public mutating func withMutableElements<Result, Failure: Error>(
        _ body: (UnsafeMutableBufferPointer<Double>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try elements.withUnsafeMutableBufferPointer { (buffer) throws(Failure) -> Result in try body(buffer) }
    }
}

/// A view of a column-major matrix in memory that somebody else keeps: a `Matrix`, or a record batch of a mapped file.
///
/// Element (row, column) stands at `base[column * leadingDimension + row]`. Valid only as long as the memory is.
public struct MatrixBlock: @unchecked Sendable {
    public let base: UnsafePointer<Double>
    public let rowCount: Int
    public let columnCount: Int
    /// Distance between the starts of neighbouring columns, in elements; at least `rowCount`.
    public let leadingDimension: Int

    public init(base: UnsafePointer<Double>, rowCount: Int, columnCount: Int, leadingDimension: Int) {
        precondition(leadingDimension >= rowCount, "columns must not overlap")
        self.base = base
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.leadingDimension = leadingDimension
    }

    /// A column's elements, contiguous.
    @inline(__always)
    public func column(_ column: Int) -> UnsafePointer<Double> {
        base + column * leadingDimension
    }

    /// What an empty matrix points at; never read.
    nonisolated(unsafe) static let empty = UnsafePointer(UnsafeMutablePointer<Double>.allocate(capacity: 1))
}

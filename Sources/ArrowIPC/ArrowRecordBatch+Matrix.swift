extension ArrowRecordBatch {
    /// Contiguous float64 columns as the column-major matrix that they are in the file, without a copy.
    ///
    /// - Parameter columns: positions in the schema.
    /// - Returns: nil when the range is empty, a column is not float64, has nulls, is not aligned to 8 bytes, or the
    ///   columns are not at equal distances. `ArrowFileWriter` guarantees all but the first three; of other writers'
    ///   files it is often true too.
    /// - Throws: `noSuchColumn`; `nullCountMismatch` when a validity bitmap contradicts its null count.
    public func float64Block(columns: Range<Int>) throws(ArrowError) -> ArrowMatrixBlock<Double>? {
        try block(columns: columns, type: .float64)
    }

    /// As `float64Block(columns:)`, for float32 columns and 4 bytes.
    public func float32Block(columns: Range<Int>) throws(ArrowError) -> ArrowMatrixBlock<Float>? {
        try block(columns: columns, type: .float32)
    }

    private func block<Element: BitwiseCopyable & Sendable>(
        columns: Range<Int>,
        type: ArrowType
    ) throws(ArrowError) -> ArrowMatrixBlock<Element>? {
        guard 0 <= columns.lowerBound, columns.upperBound <= arrays.count else {
            throw .noSuchColumn(
                got: columns.lowerBound < 0 ? columns.lowerBound : columns.upperBound - 1,
                count: arrays.count
            )
        }
        guard let first = columns.first else { return nil }
        let origin = arrays[first].values
        let width = MemoryLayout<Element>.stride
        let stride = columns.count > 1 ? arrays[first + 1].values.offset - origin.offset : rowCount * width
        guard origin.isAligned(to: width), stride >= rowCount * width, stride % width == 0 else { return nil }
        for column in columns {
            guard schema.fields[column].type == type,
                column == first || arrays[column].values.offset - arrays[column - 1].values.offset == stride,
                try !hasNulls(column)
            else { return nil }
        }
        return ArrowMatrixBlock(
            origin: origin,
            rowCount: rowCount,
            columnCount: columns.count,
            leadingDimension: max(1, stride / width)
        )
    }

    private func hasNulls(_ column: Int) throws(ArrowError) -> Bool {
        let place = ArrowPlace(column: schema.fields[column].name, batch: index)
        return try arrays[column].checkedValidity(place) != nil
    }
}

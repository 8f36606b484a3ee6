import ArrowIPC
import ChurnNumerics

extension NumericColumn {
    /// A column of an Arrow file where it stands in the mapped file, without a copy.
    /// - Parameters:
    ///   - column: position in the schema; float64 or float32.
    ///   - pages: of the file; `nil` where their number has no bound.
    /// - Returns: `nil` where the column has another type, nulls, or numbers that are not aligned.
    public init?(_ file: ArrowFile, column: Int, pages: ResidentPages? = nil) throws(ArrowError) {
        guard file.schema.fields.indices.contains(column) else { return nil }
        let type = file.schema.fields[column].type
        guard type == .float64 || type == .float32 else { return nil }
        var pieces: [Piece] = []
        for number in 0..<file.batchCount {
            let batch = try file.batch(number)
            if batch.rowCount == 0 { continue }
            if type == .float64 {
                guard let block = try batch.float64Block(columns: column..<column + 1) else { return nil }
                pieces.append(block.withUnsafeBufferPointer { Piece($0, owner: block) })
            } else {
                guard let block = try batch.float32Block(columns: column..<column + 1) else { return nil }
                pieces.append(block.withUnsafeBufferPointer { Piece($0, owner: block) })
            }
        }
        self.init(pieces: pieces, pages: pages)
    }

    /// A column of an Arrow file where it stands, or a copy where that cannot be.
    /// - Throws: `ArrowError` for a column without numbers, or with nulls.
    init(copying file: ArrowFile, column: Int, pages: ResidentPages?) throws(ArrowError) {
        if let mapped = try NumericColumn(file, column: column, pages: pages) {
            self = mapped
            return
        }
        var values: [Double] = []
        values.reserveCapacity(file.rowCount)
        for number in 0..<file.batchCount { values += try file.batch(number).array(column).doubles() }
        self.init(values)
    }
}

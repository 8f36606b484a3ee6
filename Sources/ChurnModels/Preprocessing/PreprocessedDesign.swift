import ChurnNumerics

/// The design matrix of a table's rows, of which nothing is kept: each column is encoded, centred and scaled as it is read.
public struct PreprocessedDesign: ColumnarDesign {
    private let encoded: [EncodedColumn]
    private let interactions: [Interaction]
    let columns: [Preprocessing.DesignColumn]
    public let rowCount: Int

    init(
        _ encoded: [EncodedColumn],
        interactions: [Interaction],
        columns: [Preprocessing.DesignColumn],
        rowCount: Int
    ) {
        self.encoded = encoded
        self.interactions = interactions
        self.columns = columns
        self.rowCount = rowCount
    }

    public var columnCount: Int { columns.count }

    public func copy(column: Int, rows: Range<Int>, to target: UnsafeMutablePointer<Double>) {
        let column = columns[column]
        copyRaw(column.source, column.position, rows: rows, to: target)
        let mean = column.mean
        let scale = 1 / column.standardDeviation
        for row in 0..<rows.count {
            let value = (target[row] - mean) * scale
            target[row] = target[row].isNaN ? 0 : value
        }
    }

    /// A column before scaling.
    /// - Parameter source: of an encoding, or behind them of an interaction.
    func copyRaw(_ source: Int, _ position: Int, rows: Range<Int>, to target: UnsafeMutablePointer<Double>) {
        if source < encoded.count {
            encoded[source].copy(position, rows: rows, to: target)
            return
        }
        let interaction = interactions[source - encoded.count]
        let (left, right) = position.quotientAndRemainder(dividingBy: interaction.rightMeans.count)
        encoded[interaction.left].copy(left, rows: rows, to: target)
        withUnsafeTemporaryAllocation(of: Double.self, capacity: rows.count) { scratch in
            guard let other = scratch.baseAddress else { return }
            encoded[interaction.right].copy(right, rows: rows, to: other)
            let leftMean = interaction.leftMeans[left]
            let rightMean = interaction.rightMeans[right]
            for row in 0..<rows.count { target[row] = (target[row] - leftMean) * (other[row] - rightMean) }
        }
    }

    /// - Throws: `notFinite` at the first value that is not finite, in column order.
    func requireFinite() throws(ModelError) {
        for (number, column) in columns.enumerated() {
            let values = self.column(number)
            if let row = values.firstIndex(where: { !$0.isFinite }) {
                var raw = 0.0
                copyRaw(column.source, column.position, rows: row..<row + 1, to: &raw)
                throw .notFinite(row: row, column: column.name, value: raw)
            }
        }
    }
}

import ChurnNumerics

/// The design matrix of a table's rows, of which nothing is kept: each column is encoded, centred and scaled as it is read.
public struct PreprocessedDesign: ColumnarDesign {
    private let encoded: [EncodedColumn]
    private let interactions: [Interaction]
    let columns: [Preprocessing.DesignColumn]
    public let rowCount: Int
    /// By column, its numbers where filling in and scaling is all that is done to them.
    private let plainNumbers: [NumericColumn?]

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
        plainNumbers = columns.map { column in
            column.source < encoded.count && column.position == 0 ? encoded[column.source].plainNumbers : nil
        }
    }

    public var columnCount: Int { columns.count }

    public func copy(column: Int, rows: Range<Int>, to target: UnsafeMutablePointer<Double>) {
        copyRaw(columns[column].source, columns[column].position, rows: rows, to: target)
        scale(column, target, count: rows.count)
    }

    public func copy(
        columns numbers: Range<Int>,
        rows: Range<Int>,
        to target: UnsafeMutablePointer<Double>,
        leadingDimension: Int
    ) {
        var next = numbers.lowerBound
        while next < numbers.upperBound {
            let place = target + (next - numbers.lowerBound) * leadingDimension
            let plain = plainNumbers[next..<numbers.upperBound].prefix { $0 != nil }.prefix(4).compactMap(\.self)
            if plain.isEmpty {
                copy(column: next, rows: rows, to: place)
                next += 1
                continue
            }
            NumericColumn.copy(plain[...], rows: rows, to: place, leadingDimension: leadingDimension)
            for offset in plain.indices {
                let values = place + offset * leadingDimension
                let column = columns[next + offset]
                // Filling in and scaling in one go: what scoring does most.
                let fill = encoded[column.source].fill
                let mean = column.mean
                let scale = 1 / column.standardDeviation
                for row in 0..<rows.count {
                    let value = values[row]
                    values[row] = ((value == value ? value : fill) - mean) * scale
                }
            }
            next += plain.count
        }
    }

    private func scale(_ column: Int, _ values: UnsafeMutablePointer<Double>, count: Int) {
        let mean = columns[column].mean
        let scale = 1 / columns[column].standardDeviation
        for row in 0..<count {
            let value = (values[row] - mean) * scale
            values[row] = values[row].isNaN ? 0 : value
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
                throw .notFinite(row: row, column: column.name, value: rawValue(row: row, column: number))
            }
        }
    }

    /// An element before scaling.
    func rawValue(row: Int, column: Int) -> Double {
        var raw = 0.0
        copyRaw(columns[column].source, columns[column].position, rows: row..<row + 1, to: &raw)
        return raw
    }
}
